import type { SlideId } from '../core/slide.ts';
import {
  noPlace,
  type Catalogue,
  type SlideFacts,
  type SlideFilter,
  type SlideRecord,
  type SlideState,
} from './catalogue.ts';

/** A catalogue that lasts as long as this process: for one slide shown from the command line, and for benchmarks. */
export class MemoryCatalogue implements Catalogue {
  readonly #records = new Map<SlideId, SlideRecord>();

  async list(filter: SlideFilter = {}): Promise<readonly SlideRecord[]> {
    const { organisationId, words = [], limit = Number.POSITIVE_INFINITY, from } = filter;
    const all = [...this.#records.values()].sort(newestFirst).filter((one) => {
      const text = `${one.name} ${one.facts?.vendor ?? ''}`.toLowerCase();
      const isIn = organisationId === undefined || one.organisationId === organisationId;
      return isIn && words.every((word) => text.includes(word.toLowerCase()));
    });
    if (from === undefined) return all.slice(0, limit);
    const at = all.findIndex(({ id }) => id === from.id);
    if (at === -1) throw noPlace(from.id);
    if (from.side === 'after') return all.slice(at + 1, at + 1 + limit);
    const before = limit === Number.POSITIVE_INFINITY ? at : Math.floor((limit - 1) / 2);
    return all.slice(Math.max(0, at - before), at + limit - before);
  }

  async get(id: SlideId): Promise<SlideRecord | undefined> {
    return this.#records.get(id);
  }

  async save(record: SlideRecord): Promise<void> {
    this.#records.set(record.id, record);
  }

  async setState(id: SlideId, state: SlideState, from?: readonly SlideState['kind'][]): Promise<boolean> {
    const known = this.#records.get(id);
    if (known === undefined || from?.includes(known.state.kind) === false) return false;
    this.#records.set(id, { ...known, state });
    return true;
  }

  async describe(id: SlideId, facts: SlideFacts): Promise<void> {
    const known = this.#records.get(id);
    if (known !== undefined) this.#records.set(id, { ...known, facts });
  }

  async setUrgent(id: SlideId, isUrgent: boolean): Promise<boolean> {
    const known = this.#records.get(id);
    if (known === undefined) return false;
    const { isUrgent: _, ...rest } = known;
    this.#records.set(id, isUrgent ? { ...rest, isUrgent } : rest);
    return true;
  }

  async remove(id: SlideId): Promise<void> {
    this.#records.delete(id);
  }
}

/** The order of a catalogue's list; slides added in the same millisecond are ordered by id, so it never varies. */
export function newestFirst(a: SlideRecord, b: SlideRecord): number {
  if (a.addedAt !== b.addedAt) return a.addedAt > b.addedAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
