import { ServiceError } from '../core/errors.ts';
import { gridOf, type Size, type TileGrid } from '../core/geometry.ts';
import type { IndexedLevel, TileIndex } from './tile-index.ts';

/** Side of a Deep Zoom tile where the slide's own tiles give no square to go by, px. */
const defaultTileSize = 256;

/** The strict Deep Zoom pyramid over a slide: level 0 is one pixel, every level twice the one before. */
export interface DeepZoom {
  /** Size of slide level 0, px. */
  readonly size: Size;
  /** Side of a tile, px; tiles at the right and bottom edge are cropped to their level. */
  readonly tileSize: number;
  /** The same as a size. */
  readonly tile: Size;
  /** Number of the level that is the slide in full size. */
  readonly maxLevel: number;
  /**
   * Size of a Deep Zoom level, px.
   *
   * @throws {ServiceError} `not-found` when there is no such level
   */
  readonly levelSize: (level: number) => Size;
  /** Grid of a Deep Zoom level. @throws {ServiceError} `not-found` when there is no such level */
  readonly grid: (level: number) => TileGrid;
}

/**
 * The Deep Zoom pyramid over a slide of `size`, cut into tiles of `tileSize` × `tileSize` px without overlap.
 *
 * @throws {ServiceError} `invalid` when a side is no whole number above 0
 * @see Deep Zoom file format: maxLevel = ceil(log2(longest side)), sizes are rounded up
 */
export function deepZoomOf(size: Size, tileSize: number): DeepZoom {
  for (const side of [size.width, size.height, tileSize])
    if (!Number.isSafeInteger(side) || side < 1)
      throw new ServiceError(
        'invalid',
        `no Deep Zoom of ${size.width}×${size.height} px in tiles of ${tileSize} px`,
      );
  const maxLevel = levelsAbove(Math.max(size.width, size.height));
  const tile = { width: tileSize, height: tileSize };
  const levelSize = (level: number): Size => {
    if (!Number.isInteger(level) || level < 0 || level > maxLevel)
      throw new ServiceError('not-found', `no Deep Zoom level ${level}: there are 0–${maxLevel}`);
    const scale = 2 ** (maxLevel - level);
    return { width: Math.ceil(size.width / scale), height: Math.ceil(size.height / scale) };
  };
  return { size, tileSize, tile, maxLevel, levelSize, grid: (level) => gridOf(levelSize(level), tile) };
}

/** How often a length is halved, rounding up, until one pixel is left. Exact, where a logarithm may not be. */
function levelsAbove(longest: number): number {
  let level = 0;
  while (2 ** level < longest) level += 1;
  return level;
}

/**
 * Side of a slide's Deep Zoom tiles: that of its own tiles, so that they can be sent as they are; 256 px where
 * those are not square.
 */
export function deepZoomTileSize(index: Pick<TileIndex, 'levels'>): number {
  const own = index.levels[0]?.tileSize;
  return own !== undefined && own.width === own.height ? own.width : defaultTileSize;
}

/**
 * The level of a pyramid whose stored tiles are the tiles of a Deep Zoom level: same tile size, the same power of
 * two, and the same size or up to 1 px less on each axis, because scanners round down where Deep Zoom rounds up.
 *
 * Tiles that reach beyond the level found must be made from the next finer Deep Zoom level.
 *
 * @param level Deep Zoom level
 * @returns undefined when no level fits, and then the tiles are made from the next finer Deep Zoom level
 * @throws {ServiceError} `not-found` when there is no such Deep Zoom level
 */
export function alignedLevel(
  index: Pick<TileIndex, 'properties' | 'levels' | 'made'>,
  level: number,
): IndexedLevel | undefined {
  const geometry = deepZoomOf(index.properties.size, deepZoomTileSize(index));
  const wanted = geometry.levelSize(level);
  const downsample = 2 ** (geometry.maxLevel - level);
  const fits = ({ size, tileSize, downsample: own }: IndexedLevel) =>
    own === downsample &&
    tileSize.width === geometry.tileSize &&
    tileSize.height === geometry.tileSize &&
    isShortByOneAtMost(size.width, wanted.width) &&
    isShortByOneAtMost(size.height, wanted.height);
  return index.levels.find(fits) ?? index.made.find(fits);
}

/** Whether a side is as long as wanted, or 1 px shorter. */
function isShortByOneAtMost(has: number, wanted: number): boolean {
  return has === wanted || has === wanted - 1;
}

/** Deep Zoom levels whose tiles are stored, coarse to fine; the others are rendered when they are asked for. */
export function storedLevels(index: Pick<TileIndex, 'properties' | 'levels' | 'made'>): number[] {
  const { maxLevel } = deepZoomOf(index.properties.size, deepZoomTileSize(index));
  const all = Array.from({ length: maxLevel + 1 }, (_, level) => level);
  return all.filter((level) => alignedLevel(index, level) !== undefined);
}

/** Where a tile of a Deep Zoom pyramid stands below its `_files` folder. */
export function tilePath(level: number, column: number, row: number): string {
  return `${level}/${column}_${row}.jpg`;
}

/** The `.dzi` document of a pyramid of JPEG tiles. */
export function dziXml({ size, tileSize }: Pick<DeepZoom, 'size' | 'tileSize'>): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008"' +
    ` Format="jpg" Overlap="0" TileSize="${tileSize}">\n` +
    `  <Size Width="${size.width}" Height="${size.height}"/>\n` +
    '</Image>\n'
  );
}
