import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { original, pyramid } from '../core/objects.ts';
import type { Size } from '../core/geometry.ts';
import type { ReportProgress } from '../core/progress.ts';
import type { ParsedLevel, ParsedSlide } from '../formats/format.ts';
import { recipeOf } from '../formats/tiff/read-image.ts';
import { buildIndex, emptyIndex, withConvertedLevels, type ConvertedRole } from '../pyramid/build-index.ts';
import { alignedLevel, deepZoomOf, deepZoomTileSize } from '../pyramid/deep-zoom.ts';
import { numberOfOther, planeIndex } from '../pyramid/focal-stack.ts';
import type { TileIndex } from '../pyramid/tile-index.ts';
import type { SourceSpec } from '../storage/byte-source.ts';
import type { StageInput } from './convert-input.ts';
import { makePyramid, type PyramidStage } from './convert.ts';
import type { ConversionPool } from './conversion-pool.ts';
import { orientationOf, planFor } from './plan.ts';

/** Side of converted tiles, px; less where the whole picture fits in less. */
const largestTileSize = 256;

/** A slide for which levels are made. */
export interface SlidePyramidJob {
  readonly slide: ParsedSlide;
  /** The original. */
  readonly source: SourceSpec;
  /** Its size, bytes. */
  readonly sourceBytes: number;
  readonly pool: ConversionPool;
  /** JPEG quality, 1–100. */
  readonly quality: number;
  /** For scratch files and the result; the caller deletes it. */
  readonly workFolder: string;
  /** The slide's index when it is viewable already: then the levels it lacks are made. */
  readonly published?: TileIndex;
  readonly onProgress: ReportProgress;
  readonly signal: AbortSignal;
}

/** What was made. */
export interface SlidePyramid {
  readonly index: TileIndex;
  /** The BigTIFF to publish as `pyramid.tif`; absent when nothing was missing. */
  readonly path?: string;
}

/**
 * Makes the levels that a slide lacks: all of them where it has no JPEG tiles, those coarser than its own where its
 * coarsest is too large, and the powers of two between its own for Deep Zoom. Tiles that are JPEG stay as they are.
 *
 * @throws {ServiceError} `damaged`, `unsupported`, `too-large`
 */
export async function makeSlidePyramid(job: SlidePyramidJob): Promise<SlidePyramid> {
  const { slide, workFolder } = job;
  const objects = [{ name: original, size: job.sourceBytes }];
  const isConverted = planFor(slide).kind === 'convert';
  const base = job.published ?? (isConverted ? emptyIndex(slide, objects) : buildIndex(slide, objects));
  const tileSize = isConverted ? convertedTileSize(slide.properties.size) : deepZoomTileSize(base);
  const stages = planesOf(slide, base).flatMap((one) =>
    isConverted ? [wholeStage(job, one)] : missingStages(job, one),
  );
  if (stages.length === 0) return { index: base };
  await mkdir(workFolder, { recursive: true });
  const path = join(workFolder, 'pyramid.tif');
  const { background, mpp } = slide.properties;
  const levels = await makePyramid({
    stages,
    tileSize,
    quality: job.quality,
    background,
    ...(slide.icc === undefined ? {} : { icc: slide.icc }),
    ...(mpp === undefined ? {} : { mpp }),
    workFolder,
    outPath: path,
    pool: job.pool,
    onProgress: job.onProgress,
    signal: job.signal,
  });
  const object = { name: pyramid, size: (await stat(path)).size };
  const role: ConvertedRole = isConverted ? 'all' : job.published === undefined ? 'coarser' : 'made';
  return { index: withConvertedLevels(base, { object, levels }, role), path };
}

/** A multiple of 16, as TIFF wants it: no larger than it takes for a small picture to be one tile. */
function convertedTileSize({ width, height }: Size): number {
  return Math.min(largestTileSize, Math.ceil(Math.max(width, height) / 16) * 16);
}

/** One focal plane of a slide: its levels in the file, and its index as if there were no other. */
interface Plane {
  readonly levels: readonly ParsedLevel[];
  readonly index: TileIndex;
  /** Absent for the base plane. */
  readonly number?: number;
}

/** The focal planes for which levels are made: those that the index has. */
function planesOf({ levels, focus }: ParsedSlide, index: TileIndex): Plane[] {
  const others = index.focus?.others.map((_, i) => {
    const number = numberOfOther(index.focus?.base ?? 0, i);
    return { levels: focus?.others[i]?.levels ?? [], index: planeIndex(index, number), number };
  });
  return [{ levels, index }, ...(others ?? [])];
}

/** All levels from a focal plane's pixels. */
function wholeStage({ slide, source }: SlidePyramidJob, { levels, number }: Plane): PyramidStage {
  const [level] = levels;
  const input: StageInput =
    level === undefined
      ? { kind: 'picture', source }
      : { kind: 'tiff', source, recipe: recipeOf(level.image), orientation: orientationOf(slide) };
  const { size } = slide.properties;
  return { input, size, baseDownsample: 1, emit: 'all', ...(number !== undefined && { plane: number }) };
}

/** One level of the file as the input of a conversion. */
function inputOf(level: ParsedLevel, source: SourceSpec): StageInput {
  return { kind: 'tiff', source, recipe: recipeOf(level.image) };
}

/**
 * Every Deep Zoom level that no stored level gives, down to one tile, each made from the next finer stored one.
 *
 * None where the slide's tiles are no squares that a conversion can write: Deep Zoom is then rendered on demand.
 */
function missingStages({ slide, source }: SlidePyramidJob, plane: Plane): PyramidStage[] {
  const own = { ...plane.index, made: [] };
  const tileSize = deepZoomTileSize(own);
  const geometry = deepZoomOf(slide.properties.size, tileSize);
  if (tileSize % 16 !== 0 || tileSize > 4096) return [];
  const stages: (PyramidStage & { readonly level: number; readonly emit: number[] })[] = [];
  for (let level = geometry.maxLevel; level >= 0; level -= 1) {
    const size = geometry.levelSize(level);
    const stored = alignedLevel(own, level);
    const parsed = stored && plane.levels[own.levels.indexOf(stored)];
    if (parsed !== undefined)
      stages.push({
        input: inputOf(parsed, source),
        size,
        baseDownsample: 2 ** (geometry.maxLevel - level),
        emit: [],
        level,
        ...(plane.number !== undefined && { plane: plane.number }),
      });
    else {
      const finer = stages.at(-1);
      finer?.emit.push(finer.level - level);
    }
    if (Math.max(size.width, size.height) <= tileSize) break;
  }
  return stages.filter(({ emit }) => emit.length > 0);
}
