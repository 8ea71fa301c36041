import { copyFile, link, mkdir, mkdtemp, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureCommand, startDaemon } from './command.ts';
import type { BenchOptions } from './options.ts';
import type { TileServer } from './peers/peer.ts';
import { treeRss } from './proc.ts';
import type { Curves, Findings, Row, Target } from './result.ts';
import { percentile, spreadOf } from './runs.ts';
import { cliPath, fetchBytes, ourEnvironment, serveFiles, slideJson, type OurService } from './service.ts';
import { sampleSlide } from './slides.ts';
import { runWrk, type LoadResult } from './wrk.ts';

const fillCatalogue = fileURLToPath(new URL('fill-catalogue.ts', import.meta.url));
const readers = 200;
/** Longest that a list is waited for, ms. */
const patienceMs = 120_000;

/** What was seen with so many slides in the catalogue. */
interface Seen {
  readonly slides: number;
  /** Seconds: from the start to listening, the first list, a list after that. */
  readonly start: number;
  readonly firstList: number;
  readonly list: number;
  readonly listBytes: number;
  /** ms to open a slide that nobody opened before, half of them and 95 of 100. */
  readonly open50: number;
  readonly open95: number;
  /** Of the whole service, MiB: as started, after the lists. */
  readonly memory: number;
  readonly memoryListed: number;
  /** What one more open slide takes, KiB. */
  readonly perOpenSlide: number;
}

/** How the service bears many slides and many readers. */
export async function benchScale(options: BenchOptions): Promise<Findings> {
  const slide = options.slide ?? (await sampleSlide(options, 'svs', { width: 12_288, height: 8192 }));
  const data = await mkdtemp(join(options.folder, 'scale-'));
  const env = { TELEPATH_DATA: data, TELEPATH_RENDER_AHEAD: 'false' };
  try {
    const seen: Seen[] = [];
    const notes: string[] = [];
    let load: Row[] = [];
    for (const count of options.isQuick ? [100, 1000] : [1000, 10_000, 100_000]) {
      process.stdout.write(`  ${count} slides\n`);
      const { output } = await measureCommand(process.execPath, [fillCatalogue, String(count), slide], {
        ...ourEnvironment,
        ...env,
      });
      const ids = JSON.parse(output.trim().split('\n').at(-1) ?? '[]') as string[];
      const service = await serveFiles(options, [], env);
      try {
        seen.push(await look(service, count, ids, notes));
        if (seen.length === 1) load = await readAtOnce(options, service, ids);
      } finally {
        await service.stop();
      }
    }
    const rows = [...rowsOf(seen), ...load, await importRow(options, slide), await startRow(options, env)];
    return { rows, curves: curvesOf(seen), checks: [], missing: [], notes: [...fixedNotes, ...notes] };
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

const fixedNotes = [
  'Rows, indexes and originals are one each for every slide; the bytes behind them are hard links to one file.',
  'Import in place exists for local folders only; from S3 it is not built, so that rate is not measured.',
];

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Lists and opens, in a service just started. */
async function look(
  service: OurService,
  slides: number,
  ids: readonly string[],
  notes: string[],
): Promise<Seen> {
  const { url, daemon, startSeconds } = service;
  const megabytes = () => treeRss(daemon.pid) / 2 ** 20;
  // The first ones also load and compile what opening takes.
  for (const id of ids.slice(0, 20)) await slideJson(url, id);
  const memory = megabytes();
  const opens: number[] = [];
  const opened = ids.slice(20, 20 + readers);
  for (const id of opened) opens.push(1000 * (await seconds(() => slideJson(url, id))));
  const perOpenSlide = ((megabytes() - memory) * 1024) / opened.length;
  let bytes = 0;
  const list = async () => {
    const answer = await fetch(`${url}/slides`, { signal: AbortSignal.timeout(patienceMs) });
    bytes = (await answer.arrayBuffer()).byteLength;
    if (!answer.ok) throw new Error(`the list of ${slides} slides: ${answer.status}`);
  };
  const lists: number[] = [];
  try {
    for (let i = 0; i < 4; i += 1) lists.push(await seconds(list));
  } catch (error) {
    notes.push(
      `with ${slides} slides the list was not answered within ${patienceMs / 1000} s (${String(error)})`,
    );
    lists.push(patienceMs / 1000);
  }
  const [firstList = 0, ...later] = lists;
  return {
    ...{ slides, start: startSeconds, firstList, list: percentile(later.length > 0 ? later : lists, 50) },
    ...{ listBytes: bytes, open50: percentile(opens, 50), open95: percentile(opens, 95) },
    ...{ memory, memoryListed: megabytes(), perOpenSlide },
  };
}

/** 200 readers at once, each on a slide of their own. */
async function readAtOnce(
  options: BenchOptions,
  service: OurService,
  ids: readonly string[],
): Promise<Row[]> {
  const { levels } = await slideJson(service.url, ids[0] ?? '');
  const { columns = 1, rows = 1 } = levels[0] ?? {};
  const paths = Array.from({ length: 10_000 }, (_, i) => {
    const tile = Math.floor(i / ids.length) * 7;
    return `/slides/${ids[i % ids.length]}/levels/0/${tile % columns}_${Math.floor(tile / columns) % rows}.jpg`;
  });
  const server: TileServer = {
    name: 'Telepath',
    url: service.url,
    pids: [service.daemon.pid],
    path: () => '',
    stop: service.stop,
  };
  const results: LoadResult[] = [];
  for (let round = 0; round < options.rounds; round += 1)
    results.push(await runWrk(server, { ...options, paths, connections: readers }));
  const of = (key: 'perSecond' | 'p99') => ({
    name: 'Telepath',
    spread: spreadOf(results.map((one) => one[key])),
  });
  const what = `${readers} readers at once, each on another slide`;
  return [
    { id: 'scale.readers', what, unit: 'tiles/s', ours: of('perSecond') },
    { id: 'scale.readers.p99', what: `${what}: 99 % within`, unit: 'ms', ours: of('p99') },
  ];
}

function rowsOf(seen: readonly Seen[]): Row[] {
  return seen.flatMap((one) => {
    const row = (id: string, what: string, unit: string, value: number): Row => ({
      ...{
        id: `scale.${id}.${one.slides}`,
        what: `${what}, ${one.slides.toLocaleString('en')} slides`,
        unit,
      },
      ours: { name: 'Telepath', spread: spreadOf([value]) },
    });
    return [
      row('start', 'start to listening', 's', one.start),
      row('list.first', 'first list', 's', one.firstList),
      row('list', 'list', 's', one.list),
      row('open', 'open a slide, 95 % within', 'ms', one.open95),
      row('memory', 'memory after the list', 'MiB', one.memoryListed),
      row('slide', 'memory per open slide', 'KiB', one.perOpenSlide),
    ];
  });
}

function curvesOf(seen: readonly Seen[]): Curves[] {
  const along = (name: string, of: (one: Seen) => number) => ({
    name,
    points: seen.map((one) => [one.slides, of(one)] as const),
  });
  const slides = { x: 'slides', log: ['x', 'y'] as const };
  return [
    {
      ...{ ...slides, title: 'Time by number of slides', y: 's' },
      lines: [
        along('Telepath: list', ({ list }) => list),
        along('first list', ({ firstList }) => firstList),
        along('start to listening', ({ start }) => start),
        along('open a slide', ({ open50 }) => open50 / 1000),
      ],
    },
    {
      ...{ ...slides, title: 'Memory by number of slides', y: 'MiB' },
      lines: [
        along('Telepath: after the list', ({ memoryListed }) => memoryListed),
        along('as started', ({ memory }) => memory),
        along('bytes of the list', ({ listBytes }) => listBytes / 2 ** 20),
      ],
    },
  ];
}

/** Slides a second that `telepath serve FOLDER` makes viewable. */
async function importRow(options: BenchOptions, slide: string): Promise<Row> {
  const count = options.isQuick ? 100 : 1000;
  const folder = await mkdtemp(join(options.folder, 'import-'));
  const source = join(options.folder, `import-source-${process.pid}.svs`);
  await copyFile(slide, source);
  try {
    await mkdir(join(folder, 'slides'));
    for (let i = 0; i < count; i += 1) await link(source, join(folder, 'slides', `${i}.svs`));
    const rates: number[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      const service = await serveFiles(options, [join(folder, 'slides')], {}, count);
      rates.push(count / service.indexSeconds);
      await service.stop();
    }
    const target: Target = { of: 'value', atLeast: 50 };
    const ours = { name: 'Telepath', spread: spreadOf(rates) };
    return { id: 'scale.import', what: 'import in place, from a folder', unit: 'slides/s', ours, target };
  } finally {
    await unlink(source);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds from `telepath start` with data to the first page answered. */
async function startRow(options: BenchOptions, env: Readonly<Record<string, string>>): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const started = performance.now();
    const daemon = startDaemon(process.execPath, [cliPath, 'start'], { ...ourEnvironment, ...env });
    const [, url = ''] = await daemon.printed(/ready: (http:\S+)/);
    await fetchBytes(url);
    times.push((performance.now() - started) / 1000);
    await daemon.stop();
  }
  const ours = { name: 'Telepath', spread: spreadOf(times) };
  const target: Target = { of: 'value', atMost: 2 };
  return { id: 'scale.start', what: 'npm start to first page, data there', unit: 's', ours, target };
}
