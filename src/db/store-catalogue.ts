import { buffer } from 'node:stream/consumers';
import PQueue from 'p-queue';
import { z } from 'zod';
import { ServiceError } from '../core/errors.ts';
import { slideIdPattern, type SlideId } from '../core/slide.ts';
import type { Store } from '../storage/store.ts';
import type { Catalogue, SlideRecord } from './catalogue.ts';
import { InOrder } from './in-order.ts';
import { newestFirst } from './memory-catalogue.ts';

const folder = 'catalogue/';
/** Records read side by side. */
const concurrency = 16;

const record = z.strictObject({
  id: z.string().regex(slideIdPattern),
  name: z.string(),
  state: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('converting'), progress: z.number().min(0).max(1) }),
    z.strictObject({ kind: z.literal('viewable') }),
    z.strictObject({ kind: z.literal('failed'), reason: z.string() }),
  ]),
  addedAt: z.iso.datetime(),
  bytes: z.int().nonnegative(),
});

/** How {@link openStoreCatalogue} keeps up with other processes. */
export interface StoreCatalogueOptions {
  /** How long what was read is used without asking the store, ms. */
  readonly refreshMs?: number;
}

interface Entry {
  readonly record: SlideRecord;
  readonly etag: string;
}

/**
 * A catalogue in object storage: one JSON object per slide at `catalogue/<id>.json`.
 *
 * What this process saves it sees at once, what others save within `refreshMs`. A refresh is one listing; only
 * records whose etag changed are read again. `list` shows a damaged record as a failed slide, so that one can't hide
 * all the others; `get` throws `damaged` for it.
 *
 * @param store stays open as long as the catalogue is used
 * @throws {ServiceError} of the store, when it can't be read
 */
export async function openStoreCatalogue(
  store: Store,
  options: StoreCatalogueOptions = {},
): Promise<Catalogue> {
  const catalogue = new StoreCatalogue(store, options.refreshMs ?? 1000);
  await catalogue.list();
  return catalogue;
}

class StoreCatalogue implements Catalogue {
  readonly #store: Store;
  readonly #refreshMs: number;
  readonly #entries = new Map<SlideId, Entry>();
  /** Saved or removed here while a refresh is under way: what that refresh saw of them may be old. */
  readonly #touched = new Set<SlideId>();
  readonly #writes = new InOrder();
  readonly #queue = new PQueue({ concurrency });
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;

  constructor(store: Store, refreshMs: number) {
    this.#store = store;
    this.#refreshMs = refreshMs;
  }

  async list(): Promise<readonly SlideRecord[]> {
    await this.#refresh();
    return [...this.#entries.values()].map((entry) => entry.record).sort(newestFirst);
  }

  async get(id: SlideId): Promise<SlideRecord | undefined> {
    if (!slideIdPattern.test(id)) return undefined;
    const isFresh = performance.now() - this.#refreshedAt < this.#refreshMs;
    const known = this.#entries.get(id)?.record;
    if (isFresh && known !== undefined && known.addedAt !== damagedSince) return known;
    return readRecord(this.#store, id);
  }

  async save(slide: SlideRecord): Promise<void> {
    const checked = record.safeParse(slide);
    if (!checked.success) throw new Error(`a slide record is malformed: ${z.prettifyError(checked.error)}`);
    await this.#writes.run(slide.id, async () => {
      const bytes = Buffer.from(JSON.stringify(slide));
      const { etag } = await this.#store.put(recordKey(slide.id), bytes, { contentType: 'application/json' });
      this.#touched.add(slide.id);
      this.#entries.set(slide.id, { record: slide, etag });
    });
  }

  async remove(id: SlideId): Promise<void> {
    if (!slideIdPattern.test(id)) return;
    await this.#writes.run(id, async () => {
      await this.#store.delete(recordKey(id));
      this.#touched.add(id);
      this.#entries.delete(id);
    });
  }

  async #refresh(): Promise<void> {
    if (performance.now() - this.#refreshedAt < this.#refreshMs) return;
    this.#refreshing ??= this.#readChanges().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async #readChanges(): Promise<void> {
    this.#touched.clear();
    const startedAt = performance.now();
    const seen = new Set<SlideId>();
    const changed: (() => Promise<void>)[] = [];
    for await (const { key, etag } of this.#store.list(folder)) {
      const id = idOf(key);
      if (id === undefined) continue;
      seen.add(id);
      if (this.#entries.get(id)?.etag !== etag) changed.push(() => this.#readChange(id, etag));
    }
    await this.#queue.addAll(changed);
    for (const id of this.#entries.keys())
      if (!seen.has(id) && !this.#touched.has(id)) this.#entries.delete(id);
    this.#refreshedAt = startedAt;
  }

  async #readChange(id: SlideId, etag: string): Promise<void> {
    const found = await readListed(this.#store, id);
    if (this.#touched.has(id)) return;
    if (found === undefined) this.#entries.delete(id);
    else this.#entries.set(id, { record: found, etag });
  }
}

/** Ids of the slides that have a record in a store. */
export async function* recordedIds(store: Store): AsyncGenerator<SlideId> {
  for await (const { key } of store.list(folder)) {
    const id = idOf(key);
    if (id !== undefined) yield id;
  }
}

/**
 * A slide's record in a store, as a list shows it: one that is damaged as a failed slide.
 *
 * @returns undefined when there is none
 */
export async function readListed(store: Store, id: SlideId): Promise<SlideRecord | undefined> {
  return await readRecord(store, id).catch((error: unknown) => {
    if (error instanceof ServiceError && error.kind === 'damaged') return asFailed(id, error.message);
    throw error;
  });
}

/** Key of a slide's record in a store. */
export const recordKey = (id: SlideId): string => `${folder}${id}.json`;

function idOf(key: string): SlideId | undefined {
  const id = key.endsWith('.json') ? key.slice(folder.length, -'.json'.length) : '';
  return slideIdPattern.test(id) ? id : undefined;
}

/** When a slide was added whose record can't be read. */
const damagedSince = '1970-01-01T00:00:00.000Z';

function asFailed(id: SlideId, reason: string): SlideRecord {
  const state = { kind: 'failed', reason: `${reason}; remove the slide and add it again` } as const;
  return { id, name: id, state, addedAt: damagedSince, bytes: 0 };
}

/** @throws {ServiceError} `damaged` */
async function readRecord(store: Store, id: SlideId): Promise<SlideRecord | undefined> {
  const key = recordKey(id);
  // As a stream: a whole object of one moment, whatever is written meanwhile.
  const text = await store.stream(key).then(buffer, (error: unknown) => {
    if (error instanceof ServiceError && error.kind === 'not-found') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = record.safeParse(parseJson(text.toString('utf8')));
  if (!parsed.success || parsed.data.id !== id)
    throw new ServiceError('damaged', `${key}: this slide's record is damaged`);
  return parsed.data;
}

/** @returns undefined for what is no JSON, which no record is either */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
