import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { makeSample, type SampleLayout } from '../samples/make-sample.ts';
import type { Size } from '../src/core/geometry.ts';
import { original } from '../src/core/objects.ts';
import { parseSlide } from '../src/formats/registry.ts';
import { planFor } from '../src/ingest/plan.ts';
import { buildIndex } from '../src/pyramid/build-index.ts';
import { deepZoomTileSize } from '../src/pyramid/deep-zoom.ts';
import { openFileSource } from '../src/storage/sources.ts';
import { measureCommand } from './command.ts';
import type { BenchOptions } from './options.ts';

/** Quality in which we encode tiles unless told otherwise: peers are told the same. */
export const quality = readConfig({}).jpegQuality;

/** Size of the samples: a usual 40× slide, or the least whose half-size level does not fit into 16 MiB of cache. */
export function sampleSize({ isQuick }: BenchOptions): Size {
  return isQuick ? { width: 28_672, height: 20_480 } : { width: 46_000, height: 33_000 };
}

/** A sample of a layout, made when it is not there yet. @returns its path */
export async function sampleSlide(
  { folder }: BenchOptions,
  layout: SampleLayout,
  { width, height }: Size,
): Promise<string> {
  const out = join(folder, `${layout}-${width}x${height}.${layout === 'svs' ? 'svs' : 'tif'}`);
  if (existsSync(out)) return out;
  process.stdout.write(`  making ${out}\n`);
  await makeSample({ width, height, out, layout, seed: 1 });
  return out;
}

/** The slide that is served: the operator's, or the sample as a scanner writes it (1, 4, 16). */
export async function servedSlide(options: BenchOptions): Promise<string> {
  return options.slide ?? (await sampleSlide(options, 'svs', sampleSize(options)));
}

/** Side of the Deep Zoom tiles in which we serve a slide, px: peers are asked for the same. */
export async function tileSizeOf(path: string): Promise<number> {
  await using source = await openFileSource(path);
  const slide = await parseSlide(source);
  if (planFor(slide).kind === 'convert') return 256;
  return deepZoomTileSize(buildIndex(slide, [{ name: original, size: source.size }]));
}

/** What `vips dzsave` is told everywhere: the tiles that we serve, in our quality. */
export async function dzsaveArgs(slide: string): Promise<string[]> {
  const size = String(await tileSizeOf(slide));
  return ['--tile-size', size, '--overlap', '0', '--suffix', `.jpg[Q=${quality}]`];
}

/** The Deep Zoom tree that `vips dzsave` makes of a slide, made once. @returns path of its `_files` folder */
export async function dzsaveTree({ folder }: BenchOptions, slide: string): Promise<string> {
  return await once(join(folder, `${nameOf(slide)}-q${quality}-dz`), '_files', async (out) => {
    await measureCommand('vips', ['dzsave', slide, out, ...(await dzsaveArgs(slide))]);
  });
}

/** The pyramid that `vips tiffsave` makes of a slide, for iipsrv; made once. @returns its path */
export async function tiffPyramid({ folder }: BenchOptions, slide: string): Promise<string> {
  return await once(join(folder, `${nameOf(slide)}-q${quality}-vips`), '.tif', async (out) => {
    const size = String(await tileSizeOf(slide));
    const tiles = ['--tile', '--pyramid', '--tile-width', size, '--tile-height', size];
    await measureCommand('vips', [
      'tiffsave',
      slide,
      `${out}.tif`,
      ...tiles,
      '--compression',
      'jpeg',
      '--Q',
      String(quality),
      '--bigtiff',
    ]);
  });
}

/** Makes something unless a finished one is there; a run that was cut off leaves no `done` mark. */
async function once(out: string, suffix: string, make: (out: string) => Promise<void>): Promise<string> {
  const mark = `${out}.done`;
  if (existsSync(mark)) return out + suffix;
  process.stdout.write(`  making ${out}${suffix}\n`);
  await rm(out + suffix, { recursive: true, force: true });
  await make(out);
  await mkdir(mark);
  return out + suffix;
}

function nameOf(slide: string): string {
  return slide.replace(/^.*\//, '').replaceAll(/[^\w-]/g, '_');
}
