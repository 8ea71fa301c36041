import { ServiceError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import type { SlideId } from '../core/slide.ts';
import { readAssociated } from './associated.ts';
import { deepZoomPath, planePath, type DeepZoomPlace, type PlaneOf } from './deep-zoom-path.ts';
import { DeepZoomTiles, geometryOf } from './deep-zoom-tiles.ts';
import { openPlane, type Library, type OpenSlide } from './library.ts';
import type { RenderQueue } from './render-queue.ts';
import { StoredTiles } from './stored-tiles.ts';
import { tileOf, type Tile, type TileCache } from './tile-cache.ts';

/** Longest side of an associated image as it is served, px. */
const associatedSide = 2048;

/** Every tile has one path: numbers without leading zeros. */
const tilePath =
  /^\/slides\/([0-9a-f]{32})(?:\/planes\/(0|[1-9]\d?))?(_files\/|\/levels\/)(0|[1-9]\d{0,6})\/(0|[1-9]\d{0,6})_(0|[1-9]\d{0,6})\.jpg$/;

/** Where a tile of a slide's own level lies: slide level (0 = full size), column and row from 0. */
export type SlidePlace = DeepZoomPlace;

/** Parts of the tile service. */
export interface TileServiceParts {
  readonly library: Library;
  readonly cache: TileCache;
  readonly queue: RenderQueue;
  /** JPEG quality of what is rendered. */
  readonly quality: number;
}

/** Answers every tile and picture of every slide: from memory, from the slide's own bytes, or rendered. */
export class TileService {
  readonly #library: Library;
  readonly #cache: TileCache;
  readonly #queue: RenderQueue;
  readonly #stored: StoredTiles;
  readonly #deepZoom: DeepZoomTiles;

  constructor({ library, cache, queue, quality }: TileServiceParts) {
    this.#library = library;
    this.#cache = cache;
    this.#queue = queue;
    this.#stored = new StoredTiles(cache, queue, quality);
    this.#deepZoom = new DeepZoomTiles(this.#stored, cache);
  }

  /**
   * The tile at a URL's path when it is in memory, for the fast path: tiles are kept by the one path that names
   * them, so looking one up parses nothing.
   */
  ready(path: string): Tile | undefined {
    return this.#cache.ready(path);
  }

  /**
   * The tile at a URL's path when it is stored as it is shown, and is there without waiting: most tiles of files are.
   * What fails, fails once more by {@link at}, which says why.
   */
  atHand(path: string): Tile | undefined {
    const found = parsedPath(path);
    if (found === undefined || found.of.plane !== undefined) return undefined;
    const slide = this.#library.opened(found.of.id);
    if (slide === undefined) return undefined;
    try {
      const tile = found.isOwn
        ? this.#slideTileNow(slide, found.place)
        : this.#deepZoom.tileNow(slide, found.place);
      if (tile !== undefined) this.#cache.took(path, tile);
      return tile;
    } catch (error) {
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }

  #slideTileNow(slide: OpenSlide, { level, column, row }: SlidePlace): Tile | undefined {
    const own = slide.index.levels[level];
    return own && this.#stored.readNow(slide, own, column, row);
  }

  /**
   * The tile at a URL's path; undefined when the path is not a tile's.
   *
   * @throws {ServiceError} as {@link slideTile} and {@link deepZoomTile}
   */
  at(path: string): Promise<Tile> | undefined {
    const found = parsedPath(path);
    if (found === undefined) return undefined;
    return found.isOwn ? this.slideTile(found.of, found.place) : this.deepZoomTile(found.of, found.place);
  }

  /** The slide, open. @throws {ServiceError} `not-found` */
  open(id: SlideId): Promise<OpenSlide> {
    return this.#library.open(id);
  }

  /** One focal plane of a slide, open. @throws {ServiceError} `not-found` */
  async openPlane({ id, plane }: PlaneOf): Promise<OpenSlide> {
    const slide = await this.open(id);
    return plane === undefined ? slide : openPlane(slide, plane);
  }

  /**
   * Exactly the slide's own tile, always of the level's full tile size; plain background where none is stored.
   *
   * @throws {ServiceError} `not-found` outside the grid; `damaged` when the stored bytes are no such JPEG
   */
  async slideTile(of: PlaneOf, { level: slideLevel, column, row }: SlidePlace): Promise<Tile> {
    const path = `${planePath(of)}/levels/${slideLevel}/${column}_${row}.jpg`;
    return await this.#cache.get(path, async () => {
      const slide = await this.openPlane(of);
      const level = slide.index.levels[slideLevel];
      if (level === undefined)
        throw new ServiceError(
          'not-found',
          `slide ${of.id} has levels 0–${slide.index.levels.length - 1}, not ${slideLevel}`,
        );
      return await this.#stored.read(slide, level, column, row);
    });
  }

  /**
   * A tile of the strict Deep Zoom pyramid, cropped to its level.
   *
   * @throws {ServiceError} `not-found` outside the pyramid; `busy` when too much rendering is waiting
   */
  async deepZoomTile(of: PlaneOf, place: DeepZoomPlace): Promise<Tile> {
    const ready = this.#cache.ready(deepZoomPath(of, place));
    return ready ?? (await this.#deepZoom.tile(await this.openPlane(of), place, () => this.#queue.admit()));
  }

  /** The whole slide, its longest side at most `width` px. */
  async thumbnail(id: SlideId, width: number): Promise<Tile> {
    return await this.#cache.get(`/slides/${id}/thumbnail.jpg?width=${width}`, async () => {
      const slide = await this.open(id);
      this.#queue.admit();
      const geometry = geometryOf(slide);
      let level = 0;
      while (level < geometry.maxLevel && longest(geometry.levelSize(level)) < width) level += 1;
      return await this.#deepZoom.overview(slide, level, fitWithin(geometry.levelSize(level), width));
    });
  }

  /** An associated image as a JPEG no larger than 2,048 px. @throws {ServiceError} `not-found` */
  async associated(id: SlideId, name: string): Promise<Tile> {
    return await this.#cache.get(`/slides/${id}/associated/${name}.jpg`, async () => {
      const slide = await this.open(id);
      const bytes = await readAssociated(slide, name);
      this.#queue.admit();
      const { background } = slide.index.properties;
      const maxSize = { width: associatedSide, height: associatedSide };
      const jpeg = await this.#queue.run((decoder) =>
        decoder.picture({ bytes, maxSize, background, quality: 90 }),
      );
      return tileOf(jpeg, 'rendered');
    });
  }
}

/** What a tile's path says. */
interface TileAddress {
  readonly of: PlaneOf;
  readonly place: DeepZoomPlace;
  /** Whether it is of a slide's own level. */
  readonly isOwn: boolean;
}

/** @returns undefined when a path is not a tile's */
function parsedPath(path: string): TileAddress | undefined {
  const found = tilePath.exec(path);
  if (found === null) return undefined;
  const [, id = '', plane, kind, level, column, row] = found;
  const place = { level: Number(level), column: Number(column), row: Number(row) };
  return {
    of: plane === undefined ? { id } : { id, plane: Number(plane) },
    place,
    isOwn: kind === '/levels/',
  };
}

/** The longer side. */
function longest(size: Size): number {
  return Math.max(size.width, size.height);
}

/** The size that fits within a square of `side`, never enlarged. */
function fitWithin(size: Size, side: number): Size {
  const scale = Math.min(1, side / longest(size));
  return {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  };
}
