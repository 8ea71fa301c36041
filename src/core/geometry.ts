import { ServiceError } from './errors.ts';

/** Width and height, px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle in one level, px; `left` and `top` count from 0. */
export interface Rect extends Size {
  readonly left: number;
  readonly top: number;
}

/** How a level is cut into tiles. Tiles at the right and bottom edge may reach beyond the level. */
export interface TileGrid {
  readonly tileSize: Size;
  readonly columns: number;
  readonly rows: number;
}

/** The grid that covers `level` with tiles of `tileSize`, without overlap. */
export function gridOf(level: Size, tileSize: Size): TileGrid {
  return {
    tileSize,
    columns: Math.ceil(level.width / tileSize.width),
    rows: Math.ceil(level.height / tileSize.height),
  };
}

/**
 * Pixels of one level that a tile covers, clipped to the level.
 *
 * @param level size of the level (not of the slide), px
 * @throws {ServiceError} `not-found` when the tile lies outside the level
 */
export function tileRect(level: Size, tileSize: Size, column: number, row: number): Rect {
  const left = column * tileSize.width;
  const top = row * tileSize.height;
  if (column < 0 || row < 0 || left >= level.width || top >= level.height)
    throw new ServiceError('not-found', `no tile ${column}_${row} in ${level.width}×${level.height} px`);
  return {
    left,
    top,
    width: Math.min(tileSize.width, level.width - left),
    height: Math.min(tileSize.height, level.height - top),
  };
}

/** Half of a level in each direction, rounded up as Deep Zoom does. */
export function halved(size: Size): Size {
  return { width: Math.ceil(size.width / 2), height: Math.ceil(size.height / 2) };
}
