import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseEnvironment, readConfig, storeSpecOf } from '../config.ts';
import { ServiceError } from '../core/errors.ts';
import type { SlideId } from '../core/slide.ts';
import { MemoryCatalogue } from '../db/memory-catalogue.ts';
import { inPlaceId } from '../ingest/intake.ts';
import { startEngine, type Engine } from '../main.ts';
import { exportDzi } from '../pyramid/export-dzi.ts';
import { exportPyramid } from '../pyramid/export-pyramid.ts';
import { exportSzi } from '../pyramid/export-szi.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { openStore } from '../storage/open.ts';
import { openFileSource } from '../storage/sources.ts';
import type { Store } from '../storage/store.ts';
import { deepZoomTilesOf } from '../tiles/exported-tiles.ts';
import type { OpenSlide } from '../tiles/library.ts';
import { readArguments, wholeNumber } from './arguments.ts';
import { showProgress } from './progress-bar.ts';

/** What a slide can be turned into. */
const formats = ['pyramid', 'dzi', 'szi'] as const;
type Format = (typeof formats)[number];

/** `telepath convert SLIDE DEST [--format pyramid|dzi|szi]`: writes a slide in another form to a folder or bucket. */
export async function convert(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, {
    format: { type: 'string', default: 'pyramid' },
    quality: { type: 'string' },
  });
  const [path, dest, ...rest] = positionals;
  if (path === undefined || dest === undefined || rest.length > 0)
    throw new ServiceError(
      'invalid',
      'convert: name a slide and where to put it: telepath convert SLIDE DEST',
    );
  const format = formats.find((one) => one === values.format);
  if (format === undefined)
    throw new ServiceError('invalid', `--format ${values.format}: choose ${formats.join(', ')}`);
  const config = readConfig(process.env);
  const quality = values.quality === undefined ? config.jpegQuality : wholeNumber('quality', values.quality);
  if (quality < 50 || quality > 100)
    throw new ServiceError('invalid', `--quality ${quality}: give a number between 50 and 100`);
  await using source = await openFileSource(resolve(path));
  const destination = await openStore(storeSpecOf(dest, parseEnvironment(process.env)));
  const folder = await mkdtemp(join(tmpdir(), 'telepath-convert-'));
  try {
    await convertIn(folder, { path: resolve(path), source, destination, format, quality });
  } finally {
    await destination.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One conversion. */
interface Conversion {
  readonly path: string;
  readonly source: ByteSource;
  readonly destination: Store;
  readonly format: Format;
  /** JPEG quality of tiles that are made. */
  readonly quality: number;
}

/** Runs an engine of its own in a temporary folder, so that nothing is imported anywhere. */
async function convertIn(folder: string, { path, source, ...to }: Conversion): Promise<void> {
  const id = await inPlaceId(path);
  const engine = await startEngine(
    {
      ...readConfig(process.env),
      dataFolder: folder,
      store: { kind: 'folder', root: join(folder, 'objects') },
      rendersAhead: true,
      jpegQuality: to.quality,
      logLevel: 'silent',
    },
    { catalogue: new MemoryCatalogue(), inPlace: new Map([[id, source]]) },
  );
  try {
    const slide = await preparedSlide(engine, id, path);
    const name = basename(path).replace(/\.[^.]{1,8}$/, '');
    await write(engine, slide, { name, destination: to.destination, format: to.format, folder });
  } finally {
    await engine.close();
  }
}

/** Publishes the slide in the engine and waits until every level is made. */
async function preparedSlide(engine: Engine, id: SlideId, path: string): Promise<OpenSlide> {
  const progress = showProgress('reading');
  try {
    await engine.intake.viewInPlace(id, path, basename(path), progress.report);
    await engine.intake.idle();
  } finally {
    progress.stop();
  }
  const record = await engine.catalogue.get(id);
  if (record?.state.kind === 'failed') throw new ServiceError('damaged', record.state.reason);
  return await engine.tiles.open(id);
}

/** What is written where. */
interface Output {
  readonly name: string;
  readonly destination: Store;
  readonly format: Format;
  readonly folder: string;
}

/** Writes the chosen form to its destination. */
async function write(engine: Engine, slide: OpenSlide, { name, destination, format, folder }: Output) {
  const progress = showProgress('writing');
  const onProgress = progress.report;
  try {
    if (format === 'pyramid') {
      const outPath = join(folder, 'out.tif');
      await exportPyramid({ index: slide.index, objects: slide.objects, outPath, onProgress });
      await destination.putFile(`${name}.tif`, outPath, { move: true });
    } else {
      const tiles = deepZoomTilesOf(slide, engine.tiles);
      if (format === 'dzi') await exportDzi({ tiles, store: destination, name, onProgress });
      else await exportSzi({ tiles, store: destination, name, onProgress });
    }
  } finally {
    progress.stop();
  }
}
