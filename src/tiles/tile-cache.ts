import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Counter, Gauge } from 'prom-client';
import type { Metrics, TilePath } from './metrics.ts';

/** A tile ready to send. */
export interface Tile {
  /** A complete JPEG file. */
  readonly jpeg: Buffer;
  /** Strong entity tag, quotes included. */
  readonly etag: string;
  readonly path: TilePath;
}

/** A tile that was made now: its tag is a hash of its bytes. */
export function tileOf(jpeg: Buffer, path: TilePath): Tile {
  const hash = createHash('sha256').update(jpeg).digest('base64url').slice(0, 22);
  return { jpeg, etag: `"${hash}"`, path };
}

/**
 * A tile whose bytes stand in an object that is never written again: its tag is its place there, which costs no
 * hashing. The object's size tells apart two pyramids that were made of one slide.
 */
export function storedTileOf(
  jpeg: Buffer,
  path: TilePath,
  place: { readonly objectSize: number; readonly offset: number; readonly length: number },
): Tile {
  const { objectSize, offset, length } = place;
  return { jpeg, etag: `"${objectSize.toString(36)}-${offset.toString(36)}-${length.toString(36)}"`, path };
}

/** Bytes an entry costs beside its JPEG: key, tag, bookkeeping. */
const entryBytes = 400;

/** Least-recently-used tiles within a budget of bytes; each is made once, however many ask; failures are forgotten. */
export class TileCache {
  readonly #cache: LRUCache<string, Tile>;
  /** Tiles in the making. By lru-cache's own `fetch` one that is not there costs a third more. */
  readonly #making = new Map<string, Promise<Tile>>();
  readonly #hits: Counter.Internal;
  readonly #misses: Counter.Internal;
  readonly #bytes: Gauge.Internal<string>;

  constructor(maxBytes: number, metrics: Metrics) {
    this.#hits = metrics.cache.labels('hit');
    this.#misses = metrics.cache.labels('miss');
    this.#bytes = metrics.cacheBytes.labels();
    this.#cache = new LRUCache<string, Tile>({
      maxSize: maxBytes,
      sizeCalculation: (tile) => tile.jpeg.length + entryBytes,
    });
  }

  /** The tile when it is ready now, for the fast path; undefined otherwise. */
  ready(key: string): Tile | undefined {
    const tile = this.#cache.get(key);
    if (tile !== undefined) this.#hits.inc();
    return tile;
  }

  /** The tile for `key`, from memory or made by `make`. */
  async get(key: string, make: () => Promise<Tile>): Promise<Tile> {
    const ready = this.ready(key);
    if (ready !== undefined) return ready;
    this.#misses.inc();
    const underWay = this.#making.get(key);
    if (underWay !== undefined) return await underWay;
    const making = make();
    this.#making.set(key, making);
    try {
      const tile = await making;
      // What was forgotten meanwhile is given to who asked for it then, and not kept.
      if (this.#making.get(key) === making) this.#keep(key, tile);
      return tile;
    } finally {
      if (this.#making.get(key) === making) this.#making.delete(key);
    }
  }

  /** Keeps a tile that was read at once, without {@link get}. */
  took(key: string, tile: Tile): void {
    this.#misses.inc();
    this.#keep(key, tile);
  }

  /** Keeps a tile that was made beside another; one that is there stays. */
  keep(key: string, tile: Tile): void {
    if (!this.#cache.has(key)) this.#keep(key, tile);
  }

  /** Drops every tile whose key starts with `prefix`. Costs a walk over all keys. */
  forget(prefix: string): void {
    for (const key of this.#cache.keys()) if (key.startsWith(prefix)) this.#cache.delete(key);
    for (const key of this.#making.keys()) if (key.startsWith(prefix)) this.#making.delete(key);
  }

  #keep(key: string, tile: Tile): void {
    this.#cache.set(key, tile);
    this.#bytes.set(this.#cache.calculatedSize);
  }
}
