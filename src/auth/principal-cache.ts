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

/** After this time it is looked up again, while requests go on by what is known, ms: nobody waits for it. */
export const renewAfterMs = 1500;

/** What is known of a secret. */
export interface Known {
  readonly proven: Proven;
  /** Whether it is time to look it up again. */
  readonly isOld: boolean;
}

interface Entry {
  readonly proven: Proven;
  readonly lookedUpAt: number;
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
  get(secret: string): Known | undefined {
    const entry = this.#entries.get(secret);
    if (entry === undefined) return undefined;
    const { proven, lookedUpAt } = entry;
    const now = this.#now();
    const ageMs = now - lookedUpAt;
    // Below zero somebody set the clock back: what is known may be of any age.
    if (ageMs < 0 || ageMs >= freshMs || now >= proven.expiresAt) return undefined;
    return { proven, isOld: ageMs >= renewAfterMs };
  }

  /** Looks up who holds a secret, once however many ask at the same time; that nobody does is not remembered. */
  async look(secret: string, find: () => Promise<Proven | undefined>): Promise<Proven | undefined> {
    const underWay = this.#looking.get(secret);
    if (underWay !== undefined) return await underWay;
    const looking = this.#lookNow(secret, find).finally(() => {
      if (this.#looking.get(secret) === looking) this.#looking.delete(secret);
    });
    this.#looking.set(secret, looking);
    return await looking;
  }

  async #lookNow(secret: string, find: () => Promise<Proven | undefined>): Promise<Proven | undefined> {
    const generation = this.#generation;
    const lookedUpAt = this.#now();
    const proven = await find();
    if (proven === undefined) this.#entries.delete(secret);
    else if (generation === this.#generation) this.#entries.set(secret, { proven, lookedUpAt });
    return proven;
  }

  /** Forgets who holds a secret. */
  forget(secret: string): void {
    this.#generation += 1;
    this.#entries.delete(secret);
    this.#looking.delete(secret);
  }

  /** Forgets all that an account holds. */
  forgetAccount(accountId: string): void {
    this.#generation += 1;
    this.#looking.clear();
    for (const [secret, { proven }] of this.#entries.entries())
      if (proven.person.accountId === accountId) this.#entries.delete(secret);
  }
}
