import type { SlideId } from '../core/slide.ts';

/** Where a Deep Zoom tile lies: level (0 = one pixel), column and row from 0. */
export interface DeepZoomPlace {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** Path of a Deep Zoom tile below the service; its key in the cache. */
export function deepZoomPath(id: SlideId, place: DeepZoomPlace): string {
  return `/slides/${id}_files/${place.level}/${place.column}_${place.row}.jpg`;
}
