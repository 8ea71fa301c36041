import { LRUCache } from 'lru-cache';
import { slideSubject, type Subject } from './policy.ts';

/** Where it is looked up to whom a slide belongs. */
export interface SlideOwners {
  /** @returns undefined when there is no such slide */
  get(id: string): Promise<Parameters<typeof slideSubject>[0] | undefined>;
}

/** After this time to whom a slide belongs is looked up again, while requests go on by what is known, ms. */
const renewAfterMs = 2000;

/** How long a process goes by what it looked up at the longest, ms: so much later a deletion is felt elsewhere. */
export const accessFreshMs = 4000;

interface Entry {
  readonly subject: Subject;
  readonly lookedUpAt: number;
}

/**
 * To whom slides belong and with whom they are shared, kept for a moment, so that a tile costs no query.
 *
 * Only a yes is taken from memory. Who may not see a slide causes the same query as who asks for one that is not
 * there, so neither the answer nor the time it takes tells them apart, and what was just shared can be seen at once.
 */
export class SlideAccess {
  readonly #owners: SlideOwners;
  readonly #now: () => number;
  readonly #entries = new LRUCache<string, Entry>({ max: 20_000 });
  readonly #looking = new Map<string, Promise<Subject | undefined>>();
  /** Counts what was forgotten, so that what was looked up before is not kept after. */
  #generation = 0;

  /** @param now milliseconds that never go back; default: the machine's */
  constructor(owners: SlideOwners, now: () => number = () => performance.now()) {
    this.#owners = owners;
    this.#now = now;
  }

  /** The slide as a subject, if it is known for now; well below a microsecond. */
  known(id: string): Subject | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const ageMs = this.#now() - entry.lookedUpAt;
    if (ageMs < renewAfterMs) return entry.subject;
    // Looked up beside the request. When that fails, what is known ends with its time.
    void this.find(id).catch(() => undefined);
    return ageMs < accessFreshMs ? entry.subject : undefined;
  }

  /**
   * The slide as a subject, for who may do what they ask; looked up where that is not known.
   *
   * @param isAllowed the policy's answer
   * @returns undefined when there is none
   */
  async subjectFor(id: string, isAllowed: (subject: Subject) => boolean): Promise<Subject | undefined> {
    const known = this.known(id);
    return known !== undefined && isAllowed(known) ? known : await this.find(id);
  }

  /** Looks a slide up, once however many ask at the same time. @returns undefined when there is none */
  async find(id: string): Promise<Subject | undefined> {
    const underWay = this.#looking.get(id);
    if (underWay !== undefined) return await underWay;
    const looking = this.#findNow(id).finally(() => {
      if (this.#looking.get(id) === looking) this.#looking.delete(id);
    });
    this.#looking.set(id, looking);
    return await looking;
  }

  async #findNow(id: string): Promise<Subject | undefined> {
    const generation = this.#generation;
    const lookedUpAt = this.#now();
    const slide = await this.#owners.get(id);
    if (slide === undefined) {
      this.#entries.delete(id);
      return undefined;
    }
    const subject = slideSubject(slide);
    if (generation === this.#generation) this.#entries.set(id, { subject, lookedUpAt });
    return subject;
  }

  /** Forgets what is known of a slide, when it was deleted or shared, or is no longer: this process goes by it at once. */
  forget(id: string): void {
    this.#generation += 1;
    this.#entries.delete(id);
    this.#looking.delete(id);
  }

  /** Forgets what is known of all slides, when who was asked about a case has changed. */
  forgetAll(): void {
    this.#generation += 1;
    this.#entries.clear();
    this.#looking.clear();
  }
}
