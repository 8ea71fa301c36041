import type { Slide } from '../api.ts';

/** One step of the pyramid the viewer draws, coarse to fine. */
export interface DrawnLevel {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly columns: number;
  readonly rows: number;
  /** Its number among the slide's own levels; undefined for one that was made. */
  readonly slideLevel: number | undefined;
  /** Tiles are `<path>/<column>_<row>.jpg`. */
  readonly path: string;
}

/** A part of the slide or of a tile; `left` and `top` count from 0. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The levels to draw, coarse to fine: the slide's own, between them those that were made for Deep Zoom, and below
 * the coarsest those of Deep Zoom, down to the first that is a single tile, so that the first picture is one request.
 */
export function drawnLevels(
  slide: Pick<Slide, 'id' | 'size' | 'levels' | 'deepZoom'>,
): readonly DrawnLevel[] {
  const own = slide.levels
    .toSorted((a, b) => a.width - b.width)
    .map(({ level, width, height, tileWidth, tileHeight, columns, rows }) => {
      return {
        width,
        height,
        tileWidth,
        tileHeight,
        columns,
        rows,
        slideLevel: level,
        path: `/slides/${slide.id}/levels/${level}`,
      };
    });
  const coarsest = own[0];
  if (coarsest === undefined) return [];
  const between = slide.deepZoom.stored
    .map((level) => deepZoomLevel(slide, level))
    .filter(({ width }) => width > coarsest.width && !own.some((one) => isNear(one.width, width)));
  return [...overviewLevels(slide, coarsest), ...[...own, ...between].toSorted((a, b) => a.width - b.width)];
}

/** The same levels of one focal plane of a slide. */
export function levelsOfPlane(
  levels: readonly DrawnLevel[],
  slideId: string,
  plane: number,
): readonly DrawnLevel[] {
  const own = `/slides/${slideId}`;
  return levels.map((level) => ({ ...level, path: `${own}/planes/${plane}${level.path.slice(own.length)}` }));
}

/** Whether two levels are one for the eye: less than a third apart. */
function isNear(width: number, other: number): boolean {
  return Math.max(width, other) / Math.min(width, other) < 4 / 3;
}

/** A level of the Deep Zoom pyramid. */
function deepZoomLevel(slide: Pick<Slide, 'id' | 'size' | 'deepZoom'>, level: number): DrawnLevel {
  const { tileSize, maxLevel } = slide.deepZoom;
  const scale = 2 ** (maxLevel - level);
  const width = Math.ceil(slide.size.width / scale);
  const height = Math.ceil(slide.size.height / scale);
  return {
    width,
    height,
    tileWidth: tileSize,
    tileHeight: tileSize,
    columns: Math.ceil(width / tileSize),
    rows: Math.ceil(height / tileSize),
    slideLevel: undefined,
    path: `/slides/${slide.id}_files/${level}`,
  };
}

/** Deep Zoom levels at most 3/4 as wide as the coarsest of the slide's own, coarse to fine. */
function overviewLevels(slide: Pick<Slide, 'id' | 'size' | 'deepZoom'>, coarsest: DrawnLevel): DrawnLevel[] {
  if (coarsest.columns === 1 && coarsest.rows === 1) return [];
  const levels: DrawnLevel[] = [];
  for (let number = slide.deepZoom.maxLevel; number >= 0; number--) {
    const level = deepZoomLevel(slide, number);
    if (level.width > coarsest.width * 0.75) continue;
    levels.unshift(level);
    if (level.columns === 1 && level.rows === 1) break;
  }
  return levels;
}

/** Pixels of its file that a tile uses: all, but at the right and bottom edge, where files are padded. */
export function usedPixels(level: DrawnLevel, column: number, row: number): Box {
  return {
    left: 0,
    top: 0,
    width: Math.min(level.tileWidth, level.width - column * level.tileWidth),
    height: Math.min(level.tileHeight, level.height - row * level.tileHeight),
  };
}

/**
 * Where a tile lies on the slide, in parts of the slide's width (both directions).
 *
 * Every level spans the whole slide: a sub-level's size is rounded, so its pixels are a hair larger or smaller
 * than the downsample says, and never by as much as one of them over the whole slide.
 *
 * @param aspect height of the slide divided by its width
 */
export function placeOf(level: DrawnLevel, aspect: number, column: number, row: number): Box {
  const used = usedPixels(level, column, row);
  return {
    left: (column * level.tileWidth) / level.width,
    top: ((row * level.tileHeight) / level.height) * aspect,
    width: used.width / level.width,
    height: (used.height / level.height) * aspect,
  };
}

/** Column and row of the tile at a point, in parts of the slide's width; a point at or over an edge gives the edge's tile. */
export function tileAt(
  level: DrawnLevel,
  aspect: number,
  x: number,
  y: number,
): { column: number; row: number } {
  const column = Math.floor((x * level.width) / level.tileWidth);
  const row = Math.floor(((y / aspect) * level.height) / level.tileHeight);
  return { column: within(column, level.columns), row: within(row, level.rows) };
}

/**
 * The least screen px per level px at which a level is drawn; below it the next coarser one is.
 *
 * Steps of 2 keep the screen sharp with 1/2. Steps of 4 would then be drawn up to twice as large as they are, so
 * the finer level stays for longer: at worst 1.41 times as large.
 */
export function leastPixelRatio(levels: readonly DrawnLevel[]): number {
  const steps = levels.slice(1).map((level, i) => level.width / (levels[i]?.width ?? level.width));
  return Math.min(0.5, Math.SQRT2 / Math.max(1, ...steps));
}

/** Position of the level that belongs on the screen. @param zoom device px per slide px */
export function wantedLevel(levels: readonly DrawnLevel[], slideWidth: number, zoom: number): number {
  const least = leastPixelRatio(levels);
  for (let i = levels.length - 1; i > 0; i--) {
    const ratio = (zoom * slideWidth) / (levels[i]?.width ?? slideWidth);
    if (ratio >= least) return i;
  }
  return 0;
}

function within(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, index));
}
