import { ServiceError } from '../core/errors.ts';
import { gridOf, tileRect, type Rect, type Size } from '../core/geometry.ts';
import type { SlideId } from '../core/slide.ts';
import { jpegSize, standaloneJpeg } from '../formats/tiff/jpeg.ts';
import { alignedLevel, deepZoomOf, deepZoomTileSize, type DeepZoom } from '../pyramid/deep-zoom.ts';
import type { Piece } from '../pyramid/tasks.ts';
import type { IndexedLevel } from '../pyramid/tile-index.ts';
import { readAssociated } from './associated.ts';
import type { Library, OpenSlide } from './library.ts';
import type { Metrics } from './metrics.ts';
import type { RenderQueue } from './render-queue.ts';
import { tileOf, type Tile, type TileCache } from './tile-cache.ts';

/** JPEG quality of what is rendered on demand. */
const renderQuality = 85;

/** Parts of the tile service. */
export interface TileServiceParts {
  readonly library: Library;
  readonly cache: TileCache;
  readonly queue: RenderQueue;
  readonly metrics: Metrics;
}

/** Where a Deep Zoom tile lies: level (0 = one pixel), column and row from 0. */
export interface DeepZoomPlace {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** Answers every tile and picture of every slide: from memory, from the slide's own bytes, or rendered. */
export class TileService {
  readonly #parts: TileServiceParts;

  constructor(parts: TileServiceParts) {
    this.#parts = parts;
  }

  /**
   * The tile at a URL's path when it is in memory, for the fast path: tiles are kept by the one path that names
   * them, so looking one up parses nothing.
   */
  ready(path: string): Tile | undefined {
    return this.#parts.cache.ready(path);
  }

  /** The slide, open. @throws {ServiceError} `not-found` */
  open(id: SlideId): Promise<OpenSlide> {
    return this.#parts.library.open(id);
  }

  /**
   * Exactly the slide's own tile, always of the level's full tile size; plain background where none is stored.
   *
   * @throws {ServiceError} `not-found` outside the grid; `damaged` when the stored bytes are no such JPEG
   */
  async slideTile(id: SlideId, slideLevel: number, column: number, row: number): Promise<Tile> {
    const key = `/slides/${id}/levels/${slideLevel}/${column}_${row}.jpg`;
    const ready = this.#parts.cache.ready(key);
    if (ready !== undefined) return ready;
    const slide = await this.open(id);
    const level = slide.index.levels[slideLevel];
    if (level === undefined)
      throw new ServiceError(
        'not-found',
        `slide ${id} has levels 0–${slide.index.levels.length - 1}, not ${slideLevel}`,
      );
    return await this.#parts.cache.get(key, () => this.#stored(slide, level, column, row));
  }

  /**
   * A tile of the strict Deep Zoom pyramid, cropped to its level.
   *
   * @throws {ServiceError} `not-found` outside the pyramid; `busy` when too much rendering is waiting
   */
  async deepZoomTile(id: SlideId, place: DeepZoomPlace): Promise<Tile> {
    const key = deepZoomKey(id, place);
    const ready = this.#parts.cache.ready(key);
    if (ready !== undefined) return ready;
    const slide = await this.open(id);
    return await this.#deepZoom(slide, place, () => this.#parts.queue.admit());
  }

  /** The whole slide, at most `width` px wide and as high. */
  async thumbnail(id: SlideId, width: number): Promise<Tile> {
    const slide = await this.open(id);
    return await this.#parts.cache.get(`/slides/${id}/thumbnail.jpg?width=${width}`, async () => {
      this.#parts.queue.admit();
      const geometry = geometryOf(slide);
      const longest = (level: number) => {
        const size = geometry.levelSize(level);
        return Math.max(size.width, size.height);
      };
      let level = 0;
      while (level < geometry.maxLevel && longest(level) < width) level += 1;
      const canvas = geometry.levelSize(level);
      const pieces = await this.#pieces(slide, level, { left: 0, top: 0, ...canvas });
      const { background } = slide.index.properties;
      const jpeg = await this.#parts.queue.run((decoder) =>
        decoder.compose({
          canvas,
          background,
          pieces,
          shrink: fitWithin(canvas, width),
          quality: renderQuality,
        }),
      );
      return tileOf(jpeg, 'rendered');
    });
  }

  /** An associated image as a JPEG no larger than 2,048 px. @throws {ServiceError} `not-found` */
  async associated(id: SlideId, name: string): Promise<Tile> {
    const slide = await this.open(id);
    return await this.#parts.cache.get(`/slides/${id}/associated/${name}.jpg`, async () => {
      const bytes = await readAssociated(slide, name);
      this.#parts.queue.admit();
      const { background } = slide.index.properties;
      const maxSize = { width: 2048, height: 2048 };
      const jpeg = await this.#parts.queue.run((decoder) =>
        decoder.picture({ bytes, maxSize, background, quality: 90 }),
      );
      return tileOf(jpeg, 'rendered');
    });
  }

  /** A Deep Zoom tile of an open slide; `admit` is asked once, when rendering turns out to be needed. */
  async #deepZoom(slide: OpenSlide, place: DeepZoomPlace, admit: () => void): Promise<Tile> {
    const geometry = geometryOf(slide);
    if (place.level > geometry.maxLevel)
      throw new ServiceError(
        'not-found',
        `slide ${slide.id} has Deep Zoom levels 0–${geometry.maxLevel}, not ${place.level}`,
      );
    const rect = tileRect(geometry.levelSize(place.level), geometry.tile, place.column, place.row);
    return await this.#parts.cache.get(deepZoomKey(slide.id, place), async () => {
      const level = alignedLevel(slide.index, place.level);
      if (level === undefined || !contains(level.size, rect)) {
        if (level !== undefined && place.level === geometry.maxLevel)
          throw new ServiceError('damaged', `slide ${slide.id}: slide level 0 is smaller than the slide`);
        admit();
        return await this.#fromFinerLevel(slide, place, rect);
      }
      const isWhole = rect.width === geometry.tileSize && rect.height === geometry.tileSize;
      if (isWhole) return await this.#stored(slide, level, place.column, place.row);
      admit();
      return await this.#cropped(slide, level, place, rect);
    });
  }

  /** A stored tile, unchanged. */
  async #stored(slide: OpenSlide, level: IndexedLevel, column: number, row: number): Promise<Tile> {
    const grid = gridOf(level.size, level.tileSize);
    if (column >= grid.columns || row >= grid.rows)
      throw new ServiceError(
        'not-found',
        `no tile ${column}_${row} in ${grid.columns}×${grid.rows} tiles of a level of ` +
          `${level.size.width}×${level.size.height} px`,
      );
    const i = row * level.columns + column;
    const length = level.lengths[i] ?? 0;
    if (length === 0) return await this.#background(slide, level.tileSize);
    const source = slide.objects[level.object];
    if (source === undefined) throw new Error(`slide ${slide.id}: no object ${level.object}`);
    const jpeg = standaloneJpeg(level.prefix, await source.read(level.offsets[i] ?? 0, length));
    checkTile(jpeg, level.tileSize, `slide ${slide.id}: tile ${column}_${row} at 1/${level.downsample}`);
    return tileOf(jpeg, level.origin === 'scanner' ? 'passthrough' : 'converted');
  }

  /** A plain tile in the slide's background colour. */
  async #background(slide: OpenSlide, size: Size): Promise<Tile> {
    const { background } = slide.index.properties;
    const key = `background/${size.width}x${size.height}/${background.join('-')}`;
    return await this.#parts.cache.get(key, async () => {
      const jpeg = await this.#parts.queue.run((decoder) =>
        decoder.compose({ canvas: size, background, pieces: [], shrink: 'none', quality: renderQuality }),
      );
      return tileOf(jpeg, 'background');
    });
  }

  /** An edge tile: the stored one without its padding. */
  async #cropped(slide: OpenSlide, level: IndexedLevel, place: DeepZoomPlace, rect: Rect): Promise<Tile> {
    const stored = await this.#stored(slide, level, place.column, place.row);
    if (stored.path === 'background') return await this.#background(slide, rect);
    const { width, height } = rect;
    const crop = { left: 0, top: 0, width, height };
    const piece: Piece = { jpeg: stored.jpeg, size: level.tileSize, crop, left: 0, top: 0 };
    const { background } = slide.index.properties;
    const jpeg = await this.#parts.queue.run((decoder) =>
      decoder.compose({
        canvas: { width, height },
        background,
        pieces: [piece],
        shrink: 'none',
        quality: renderQuality,
      }),
    );
    return tileOf(jpeg, 'rendered');
  }

  /** A tile as the 2 × 2 px means of the up to four tiles it covers in the next finer Deep Zoom level. */
  async #fromFinerLevel(slide: OpenSlide, place: DeepZoomPlace, rect: Rect): Promise<Tile> {
    const finer = geometryOf(slide).levelSize(place.level + 1);
    const left = rect.left * 2;
    const top = rect.top * 2;
    const region = {
      left,
      top,
      width: Math.min(rect.width * 2, finer.width - left),
      height: Math.min(rect.height * 2, finer.height - top),
    };
    const pieces = await this.#pieces(slide, place.level + 1, region);
    const { background } = slide.index.properties;
    const { width, height } = region;
    const jpeg = await this.#parts.queue.run((decoder) =>
      decoder.compose({
        canvas: { width, height },
        background,
        pieces,
        shrink: 'half',
        quality: renderQuality,
      }),
    );
    return tileOf(jpeg, 'rendered');
  }

  /** The Deep Zoom tiles that cover a region whose corner lies on the grid, placed relative to it. */
  async #pieces(slide: OpenSlide, level: number, region: Rect): Promise<Piece[]> {
    const geometry = geometryOf(slide);
    const size = geometry.tileSize;
    const firstColumn = region.left / size;
    const firstRow = region.top / size;
    const { columns, rows } = gridOf(region, geometry.tile);
    const places = Array.from({ length: columns * rows }, (_, i) => ({
      level,
      column: firstColumn + (i % columns),
      row: firstRow + Math.floor(i / columns),
    }));
    const tiles = await Promise.all(
      places.map(async (place) => ({ place, tile: await this.#deepZoom(slide, place, () => {}) })),
    );
    return tiles.map(({ place, tile }) => {
      const rect = tileRect(geometry.levelSize(level), geometry.tile, place.column, place.row);
      const { width, height } = rect;
      const crop = { left: 0, top: 0, width, height };
      return {
        jpeg: tile.jpeg,
        size: { width, height },
        crop,
        left: rect.left - region.left,
        top: rect.top - region.top,
      };
    });
  }
}

/** Path of a Deep Zoom tile; its key in the cache. */
function deepZoomKey(id: SlideId, place: DeepZoomPlace): string {
  return `/slides/${id}_files/${place.level}/${place.column}_${place.row}.jpg`;
}

/** The Deep Zoom pyramid of a slide. */
export function geometryOf(slide: OpenSlide): DeepZoom {
  return deepZoomOf(slide.index.properties.size, deepZoomTileSize(slide.index));
}

/** Whether a rectangle lies within a level. */
function contains(level: Size, rect: Rect): boolean {
  return rect.left + rect.width <= level.width && rect.top + rect.height <= level.height;
}

/** The size that fits within a square of `side`, never enlarged. */
function fitWithin(size: Size, side: number): Size {
  const scale = Math.min(1, side / Math.max(size.width, size.height));
  return {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  };
}

/** Refuses stored bytes that are not a JPEG of the tile's size: a browser would show a wrong picture. */
function checkTile(jpeg: Buffer, tileSize: Size, what: string): void {
  const { width, height } = stating(what, () => jpegSize(jpeg));
  if (width === tileSize.width && height === tileSize.height) return;
  throw new ServiceError(
    'damaged',
    `${what} measures ${width}×${height} px instead of ${tileSize.width}×${tileSize.height}; scan or upload the slide again`,
  );
}

/** Runs `read` and says of what it speaks when it fails. */
function stating<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof ServiceError)) throw cause;
    throw new ServiceError(cause.kind, `${what}: ${cause.message}`, { cause });
  }
}
