import { LRUCache } from 'lru-cache';
import { ServiceError, type ErrorKind } from '../core/errors.ts';
import { alignedLevel, type DeepZoom } from '../pyramid/deep-zoom.ts';
import type { IndexedLevel } from '../pyramid/tile-index.ts';
import { deepZoomPath, planePath, type DeepZoomPlace } from './deep-zoom-path.ts';
import type { OpenSlide } from './library.ts';
import type { StoredTiles } from './stored-tiles.ts';
import { tileOf, type Tile, type TileCache } from './tile-cache.ts';

/** Tiles along each side of a block: enough to spread the cost of decoding, few enough for one person's wait. */
const side = 4;

/** Failures that may be of one tile of a block only. */
const concernsOneTile: ReadonlySet<ErrorKind> = new Set(['damaged', 'unsupported']);

/** A rectangle of tiles of a Deep Zoom level, all whole. */
interface Block {
  readonly level: number;
  readonly column: number;
  readonly row: number;
  readonly columns: number;
  readonly rows: number;
}

/**
 * Tiles of levels that a slide lacks, made in blocks with their neighbours, which are looked at next: a tile alone
 * costs nearly three times as much (measured: bench, serve).
 */
export class TileBlocks {
  readonly #stored: StoredTiles;
  readonly #cache: TileCache;
  /** Blocks in the making. */
  readonly #making = new Map<string, Promise<ReadonlyMap<string, Tile>>>();
  /** Blocks that could not be made: their tiles are made alone, so that only the damaged ones fail. */
  readonly #unmade = new LRUCache<string, true>({ max: 10_000 });

  constructor(stored: StoredTiles, cache: TileCache) {
    this.#stored = stored;
    this.#cache = cache;
  }

  /** The tile, or undefined where it has to be made alone: at an edge, or where the next finer level is not stored. */
  async tile(slide: OpenSlide, geometry: DeepZoom, place: DeepZoomPlace): Promise<Tile | undefined> {
    if (geometry.tileSize % 16 !== 0 || place.level === geometry.maxLevel) return undefined;
    const finer = alignedLevel(slide.index, place.level + 1);
    const block = finer && blockAround(place, geometry, finer);
    if (finer === undefined || block === undefined) return undefined;
    const key = `${planePath(slide)} ${slide.indexCrc} ${block.level} ${block.column} ${block.row}`;
    if (this.#unmade.has(key)) return undefined;
    let making = this.#making.get(key);
    if (making === undefined) {
      making = this.#make(slide, finer, block).finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    try {
      return (await making).get(deepZoomPath(slide, place));
    } catch (error) {
      if (!(error instanceof ServiceError) || !concernsOneTile.has(error.kind)) throw error;
      this.#unmade.set(key, true);
      return undefined;
    }
  }

  /** All tiles of a block by their path; they are in the cache then, too. */
  async #make(slide: OpenSlide, finer: IndexedLevel, block: Block): Promise<ReadonlyMap<string, Tile>> {
    const { column, row, columns, rows } = block;
    const made = await this.#stored.shrink(slide, finer, {
      column: column * 2,
      row: row * 2,
      columns: columns * 2,
      rows: rows * 2,
    });
    const tiles = new Map<string, Tile>();
    for (const [i, jpeg] of made.entries()) {
      const place = {
        level: block.level,
        column: column + (i % columns),
        row: row + Math.floor(i / columns),
      };
      const tile = tileOf(jpeg, 'rendered');
      tiles.set(deepZoomPath(slide, place), tile);
      this.#cache.keep(deepZoomPath(slide, place), tile);
    }
    return tiles;
  }
}

/** The block that a tile is in, as far as its tiles are whole and covered by whole stored ones. */
function blockAround(place: DeepZoomPlace, geometry: DeepZoom, finer: IndexedLevel): Block | undefined {
  const { width, height } = geometry.levelSize(place.level);
  const { tileSize } = geometry;
  const wholeColumns = Math.min(Math.floor(width / tileSize), Math.floor(finer.size.width / (2 * tileSize)));
  const wholeRows = Math.min(Math.floor(height / tileSize), Math.floor(finer.size.height / (2 * tileSize)));
  if (place.column >= wholeColumns || place.row >= wholeRows) return undefined;
  const column = place.column - (place.column % side);
  const row = place.row - (place.row % side);
  const columns = Math.min(side, wholeColumns - column);
  const rows = Math.min(side, wholeRows - row);
  return { level: place.level, column, row, columns, rows };
}
