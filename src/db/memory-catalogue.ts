import type { SlideId } from '../core/slide.ts';
import type { Catalogue, SlideFilter, SlideRecord, SlideState } from './catalogue.ts';

/** A catalogue that lasts as long as this process: for one slide shown from the command line, and for benchmarks. */
export class MemoryCatalogue implements Catalogue {
  readonly #records = new Map<SlideId, SlideRecord>();

  async list({ organisationId }: SlideFilter = {}): Promise<readonly SlideRecord[]> {
    const all = [...this.#records.values()].sort(newestFirst);
    return organisationId === undefined ? all : all.filter((one) => one.organisationId === organisationId);
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
