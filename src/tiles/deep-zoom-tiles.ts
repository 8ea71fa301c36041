import { ServiceError } from '../core/errors.ts';
import { gridOf, tileRect, type Rect, type Size } from '../core/geometry.ts';
import { cropJpeg } from '../formats/tiff/jpeg-crop.ts';
import { alignedLevel, deepZoomOf, deepZoomTileSize, type DeepZoom } from '../pyramid/deep-zoom.ts';
import type { Piece } from '../pyramid/tasks.ts';
import type { IndexedLevel, TileIndex } from '../pyramid/tile-index.ts';
import { deepZoomPath, type DeepZoomPlace } from './deep-zoom-path.ts';
import type { OpenSlide } from './library.ts';
import type { StoredTiles } from './stored-tiles.ts';
import { TileBlocks } from './tile-blocks.ts';
import { tileOf, type Tile, type TileCache } from './tile-cache.ts';

/** Largest level that an overview is put together from at once, px: about 250 tiles of 256 px, 50 MB decoded. */
const maxOverviewPixels = 2 ** 24;

/** What every tile of a slide asks, worked out once for each index. */
interface Ground {
  readonly geometry: DeepZoom;
  /** The stored level of each Deep Zoom level, where there is one. */
  readonly aligned: readonly (IndexedLevel | undefined)[];
}

const grounds = new WeakMap<TileIndex, Ground>();

function groundOf({ index }: OpenSlide): Ground {
  const known = grounds.get(index);
  if (known !== undefined) return known;
  const geometry = deepZoomOf(index.properties.size, deepZoomTileSize(index));
  const aligned = Array.from({ length: geometry.maxLevel + 1 }, (_, level) => alignedLevel(index, level));
  const ground = { geometry, aligned };
  grounds.set(index, ground);
  return ground;
}

/** The Deep Zoom pyramid of a slide. */
export function geometryOf(slide: OpenSlide): DeepZoom {
  return groundOf(slide).geometry;
}

/** The strict Deep Zoom pyramid of every slide: stored tiles where they fit, the rest rendered from what is finer. */
export class DeepZoomTiles {
  readonly #stored: StoredTiles;
  readonly #cache: TileCache;
  readonly #blocks: TileBlocks;

  constructor(stored: StoredTiles, cache: TileCache) {
    this.#stored = stored;
    this.#cache = cache;
    this.#blocks = new TileBlocks(stored, cache);
  }

  /**
   * One tile, cropped to its level.
   *
   * @param admit asked when rendering turns out to be needed; may refuse by throwing
   * @throws {ServiceError} `not-found` outside the pyramid
   */
  async tile(slide: OpenSlide, place: DeepZoomPlace, admit: () => void): Promise<Tile> {
    const { geometry, aligned } = groundOf(slide);
    if (place.level > geometry.maxLevel)
      throw new ServiceError(
        'not-found',
        `slide ${slide.id} has Deep Zoom levels 0–${geometry.maxLevel}, not ${place.level}`,
      );
    const rect = tileRect(geometry.levelSize(place.level), geometry.tile, place.column, place.row);
    return await this.#cache.get(deepZoomPath(slide, place), async () => {
      const level = aligned[place.level];
      const isStored = level !== undefined && contains(level.size, rect);
      const isWhole = rect.width === geometry.tileSize && rect.height === geometry.tileSize;
      if (isStored && isWhole) return await this.#stored.read(slide, level, place.column, place.row);
      if (isStored) return await this.#cropped(slide, level, place, rect, admit);
      admit();
      if (place.level === geometry.maxLevel) return await this.#fromSlideLevel(slide, rect);
      const shared = await this.#blocks.tile(slide, geometry, place);
      return shared ?? (await this.#fromFinerLevel(slide, place, rect));
    });
  }

  /** A tile that is stored as it is shown, when it is there without waiting; undefined otherwise. */
  tileNow(slide: OpenSlide, place: DeepZoomPlace): Tile | undefined {
    const { geometry, aligned } = groundOf(slide);
    const level = aligned[place.level];
    if (level === undefined) return undefined;
    const rect = tileRect(geometry.levelSize(place.level), geometry.tile, place.column, place.row);
    const isWhole = rect.width === geometry.tileSize && rect.height === geometry.tileSize;
    if (!isWhole || !contains(level.size, rect)) return undefined;
    return this.#stored.readNow(slide, level, place.column, place.row);
  }

  /** The Deep Zoom tiles that cover a region whose corner lies on the grid, placed relative to it. */
  async pieces(slide: OpenSlide, level: number, region: Rect): Promise<Piece[]> {
    const geometry = geometryOf(slide);
    const { columns, rows } = gridOf(region, geometry.tile);
    const places = Array.from({ length: columns * rows }, (_, i) => ({
      level,
      column: region.left / geometry.tileSize + (i % columns),
      row: region.top / geometry.tileSize + Math.floor(i / columns),
    }));
    return await Promise.all(places.map((place) => this.#piece(slide, place, region)));
  }

  /**
   * The whole slide as one picture: the means of a stored level where one is near, without losses on the way.
   *
   * @param level Deep Zoom level that is at least as large as `fit`
   */
  async overview(slide: OpenSlide, level: number, fit: Size): Promise<Tile> {
    const { geometry, aligned } = groundOf(slide);
    let stored = level;
    while (stored < geometry.maxLevel && aligned[stored] === undefined) stored += 1;
    const { width, height } = geometry.levelSize(stored);
    const from = width * height <= maxOverviewPixels ? stored : level;
    const canvas = geometry.levelSize(from);
    const pieces = await this.pieces(slide, from, { left: 0, top: 0, ...canvas });
    const halvings = from - level;
    return tileOf(
      await this.#stored.compose(slide, { canvas, pieces, halvings, fit, isFine: true }),
      'rendered',
    );
  }

  /** One tile as a piece of a region. Of a stored edge tile its padding is left out, not encoded away. */
  async #piece(slide: OpenSlide, place: DeepZoomPlace, region: Rect): Promise<Piece> {
    const { geometry, aligned } = groundOf(slide);
    const rect = tileRect(geometry.levelSize(place.level), geometry.tile, place.column, place.row);
    const { width, height } = rect;
    const placed = {
      crop: { left: 0, top: 0, width, height },
      left: rect.left - region.left,
      top: rect.top - region.top,
    };
    const level = aligned[place.level];
    if (level !== undefined && contains(level.size, rect)) {
      const { jpeg } = await this.#stored.read(slide, level, place.column, place.row);
      return { jpeg, size: level.tileSize, ...placed };
    }
    const { jpeg } = await this.tile(slide, place, () => {});
    return { jpeg, size: { width, height }, ...placed };
  }

  /** An edge tile: the stored one without its padding, encoded anew only where its own coefficients can't be kept. */
  async #cropped(
    slide: OpenSlide,
    level: IndexedLevel,
    place: DeepZoomPlace,
    rect: Rect,
    admit: () => void,
  ): Promise<Tile> {
    const stored = await this.#stored.read(slide, level, place.column, place.row);
    if (stored.path === 'background')
      return await this.#stored.background(slide, { width: rect.width, height: rect.height });
    const kept = cropJpeg(stored.jpeg, rect);
    if (kept !== undefined) return tileOf(kept, stored.path);
    admit();
    const crop = { left: 0, top: 0, width: rect.width, height: rect.height };
    const piece: Piece = { jpeg: stored.jpeg, size: level.tileSize, crop, left: 0, top: 0 };
    return tileOf(
      await this.#stored.compose(slide, { canvas: rect, pieces: [piece], isFine: true }),
      'rendered',
    );
  }

  /** A tile of full size put together from slide level 0, where that is not cut into squares. */
  async #fromSlideLevel(slide: OpenSlide, rect: Rect): Promise<Tile> {
    const [level] = slide.index.levels;
    if (level === undefined) throw new Error(`slide ${slide.id} has no level`);
    const pieces = await Promise.all(
      overlaps(level.tileSize, rect).map(async ({ column, row, ...placed }): Promise<Piece> => {
        const { jpeg } = await this.#stored.read(slide, level, column, row);
        return { jpeg, size: level.tileSize, ...placed };
      }),
    );
    return tileOf(await this.#stored.compose(slide, { canvas: rect, pieces }), 'rendered');
  }

  /**
   * A tile as the means of the tiles it covers in the next finer Deep Zoom level: up to four.
   *
   * A level of one tile is made from the next stored level, or the coarsest of several tiles, in one go: so small
   * pictures gather no losses on the way.
   */
  async #fromFinerLevel(slide: OpenSlide, place: DeepZoomPlace, rect: Rect): Promise<Tile> {
    const { geometry, aligned } = groundOf(slide);
    const isOneTile = (level: number) => {
      const { columns, rows } = geometry.grid(level);
      return columns * rows === 1;
    };
    let finer = place.level + 1;
    while (isOneTile(finer) && finer < geometry.maxLevel && aligned[finer] === undefined) finer += 1;
    const halvings = finer - place.level;
    const size = geometry.levelSize(finer);
    const left = rect.left * 2 ** halvings;
    const top = rect.top * 2 ** halvings;
    const canvas = {
      width: Math.min(rect.width * 2 ** halvings, size.width - left),
      height: Math.min(rect.height * 2 ** halvings, size.height - top),
    };
    const pieces = await this.pieces(slide, finer, { left, top, ...canvas });
    const isFine = isOneTile(place.level);
    return tileOf(await this.#stored.compose(slide, { canvas, pieces, halvings, isFine }), 'rendered');
  }
}

/** A tile that a rectangle touches: the part of it that is covered, and where that part goes in the rectangle. */
interface Overlap {
  readonly column: number;
  readonly row: number;
  readonly crop: Rect;
  readonly left: number;
  readonly top: number;
}

/** The tiles of a grid that a rectangle touches. */
function overlaps({ width, height }: Size, rect: Rect): Overlap[] {
  const found: Overlap[] = [];
  for (let row = Math.floor(rect.top / height); row * height < rect.top + rect.height; row += 1)
    for (let column = Math.floor(rect.left / width); column * width < rect.left + rect.width; column += 1) {
      const left = Math.max(rect.left, column * width);
      const top = Math.max(rect.top, row * height);
      const crop = {
        left: left - column * width,
        top: top - row * height,
        width: Math.min(rect.left + rect.width, (column + 1) * width) - left,
        height: Math.min(rect.top + rect.height, (row + 1) * height) - top,
      };
      found.push({ column, row, crop, left: left - rect.left, top: top - rect.top });
    }
  return found;
}

/** Whether a rectangle lies within a level. */
function contains(level: Size, rect: Rect): boolean {
  return rect.left + rect.width <= level.width && rect.top + rect.height <= level.height;
}
