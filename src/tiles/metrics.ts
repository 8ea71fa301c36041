import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * How a tile came about: `passthrough` the slide's own bytes (of a tile at an edge, what lies within) ·
 * `converted` a tile this service made beforehand · `rendered` made on demand · `background` nothing was scanned there.
 */
export type TilePath = 'passthrough' | 'converted' | 'rendered' | 'background';

/** Bounds of the times to answer that are told apart, s. */
export const latencyBounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** What operators watch; served at /metrics in Prometheus' text format. */
export class Metrics {
  readonly registry = new Registry();
  readonly tiles = new Counter({
    name: 'telepath_tiles_total',
    help: 'Tiles answered, by how each came about',
    labelNames: ['path'] as const,
    registers: [this.registry],
  });
  readonly cache = new Counter({
    name: 'telepath_tile_cache_total',
    help: 'Look-ups in the tile cache, by outcome',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });
  readonly cacheBytes = new Gauge({
    name: 'telepath_tile_cache_bytes',
    help: 'Bytes of tiles in the cache',
    registers: [this.registry],
  });
  readonly rejected = new Counter({
    name: 'telepath_renderings_rejected_total',
    help: 'Requests answered 503 because too many renderings were waiting',
    registers: [this.registry],
  });
  readonly waiting = new Gauge({
    name: 'telepath_renderings_waiting',
    help: 'Renderings waiting for a decoder thread',
    registers: [this.registry],
  });
  readonly seconds = new Histogram({
    name: 'telepath_request_seconds',
    help: 'Time to answer, by kind of request',
    labelNames: ['route', 'status'] as const,
    buckets: [...latencyBounds],
    registers: [this.registry],
  });

  readonly jobs = new Counter({
    name: 'telepath_jobs_total',
    help: 'Jobs ended, by kind and outcome',
    labelNames: ['kind', 'outcome'] as const,
    registers: [this.registry],
  });
  readonly megapixels = new Counter({
    name: 'telepath_converted_megapixels_total',
    help: 'Pixels of slides turned into tiles, in millions',
    registers: [this.registry],
  });

  readonly #readySeconds = this.seconds.labels('tile from memory', '200');
  readonly #madeSeconds = this.seconds.labels('tile', '200');
  readonly #tilesBy: Readonly<Record<TilePath, Counter.Internal>>;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.#tilesBy = {
      passthrough: this.tiles.labels('passthrough'),
      converted: this.tiles.labels('converted'),
      rendered: this.tiles.labels('rendered'),
      background: this.tiles.labels('background'),
    };
  }

  /** Notes the time that a tile took, from memory or not. On the hot path, so no label is looked up. */
  observeTile(wasReady: boolean, seconds: number): void {
    (wasReady ? this.#readySeconds : this.#madeSeconds).observe(seconds);
  }

  /** Counts a job that ended. */
  jobEnded(kind: string, outcome: 'done' | 'failed'): void {
    this.jobs.inc({ kind, outcome });
  }

  /** Counts pixels that were turned into tiles. */
  converted(pixels: number): void {
    this.megapixels.inc(pixels / 1e6);
  }

  /** Counts one tile answered. On the hot path, so no label is looked up. */
  countTile(path: TilePath): void {
    this.#tilesBy[path].inc();
  }
}
