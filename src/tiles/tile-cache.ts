import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Counter } from 'prom-client';
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
  const numbers = [place.objectSize, place.offset, place.length];
  return { jpeg, etag: `"${numbers.map((n) => n.toString(36)).join('-')}"`, path };
}

/** Bytes an entry costs beside its JPEG: key, tag, bookkeeping. */
const entryBytes = 400;

/** Least-recently-used tiles within a budget of bytes; each is made once, however many ask; failures are forgotten. */
export class TileCache {
  readonly #cache: LRUCache<string, Tile, () => Promise<Tile>>;
  readonly #metrics: Metrics;
  readonly #hits: Counter.Internal;

  constructor(maxBytes: number, metrics: Metrics) {
    this.#metrics = metrics;
    this.#hits = metrics.cache.labels('hit');
    this.#cache = new LRUCache<string, Tile, () => Promise<Tile>>({
      maxSize: maxBytes,
      sizeCalculation: (tile) => tile.jpeg.length + entryBytes,
      fetchMethod: (_key, _stale, { context: make }) => make(),
      // Pushed out while being made: whoever waits still gets it.
      ignoreFetchAbort: true,
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
    this.#metrics.cache.inc({ outcome: 'miss' });
    const made = await this.#cache.fetch(key, { context: make });
    this.#metrics.cacheBytes.set(this.#cache.calculatedSize);
    // A tile larger than the whole cache is not kept, and fetch then still resolves to it.
    return made ?? (await make());
  }

  /** Keeps a tile that was made beside another; one that is there stays. */
  keep(key: string, tile: Tile): void {
    if (!this.#cache.has(key)) this.#cache.set(key, tile);
  }

  /** Drops every tile whose key starts with `prefix`. Costs a walk over all keys. */
  forget(prefix: string): void {
    for (const key of this.#cache.keys()) if (key.startsWith(prefix)) this.#cache.delete(key);
  }
}
