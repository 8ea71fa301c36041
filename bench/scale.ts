import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureCommand, startDaemon } from './command.ts';
import type { BenchOptions } from './options.ts';
import { Installation, sameFile } from './installation.ts';
import { tilesOf } from './peers/ours.ts';
import { curvesOf, look, rowsOf, type Seen } from './growth.ts';
import type { Findings, Row, Target } from './result.ts';
import { spreadOf } from './runs.ts';
import { cliPath, fetchBytes, slideJson, type OurService } from './service.ts';
import { sampleSlide } from './slides.ts';
import { runWrk, type LoadResult } from './wrk.ts';

const fillCatalogue = fileURLToPath(new URL('fill-catalogue.ts', import.meta.url));
const readers = 200;

/** How the service bears many slides and many readers. */
export async function benchScale(options: BenchOptions): Promise<Findings> {
  const slide = options.slide ?? (await sampleSlide(options, 'svs', { width: 12_288, height: 8192 }));
  const installation = await Installation.create(options);
  const env = installation.environment;
  try {
    const seen: Seen[] = [];
    const notes: string[] = [];
    let load: Row[] = [];
    for (const count of options.isQuick ? [100, 1000] : [1000, 10_000, 100_000]) {
      process.stdout.write(`  ${count} slides\n`);
      const { output } = await measureCommand(process.execPath, [fillCatalogue, String(count), slide], env);
      const ids = JSON.parse(output.trim().split('\n').at(-1) ?? '[]') as string[];
      const service = await installation.serve();
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
    await installation.stop();
  }
}

const fixedNotes = [
  'Rows, indexes and originals are one each for every slide; the bytes behind them are hard links to one file.',
  'Import in place: what `telepath import` says of itself; rows and a tile index for each slide are on disk then.',
  'npm start: what it runs (telepath start), from the command to the first page answered, with all of the slides above there; npm’s own start is not in it.',
];

/** 200 readers at once, each on a slide of their own. */
async function readAtOnce(
  options: BenchOptions,
  service: OurService,
  ids: readonly string[],
): Promise<Row[]> {
  const { levels } = await slideJson(service.url, ids[0] ?? '', service.headers);
  const { columns = 1, rows = 1 } = levels[0] ?? {};
  const paths = Array.from({ length: 10_000 }, (_, i) => {
    const tile = Math.floor(i / ids.length) * 7;
    return `/slides/${ids[i % ids.length]}/levels/0/${tile % columns}_${Math.floor(tile / columns) % rows}.jpg`;
  });
  const server = tilesOf(service, '');
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

/** Slides a second that `telepath import FOLDER` makes viewable, as it says itself. */
async function importRow(options: BenchOptions, slide: string): Promise<Row> {
  const count = options.isQuick ? 100 : 1000;
  const folder = await mkdtemp(join(options.folder, 'import-'));
  try {
    for (let i = 0; i < count; i += 1)
      await sameFile(i === 0 ? slide : join(folder, '0.svs'), join(folder, `${i}.svs`));
    const rates: number[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      const installation = await Installation.create(options, { TELEPATH_IMPORT_FROM: folder });
      try {
        await installation.import(folder, true); // makes the database
        rates.push((await installation.import(folder)).perSecond);
      } finally {
        await installation.stop();
      }
    }
    const target: Target = { of: 'value', atLeast: 50 };
    const ours = { name: 'Telepath', spread: spreadOf(rates) };
    return { id: 'scale.import', what: 'import in place, from a folder', unit: 'slides/s', ours, target };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds from what `npm start` runs, with data, to the first page answered. */
async function startRow(options: BenchOptions, env: Readonly<Record<string, string>>): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const started = performance.now();
    const daemon = startDaemon(process.execPath, [cliPath, 'start'], env);
    const [, url = ''] = await daemon.printed(/ready: (http:\S+)/);
    await fetchBytes(url);
    times.push((performance.now() - started) / 1000);
    await daemon.stop();
  }
  const ours = { name: 'Telepath', spread: spreadOf(times) };
  const target: Target = { of: 'value', atMost: 2 };
  return { id: 'scale.start', what: 'npm start to first page, data there', unit: 's', ours, target };
}
