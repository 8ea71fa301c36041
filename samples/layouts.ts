import { halved, type Size } from '../src/core/geometry.ts';
import type { Encoding } from './encode.ts';

/** Ways to write a sample. */
export type SampleLayout = 'svs' | 'pyramid' | 'strips' | 'deflate' | 'jpeg-one-level' | 'ome-tiff';

/** All layouts, for help texts. */
export const sampleLayouts: readonly SampleLayout[] = [
  'svs',
  'pyramid',
  'strips',
  'deflate',
  'jpeg-one-level',
  'ome-tiff',
];

/** A level to write: `halvings` of the slide's edges. */
export interface LevelPlan {
  readonly size: Size;
  readonly halvings: number;
}

/** Rows of a strip in the layout `strips`. */
export const rowsPerStrip = 64;

/** Levels that threads encode as they paint; coarser ones are made from what remains of the slide in memory. */
export const halvingsInThreads = 3;

/** How the segments of a layout are encoded. */
export function encodingOf(layout: SampleLayout, tileSize: number, quality: number): Encoding {
  if (layout === 'strips') return { compression: 'lzw', quality };
  return { compression: layout === 'deflate' ? 'deflate' : 'jpeg', quality, tileSize };
}

/** Layouts that can hold a focal stack. */
export const stackLayouts: readonly SampleLayout[] = ['svs', 'ome-tiff'];

/** Whether a layout has smaller levels. */
export function hasLevels(layout: SampleLayout): boolean {
  return layout === 'svs' || layout === 'pyramid' || layout === 'ome-tiff';
}

/**
 * Levels from fine to coarse: 1, 4, 16 in `svs` (sizes rounded down), powers of two in `pyramid` and `ome-tiff`
 * (rounded up).
 */
export function levelsOf(layout: SampleLayout, size: Size, tileSize: number): LevelPlan[] {
  const levels: LevelPlan[] = [{ size, halvings: 0 }];
  if (layout === 'svs')
    for (const halvings of [2, 4]) {
      const smaller = { width: size.width >> halvings, height: size.height >> halvings };
      if (Math.min(smaller.width, smaller.height) >= tileSize) levels.push({ size: smaller, halvings });
    }
  if (layout === 'pyramid' || layout === 'ome-tiff')
    for (let last = size; Math.max(last.width, last.height) > tileSize;) {
      last = halved(last);
      levels.push({ size: last, halvings: levels.length });
    }
  return levels;
}
