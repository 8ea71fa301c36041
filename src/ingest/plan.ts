import type { ParsedSlide } from '../formats/format.ts';

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

/** Decides how a slide becomes viewable. */
export function planFor(slide: ParsedSlide): Plan {
  if (slide.picture !== undefined)
    return { kind: 'convert', reason: `a ${slide.picture.kind.toUpperCase()} picture has no tiles` };
  const unservable = slide.levels.find((level) => level.jpegPrefix === undefined);
  if (unservable !== undefined)
    return { kind: 'convert', reason: unservable.notServable ?? 'its tiles are no JPEGs' };
  const coarsest = slide.levels.at(-1);
  if (coarsest === undefined) return { kind: 'convert', reason: 'it has no levels' };
  const isOverview = Math.max(coarsest.size.width, coarsest.size.height) <= overviewSide;
  return isOverview ? { kind: 'direct' } : { kind: 'reduce' };
}
