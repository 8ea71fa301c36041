import type { Rect } from '../src/core/geometry.ts';

/** Two stain planes over an area, one byte a pixel. */
export interface StainPlanes {
  readonly area: Rect;
  readonly haematoxylin: Uint8Array;
  readonly eosin: Uint8Array;
}
