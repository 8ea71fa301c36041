import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Size } from '../core/geometry.ts';
import type { ReportProgress } from '../core/progress.ts';
import type { Mpp, Rgb } from '../core/slide.ts';
import { exponentsToOneTile, passesOf, sizeAt, type Pass } from '../pyramid/blocks.ts';
import type { ConvertedLevel } from '../pyramid/build-index.ts';
import { PyramidFile } from '../pyramid/pyramid-file.ts';
import type { BlockTiles, ConversionInput } from '../pyramid/tasks.ts';
import { prepareInput, type StageInput } from './convert-input.ts';
import type { ConversionPool } from './conversion-pool.ts';

/** One image of which levels are made. */
export interface PyramidStage {
  readonly input: StageInput;
  /**
   * Size of the level the image is (or is taken for), px, upright. Where it exceeds the image by a px or two the
   * edge is repeated (scanners round down, Deep Zoom rounds up); where it falls short the rest is left out.
   */
  readonly size: Size;
  /** Downsample of that level. */
  readonly baseDownsample: number;
  /** Number of its focal plane; absent for the base plane. */
  readonly plane?: number;
  /** Which halvings of it are wanted, 0 = itself; `all`: down to the one that fits in a tile. */
  readonly emit: readonly number[] | 'all';
}

/** A conversion. */
export interface PyramidJob {
  readonly stages: readonly PyramidStage[];
  /** Side of the tiles, px; a multiple of 16, at most 4096. */
  readonly tileSize: number;
  /** JPEG quality, 1–100; below 90 with chroma 4:2:0. */
  readonly quality: number;
  readonly background: Rgb;
  readonly icc?: Uint8Array;
  /** Of downsample 1. */
  readonly mpp?: Mpp;
  /** Scratch files go below it, and away again; about a quarter of a byte per pixel, 3 for pictures. */
  readonly workFolder: string;
  /** Where the BigTIFF goes; untouched unless the conversion succeeds. */
  readonly outPath: string;
  readonly pool: ConversionPool;
  /** In pixels. */
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/**
 * Makes a pyramid of JPEG tiles in one BigTIFF, with memory that does not grow with the image.
 *
 * Each pass cuts an image into blocks; workers turn a block into tiles of several levels, and its last, small
 * pixels into a part of a raw file, which the next pass reads.
 *
 * @returns its levels, fine to coarse, those of the base plane first
 * @throws {ServiceError} `damaged`, `unsupported`, `too-large`; then there is nothing at `outPath`
 */
export async function makePyramid(job: PyramidJob): Promise<ConvertedLevel[]> {
  await mkdir(job.workFolder, { recursive: true });
  const folder = await mkdtemp(join(job.workFolder, 'pyramid-'));
  const file = await PyramidFile.create(job.outPath, job);
  // Drops the blocks that wait when one of them fails.
  const stop = new AbortController();
  const signal = job.signal === undefined ? stop.signal : AbortSignal.any([job.signal, stop.signal]);
  try {
    await runStages({ ...job, signal, stop }, file, folder);
    return await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  } finally {
    stop.abort();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A pass with all that is known about it. */
interface PassRun {
  readonly job: PyramidJob & { readonly signal: AbortSignal; readonly stop: AbortController };
  readonly file: PyramidFile;
  readonly folder: string;
  readonly pass: Pass;
  readonly input: ConversionInput;
  /** The raw file that this pass fills. */
  readonly next: string;
  /** Number in the file of the level of each exponent of the pass. */
  readonly levels: ReadonlyMap<number, number>;
  readonly onPixels: (count: number) => void;
}

async function runStages(job: PassRun['job'], file: PyramidFile, folder: string): Promise<void> {
  const emits = job.stages.map(({ emit, size }) =>
    emit === 'all' ? allExponents(size, job.tileSize) : emit,
  );
  const total = sum(
    job.stages.flatMap(({ size }, i) =>
      passesOf(size, job.tileSize, emits[i] ?? [], 'squares').map(({ canvas }) => areaOf(canvas)),
    ),
  );
  let done = 0;
  for (const [i, stage] of job.stages.entries()) {
    const stageFolder = join(folder, String(i));
    await mkdir(stageFolder);
    const { input, shape } = await prepareInput(stage.input, stage.size, { ...job, folder: stageFolder });
    const passes = passesOf(stage.size, job.tileSize, emits[i] ?? [], shape);
    await runPasses({ job, file, folder: stageFolder, stage, passes, input }, (count) => {
      done += count;
      job.onProgress?.(Math.min(done, total), total);
    });
    await rm(stageFolder, { recursive: true });
  }
  job.onProgress?.(total, total);
}

/** All passes of one stage, each reading what the one before wrote. */
async function runPasses(
  run: Pick<PassRun, 'job' | 'file' | 'folder' | 'input'> & { stage: PyramidStage; passes: readonly Pass[] },
  onPixels: (count: number) => void,
): Promise<void> {
  const { job, file, folder, stage, passes } = run;
  let { input } = run;
  for (const [i, pass] of passes.entries()) {
    const levels = new Map(
      pass.emit.map((exponent) => {
        const size = sizeAt(stage.size, exponent);
        const number = file.addLevel(size, stage.baseDownsample * 2 ** exponent, stage.plane);
        return [exponent - pass.exponent, number];
      }),
    );
    const next = join(folder, `pass-${i + 1}.raw`);
    await runPass({ job, file, folder, pass, input, next, levels, onPixels });
    if (pass.reduced !== undefined) input = { kind: 'raw', path: next, offset: 0, size: pass.reduced };
  }
}

/** One pass: blocks run ahead in the pool, their tiles are appended in order. */
async function runPass(run: PassRun): Promise<void> {
  const { pass, job, next } = run;
  if (pass.reduced !== undefined) {
    await using file = await open(next, 'wx');
    await file.truncate(pass.reduced.width * pass.reduced.height * 3);
  }
  const ahead: Promise<void>[] = [];
  // Enough that one slow block does not leave a thread idle.
  const mostAhead = job.pool.threads * 3;
  let before: Promise<unknown> = Promise.resolve();
  try {
    for (const index of pass.blocks.keys()) {
      job.signal.throwIfAborted();
      const result = runBlock(run, index);
      const appended = appendAfter(run, before, index, result);
      before = appended.catch(() => {});
      ahead.push(appended);
      if (ahead.length > mostAhead) await ahead.shift();
    }
    await Promise.all(ahead);
  } catch (error) {
    // Nothing may write any more when the folder is removed.
    job.stop.abort();
    await Promise.allSettled([...ahead, before]);
    throw error;
  }
}

function runBlock({ job, pass, input, folder, next }: PassRun, index: number): Promise<BlockTiles> {
  const { tileSize, background, quality } = job;
  return job.pool.convertBlock(
    {
      input,
      canvas: pass.canvas,
      block: pass.blocks[index]!, // index is one of its keys
      tileSize,
      halvings: pass.halvings,
      emit: pass.emit.map((exponent) => exponent - pass.exponent),
      background,
      quality,
      tilesPath: tilesPath(folder, index),
      ...(pass.reduced === undefined ? {} : { reduced: { path: next, size: pass.reduced } }),
    },
    job.signal,
  );
}

/** Appends a block's tiles when it is its turn. */
async function appendAfter(
  { file, folder, levels, pass, onPixels }: PassRun,
  before: Promise<unknown>,
  index: number,
  result: Promise<BlockTiles>,
): Promise<void> {
  const [tiles] = await Promise.all([result, before]);
  const path = tilesPath(folder, index);
  if (tiles.levels.length > 0) await file.appendBlock(await readFile(path), tiles, levels);
  await rm(path);
  onPixels(areaOf(pass.blocks[index]!)); // as in runBlock
}

function tilesPath(folder: string, index: number): string {
  return join(folder, `${index}.tiles`);
}

function allExponents(size: Size, tileSize: number): number[] {
  return Array.from({ length: exponentsToOneTile(size, tileSize) + 1 }, (_, exponent) => exponent);
}

function areaOf({ width, height }: Size): number {
  return width * height;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
