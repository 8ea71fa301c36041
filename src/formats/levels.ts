import { ServiceError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import type { ParsedLevel } from './format.ts';
import { checkReadable } from './readable.ts';
import { limits } from './tiff/limits.ts';
import type { TiffLayout } from './tiff/image.ts';
import { readImage } from './tiff/read-image.ts';
import { servable } from './tiff/servable.ts';
import type { TiffContext } from './tiff/values.ts';

/**
 * The downsample its writer meant a level to have.
 *
 * A level is a whole number of pixels, so 2967 px halved four times are 185 or 186 px, which is 16.04 or 15.95
 * times smaller, yet every pixel of it stands for 16 × 16: that power of two is the answer where both sides are
 * within one pixel of it. Otherwise the mean of both sides' ratios.
 */
export function intendedDownsample(base: Size, level: Size): number {
  const measured = (base.width / level.width + base.height / level.height) / 2;
  const power = Math.log2(measured);
  for (const exponent of [Math.round(power), Math.floor(power), Math.ceil(power)]) {
    const factor = 2 ** exponent;
    const isMeant =
      Math.abs(level.width - base.width / factor) < 1 && Math.abs(level.height - base.height / factor) < 1;
    if (isMeant) return factor;
  }
  return measured;
}

/**
 * Whether an image can be a smaller copy of another: both sides divided by one factor, give or take the pixel
 * that rounding costs.
 */
export function isReduction(base: Size, level: Size): boolean {
  if (level.width >= base.width || level.height >= base.height) return false;
  const [wLow, wHigh] = range(base.width, level.width);
  const [hLow, hHigh] = range(base.height, level.height);
  return Math.max(wLow, hLow) <= Math.min(wHigh, hHigh);
}

/** Factors by which a side can have been divided to round to `part`. */
function range(full: number, part: number): [number, number] {
  return [full / (part + 1), full / Math.max(part - 1, 0.5)];
}

/** A directory and what its scalar tags say. */
export interface Candidate {
  readonly context: TiffContext;
  readonly layout: TiffLayout;
}

/** How a format overrules what a directory says of its level: Philips pads. */
export interface LevelGeometry {
  readonly size: Size;
  readonly downsample: number;
}

/**
 * Reads the levels of a pyramid from its directories.
 *
 * @param candidates fine to coarse, the first is slide level 0
 * @param geometry one per candidate, where the format knows better than size and ratio
 * @throws {ServiceError} `unsupported` for pixels nothing here can decode; `damaged`
 */
export async function readLevels(
  candidates: readonly Candidate[],
  geometry?: readonly LevelGeometry[],
): Promise<ParsedLevel[]> {
  const levels: ParsedLevel[] = [];
  const base = candidates[0]?.layout.size;
  if (base === undefined) return levels;
  checkExtent(candidates);
  for (const [number, { context, layout }] of candidates.entries()) {
    const { source } = context.file;
    checkReadable(context.file, layout, `level ${number}`);
    const image = await readImage(context, layout);
    if (number === 0 && image.lengths.every((length) => length === 0))
      throw new ServiceError(
        'damaged',
        `${source.name}: ${layout.where}: level 0 has ${image.lengths.length} tiles or strips and none is stored; scan or upload it again`,
      );
    const known = geometry?.[number];
    levels.push({
      size: known?.size ?? layout.size,
      downsample: known?.downsample ?? intendedDownsample(base, layout.size),
      image,
      ...(await servable(source, image, context.signal)),
    });
  }
  return levels;
}

/** Refuses pyramids whose tables together would fill the memory; tables may share their bytes in the file. */
function checkExtent(candidates: readonly Candidate[]): void {
  const name = candidates[0]?.context.file.source.name ?? '';
  if (candidates.length > limits.levels)
    throw new ServiceError(
      'too-large',
      `${name}: a pyramid of ${candidates.length} levels, the limit is ${limits.levels}; write it again with fewer`,
    );
  checkTileTotal(candidates);
}

/**
 * Refuses more tiles than a slide may have on all levels of all its focal planes.
 *
 * @throws {ServiceError} `too-large`
 */
export function checkTileTotal(candidates: readonly Candidate[]): void {
  const name = candidates[0]?.context.file.source.name ?? '';
  const segments = candidates.reduce((sum, { layout: l }) => sum + l.columns * l.rows * l.planes, 0);
  if (segments > limits.slideSegments)
    throw new ServiceError(
      'too-large',
      `${name}: ${segments} tiles on all levels, the limit is ${limits.slideSegments}; write it again with larger ones`,
    );
}

/**
 * Those candidates that step down from the first, each smaller than the one before; others are
 * no levels of it, nor are stripped thumbnails beside tiles.
 */
export function pyramidOf(candidates: readonly Candidate[]): Candidate[] {
  const [base, ...others] = candidates;
  if (base === undefined) return [];
  const levels = [base];
  const smaller = others
    .filter(({ layout }) => layout.isTiled || !base.layout.isTiled)
    .filter(({ layout }) => isReduction(base.layout.size, layout.size))
    .toSorted((a, b) => b.layout.size.width - a.layout.size.width);
  for (const candidate of smaller)
    if (candidate.layout.size.width < (levels.at(-1)?.layout.size.width ?? 0)) levels.push(candidate);
  return levels;
}
