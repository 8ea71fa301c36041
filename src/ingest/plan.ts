import { ServiceError } from '../core/errors.ts';
import type { ParsedLevel, ParsedSlide } from '../formats/format.ts';
import { turnedSize } from '../pyramid/orientation.ts';

/**
 * What has to happen before a slide can be seen: `direct` nothing · `reduce` its tiles stay, levels coarser than its
 * coarsest are made · `convert` its pixels are encoded anew as JPEG tiles.
 */
export type Plan =
  | { readonly kind: 'direct' }
  | { readonly kind: 'reduce' }
  | { readonly kind: 'convert'; /** For a person. */ readonly reason: string };

/**
 * Longest side of a coarsest level that needs nothing coarser beforehand, px: an overview of it is put together from
 * at most 17 × 17 tiles of 240 px on demand, in about a second.
 */
const overviewSide = 4096;

/** TIFF SampleFormat values that can be shown: unsigned, and undefined, which is taken for it. */
const shownSampleFormats = [1, 4];

/**
 * Decides how a slide becomes viewable.
 *
 * @throws {ServiceError} `unsupported` when its pixels can't be served and can't be converted either
 */
export function planFor(slide: ParsedSlide): Plan {
  if (slide.picture !== undefined)
    return { kind: 'convert', reason: `a ${slide.picture.kind.toUpperCase()} picture has no tiles` };
  const planes = planesOf(slide);
  const unservable = planes.flat().find((level) => level.jpegPrefix === undefined);
  if (unservable !== undefined) {
    for (const [base] of planes) if (base !== undefined) checkConvertible(base);
    return { kind: 'convert', reason: unservable.notServable ?? 'its tiles are no JPEGs' };
  }
  const coarsest = slide.levels.at(-1);
  if (coarsest === undefined) return { kind: 'convert', reason: 'it has no levels' };
  const isOverview = Math.max(coarsest.size.width, coarsest.size.height) <= overviewSide;
  return isOverview ? { kind: 'direct' } : { kind: 'reduce' };
}

/** The levels of each focal plane, the base plane first. */
function planesOf({ levels, focus }: ParsedSlide): readonly (readonly ParsedLevel[])[] {
  return [levels, ...(focus?.others.map((plane) => plane.levels) ?? [])];
}

/**
 * A slide as it is best shown: where level 0 is servable, lower levels that aren't are left out, because what they
 * show is rendered from finer ones; where its orientation is to be applied, its size is that of the upright image.
 *
 * Focal planes stay alike: a level that one of them lacks is left out in all.
 */
export function asShown(slide: ParsedSlide): ParsedSlide {
  const [base] = slide.levels;
  const planes = planesOf(slide);
  const isServable = (level: number) => planes.every((plane) => plane[level]?.jpegPrefix !== undefined);
  if (base !== undefined && isServable(0)) {
    const kept = (levels: readonly ParsedLevel[]) => levels.filter((_, level) => isServable(level));
    const others = slide.focus?.others.map((plane) => ({ ...plane, levels: kept(plane.levels) }));
    const focus = slide.focus && others && { focus: { ...slide.focus, others } };
    return { ...slide, levels: kept(slide.levels), ...focus };
  }
  if (base === undefined || orientationOf(slide) < 5) return slide;
  const { mpp } = slide.properties;
  const size = turnedSize(base.size, orientationOf(slide));
  const properties = { ...slide.properties, size, ...(mpp && { mpp: { x: mpp.y, y: mpp.x } }) };
  return { ...slide, properties };
}

/**
 * The TIFF orientation to apply in a conversion, 1–8.
 *
 * It counts for an image without tiles that is the only level, as cameras and flat-bed scanners write it. Tiled
 * images and pyramids are shown as they are stored, which is what OpenSlide and libvips do.
 */
export function orientationOf({ levels }: ParsedSlide): number {
  const [base] = levels;
  return base === undefined || base.image.isTiled || levels.length > 1 ? 1 : base.image.orientation;
}

/** @throws {ServiceError} `unsupported` for pixels without a known black and white */
function checkConvertible({ image }: ParsedLevel): void {
  const { where, sampleFormat, bitsPerSample } = image;
  const [bits = 1] = bitsPerSample;
  if (shownSampleFormats.includes(sampleFormat) && bits <= 16) return;
  const what = sampleFormat === 3 ? 'floating-point' : sampleFormat === 2 ? 'signed' : `${bits}-bit`;
  throw new ServiceError(
    'unsupported',
    `${where}: ${what} samples have no known black and white; convert the image to 8 or 16 unsigned bits`,
  );
}
