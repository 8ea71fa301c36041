import PQueue from 'p-queue';
import { ServiceError } from '../core/errors.ts';
import type { Decoder } from '../pyramid/tasks.ts';
import type { Metrics } from './metrics.ts';

/** How much rendering is let in. */
export interface RenderQueueOptions {
  readonly decoder: Decoder;
  /** Renderings at once. */
  readonly concurrency: number;
  /** Renderings that may wait; beyond it new requests are refused. */
  readonly maxWaiting: number;
  readonly metrics: Metrics;
}

/** Stands between requests and the decoder: a burst waits in line, a flood is told to come back. */
export class RenderQueue {
  readonly #queue: PQueue;
  readonly #options: RenderQueueOptions;

  constructor(options: RenderQueueOptions) {
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.concurrency });
  }

  /**
   * Called once per request that needs rendering, before any of its parts.
   *
   * @throws {ServiceError} `busy` when too many renderings wait already
   */
  admit(): void {
    const { maxWaiting, metrics } = this.#options;
    if (this.#queue.size < maxWaiting) return;
    metrics.rejected.inc();
    throw new ServiceError('busy', `${this.#queue.size} renderings are waiting; try again in a second`);
  }

  /** Runs `work` with the decoder when its turn comes. Parts of an admitted request are never refused. */
  async run<T>(work: (decoder: Decoder) => Promise<T>): Promise<T> {
    const { decoder, metrics } = this.#options;
    metrics.waiting.set(this.#queue.size);
    return await this.#queue.add(() => work(decoder));
  }
}
