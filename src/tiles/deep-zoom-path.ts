import type { SlideId } from '../core/slide.ts';

/** Where a Deep Zoom tile lies: level (0 = one pixel), column and row from 0. */
export interface DeepZoomPlace {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** A slide, or one focal plane of it. */
export interface PlaneOf {
  readonly id: SlideId;
  /** Number of the plane; absent: the base plane. */
  readonly plane?: number;
}

/** Path of a slide below the service, or of one of its focal planes; what belongs to it follows. */
export function planePath({ id, plane }: PlaneOf): string {
  return plane === undefined ? `/slides/${id}` : `/slides/${id}/planes/${plane}`;
}

/** Path of a Deep Zoom tile below the service; its key in the cache. */
export function deepZoomPath(of: PlaneOf, place: DeepZoomPlace): string {
  return `${planePath(of)}_files/${place.level}/${place.column}_${place.row}.jpg`;
}
