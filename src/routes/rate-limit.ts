import { LRUCache } from 'lru-cache';
import { ServiceError } from '../core/errors.ts';

/** Lets each address ask so often in a while, in this process. */
export class RateLimit {
  readonly #most: number;
  readonly #everyMs: number;
  readonly #counts: LRUCache<string, { count: number; readonly since: number }>;

  constructor({ most, everyMs }: { readonly most: number; readonly everyMs: number }) {
    this.#most = most;
    this.#everyMs = everyMs;
    this.#counts = new LRUCache({ max: 10_000, ttl: everyMs });
  }

  /** Counts a question. @throws {ServiceError} `throttled` */
  take(address: string): void {
    const now = Date.now();
    const there = this.#counts.get(address);
    if (there === undefined) {
      this.#counts.set(address, { count: 1, since: now });
      return;
    }
    there.count += 1;
    if (there.count <= this.#most) return;
    const retryAfterSeconds = Math.max(1, Math.ceil((there.since + this.#everyMs - now) / 1000));
    throw new ServiceError(
      'throttled',
      `too many questions from your address; wait ${retryAfterSeconds} seconds`,
      { retryAfterSeconds },
    );
  }
}
