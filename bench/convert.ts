import { readdir, rm, mkdtemp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { SampleLayout } from '../samples/make-sample.ts';
import { measureCommand, type Cost } from './command.ts';
import { checkMadeTiles } from './correct-levels.ts';
import type { BenchOptions } from './options.ts';
import { missingOf } from './peers/peer.ts';
import type { Findings, Row, Target } from './result.ts';
import { inTurn, spreadOf } from './runs.ts';
import { fetchBytes, ourEnvironment, serveFiles, slideJson } from './service.ts';
import { dzsaveArgs, quality, sampleSize, sampleSlide } from './slides.ts';

const makeLevels = fileURLToPath(new URL('make-levels.ts', import.meta.url));
const MiB = 2 ** 20;
/** Of the gate's slides: a second or two for each run. */
const shortSize = { width: 12_288, height: 8192 };

/** What making a pyramid cost, and what it left. */
interface Made extends Cost {
  readonly bytes: number;
  /** Of these, our index. */
  readonly indexBytes: number;
  readonly objects: number;
  /** Until its structure was read and its index published; the peer has none. */
  readonly indexSeconds: number;
  /** Where it lies until it was looked at. */
  readonly folder: string;
}

/** From a file to a slide: until it can be viewed, until all its levels are made; against `vips dzsave`. */
export async function benchConvert(options: BenchOptions): Promise<Findings> {
  const missing = missingOf('vips dzsave', [{ program: 'vips', package: 'libvips-tools' }]);
  if (missing.length > 0) return { rows: [], curves: [], checks: [], notes: [], missing };
  const size = options.isShort === true ? shortSize : sampleSize(options);
  const slide = options.slide ?? (await sampleSlide(options, 'svs', size));
  const checks: string[] = [];
  const rows = await jpegRows(options, slide, checks);
  const layouts: SampleLayout[] = options.slide === undefined ? ['strips', 'deflate'] : [];
  for (const layout of layouts) {
    const file = await sampleSlide(options, layout, size);
    rows.push(...(await conversionRows(options, layout, file, checks)));
  }
  if (options.slide === undefined && !options.isQuick) rows.push(await giant(options));
  return { rows, curves: [], checks, missing: [], notes: [...notes] };
}

const notes = [
  `vips dzsave reads the same file, in the tile size, without overlap, in the quality that we use (${quality}).`,
  'Resident memory is the sum over a process and all below it; libvips counts the pages of the file it maps.',
  'Time to viewable counts in a service that runs; its own start, with the slide, is a row of its own.',
];

/** A slide of JPEG tiles in steps of 4: viewable from its index alone, complete with the levels between. */
async function jpegRows(options: BenchOptions, slide: string, checks: string[]): Promise<Row[]> {
  process.stdout.write('  viewable, and all 2× levels made\n');
  const found = await inTurn(options.rounds, {
    ours: () => ourLevels(options, slide),
    dzsave: () => dzsave(options, slide),
  });
  const starts: { start: number; first: number }[] = [];
  for (let round = 0; round < options.rounds; round += 1) starts.push(await timeToViewable(options, slide));
  checks.push(await checkMadeTiles(slide, last(found.ours).folder, `${last(found.dzsave).folder}/dz_files`));
  const dzsaves = await emptied(found.dzsave);
  const ours = await emptied(found.ours);
  const original = (await stat(slide)).size;
  return [
    {
      ...row('convert.viewable', 'time to viewable, JPEG tiles', 's', { of: 'ratio', atMost: 0.01 }),
      ours: {
        name: 'Telepath',
        spread: spreadOf(starts.map(({ first }, i) => first + (ours[i]?.indexSeconds ?? Number.NaN))),
      },
      peer: peerOf(dzsaves, ({ seconds }) => seconds),
      note: 'reading and publishing the index, then the first thumbnail and tile of a service just started',
    },
    {
      ...row('convert.start', 'start of the service with that slide', 's'),
      ours: { name: 'Telepath', spread: spreadOf(starts.map(({ start }) => start)) },
    },
    ...costRows('convert.complete', 'time to complete, all 2× levels', ours, dzsaves, 0.4),
    {
      ...row('convert.stored', 'stored beside the original', '× original', { of: 'value', atMost: 0.02 }),
      ours: { name: 'Telepath', spread: spreadOf(ours.map(({ indexBytes }) => indexBytes / original)) },
      peer: peerOf(dzsaves, ({ bytes }) => bytes / original),
      note: 'before the 2× levels are made ahead: the index',
    },
    {
      ...row('convert.stored.ahead', 'stored, with all 2× levels made ahead', '× original'),
      ours: { name: 'Telepath', spread: spreadOf(ours.map(({ bytes }) => bytes / original)) },
      peer: peerOf(dzsaves, ({ bytes }) => bytes / original),
    },
    {
      ...row('convert.objects', 'objects beside the original', 'objects', { of: 'value', atMost: 4 }),
      ours: { name: 'Telepath', spread: spreadOf(ours.map(({ objects }) => objects)) },
      peer: peerOf(dzsaves, ({ objects }) => objects),
    },
  ];
}

/** Slides without JPEG tiles: converted as a whole. */
async function conversionRows(
  options: BenchOptions,
  layout: SampleLayout,
  slide: string,
  checks: string[],
): Promise<Row[]> {
  process.stdout.write(`  conversion of ${layout}\n`);
  const found = await inTurn(options.rounds, {
    ours: () => ourLevels(options, slide),
    dzsave: () => dzsave(options, slide),
  });
  checks.push(await checkMadeTiles(slide, last(found.ours).folder, `${last(found.dzsave).folder}/dz_files`));
  const what = layout === 'strips' ? 'conversion of LZW strips' : 'conversion of one level of deflate tiles';
  return costRows(`convert.${layout}`, what, await emptied(found.ours), await emptied(found.dzsave), 0.45);
}

/** Memory at a size at which a careless conversion would take 30 GB. */
async function giant(options: BenchOptions): Promise<Row> {
  process.stdout.write('  100,000 × 100,000 px\n');
  const slide = await sampleSlide(options, 'jpeg-one-level', { width: 100_000, height: 100_000 });
  const made = await emptied([await ourLevels(options, slide)]);
  return {
    ...row('convert.giant.memory', 'peak memory, 100,000 × 100,000 px', 'MiB', { of: 'value', atMost: 1024 }),
    ours: { name: 'Telepath', spread: spreadOf(made.map(({ peakRss }) => peakRss / MiB)) },
    note: `one level of JPEG tiles; took ${Math.round(made[0]?.seconds ?? 0)} s`,
  };
}

/** Time, CPU and memory of a conversion beside the peer's. */
function costRows(id: string, what: string, ours: Made[], dzsaves: Made[], atMost: number): Row[] {
  const pair = (of: (made: Made) => number) => ({
    ours: { name: 'Telepath', spread: spreadOf(ours.map(of)) },
    peer: peerOf(dzsaves, of),
  });
  return [
    { ...row(id, what, 's', { of: 'ratio', atMost }), ...pair(({ seconds }) => seconds) },
    { ...row(`${id}.cpu`, `${what}: CPU`, 's'), ...pair(({ cpu }) => cpu) },
    { ...row(`${id}.rss`, `${what}: peak memory`, 'MiB'), ...pair(({ peakRss }) => peakRss / MiB) },
    { ...row(`${id}.bytes`, `${what}: bytes made`, 'MiB'), ...pair(({ bytes }) => bytes / MiB) },
  ];
}

function row(id: string, what: string, unit: string, target?: Target): Omit<Row, 'ours'> {
  return { id, what, unit, ...(target === undefined ? {} : { target }) };
}

function peerOf(made: readonly Made[], of: (made: Made) => number) {
  return { name: 'vips dzsave', spread: spreadOf(made.map(of)) };
}

/** One run of ours, in a process of its own. */
async function ourLevels({ folder }: BenchOptions, slide: string): Promise<Made> {
  const out = await mkdtemp(join(folder, 'ours-'));
  // As every process of the service has it.
  const environment = { ...ourEnvironment, NODE_COMPILE_CACHE: join(folder, 'compile-cache') };
  const cost = await measureCommand(process.execPath, [makeLevels, slide, out], environment);
  const { indexed } = JSON.parse(cost.output) as { indexed: number };
  return { ...cost, ...(await sizeOf(join(out, 'objects'))), folder: out, indexSeconds: indexed / 1000 };
}

/** One run of the peer. */
async function dzsave({ folder }: BenchOptions, slide: string): Promise<Made> {
  const out = await mkdtemp(join(folder, 'dzsave-'));
  const args = await dzsaveArgs(slide);
  const cost = await measureCommand('vips', ['dzsave', slide, join(out, 'dz'), ...args]);
  return { ...cost, ...(await sizeOf(out)), folder: out, indexSeconds: 0 };
}

/** Seconds that a service takes to start with the slide, and from there to the first picture that a person sees. */
async function timeToViewable(options: BenchOptions, slide: string) {
  const service = await serveFiles(options, [slide]);
  try {
    const started = performance.now();
    const [id = ''] = service.ids;
    while ((await slideJson(service.url, id)).state.kind === 'converting') await sleep(20);
    await Promise.all(
      ['thumbnail.jpg?width=256', 'levels/0/0_0.jpg'].map((path) =>
        fetchBytes(`${service.url}/slides/${id}/${path}`),
      ),
    );
    const first = (performance.now() - started) / 1000;
    return { start: service.startSeconds, first };
  } finally {
    await service.stop();
  }
}

async function sizeOf(folder: string): Promise<Pick<Made, 'bytes' | 'indexBytes' | 'objects'>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  let bytes = 0;
  let indexBytes = 0;
  for (const { parentPath, name } of files) {
    const { size } = await stat(join(parentPath, name));
    bytes += size;
    if (name === 'index') indexBytes += size;
  }
  return { bytes, indexBytes, objects: files.length };
}

function last<T>(all: readonly T[]): T {
  const one = all.at(-1);
  if (one === undefined) throw new Error('nothing was run');
  return one;
}

/** Deletes what runs left, once it was looked at. */
async function emptied(made: Made[]): Promise<Made[]> {
  for (const { folder } of made) await rm(folder, { recursive: true, force: true });
  return made;
}
