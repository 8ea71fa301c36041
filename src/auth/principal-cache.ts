import { LRUCache } from 'lru-cache';
import type { Clock } from './secrets.ts';
import type { Proven } from './sessions.ts';

/**
 * How long a process goes by what it looked up, ms.
 *
 * So a tile costs no query, and somebody disabled or signed out by another process is out within three seconds,
 * without a channel between processes that could fail unnoticed. This process forgets at once.
 */
export const freshMs = 3000;

interface Entry {
  readonly proven: Proven;
  readonly freshUntil: number;
}

/** Who was found to hold which secret, a moment ago. */
export class PrincipalCache {
  readonly #entries = new LRUCache<string, Entry>({ max: 10_000 });
  readonly #looking = new Map<string, Promise<Proven | undefined>>();
  readonly #now: Clock;
  /** Counts what was forgotten, so that what was looked up before is not kept after. */
  #generation = 0;

  constructor(now: Clock) {
    this.#now = now;
  }

  /** Who holds a secret, if that is known for now; well below a microsecond. */
  get(secret: string): Proven | undefined {
    const entry = this.#entries.get(secret);
    return entry !== undefined && this.#now() < entry.freshUntil ? entry.proven : undefined;
  }

  /** Looks up who holds a secret, once however many ask at the same time; that nobody does is not remembered. */
  async look(secret: string, find: () => Promise<Proven | undefined>): Promise<Proven | undefined> {
    const underWay = this.#looking.get(secret);
    if (underWay !== undefined) return await underWay;
    const looking = this.#lookNow(secret, find).finally(() => this.#looking.delete(secret));
    this.#looking.set(secret, looking);
    return await looking;
  }

  async #lookNow(secret: string, find: () => Promise<Proven | undefined>): Promise<Proven | undefined> {
    const generation = this.#generation;
    const proven = await find();
    if (proven === undefined) this.#entries.delete(secret);
    else if (generation === this.#generation) {
      const freshUntil = Math.min(this.#now() + freshMs, proven.expiresAt);
      this.#entries.set(secret, { proven, freshUntil });
    }
    return proven;
  }

  /** Forgets who holds a secret. */
  forget(secret: string): void {
    this.#generation += 1;
    this.#entries.delete(secret);
  }

  /** Forgets all that an account holds. */
  forgetAccount(accountId: string): void {
    this.#generation += 1;
    for (const [secret, { proven }] of this.#entries.entries())
      if (proven.person.accountId === accountId) this.#entries.delete(secret);
  }
}
