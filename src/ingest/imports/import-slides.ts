import PQueue from 'p-queue';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { indexObject, original, slideKey } from '../../core/objects.ts';
import { factsOf, type SlideState } from '../../db/catalogue.ts';
import type { OriginSlide, SlideOrigins } from '../../db/slide-origins.ts';
import { parseSlide } from '../../formats/registry.ts';
import { buildIndex } from '../../pyramid/build-index.ts';
import { encodeIndex } from '../../pyramid/tile-index-codec.ts';
import type { TileIndex } from '../../pyramid/tile-index.ts';
import type { Origin } from '../../storage/byte-source.ts';
import { originName } from '../../storage/origin.ts';
import type { Origins } from '../../storage/origins.ts';
import type { Store } from '../../storage/store.ts';
import { asShown, planFor } from '../plan.ts';

/** Files whose structure is read side by side. */
const lookedAtOnce = 16;
/** Files compared with what is there already, and slides written, together. */
const batch = 64;

/** What imports stand on. */
export interface ImportParts {
  readonly store: Store;
  readonly origins: Origins;
  readonly slides: SlideOrigins;
  /** Told of slides that wait for their conversion, once they have a row. */
  readonly convert: (id: string) => Promise<void>;
}

/** What is to be imported. */
export interface ImportOrder {
  /** A file or folder, or `s3://bucket/prefix`. */
  readonly from: string;
  /** To which the slides will belong. */
  readonly organisationId: string;
  /** Whether plain pictures (JPEG, PNG) are taken for slides, too. */
  readonly takesPictures?: boolean;
  /** Whether nothing is written: what would be imported is counted. */
  readonly isRehearsal?: boolean;
  /** Told after each file. */
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Told of each file that is no slide, or could not be read. */
  readonly onRefused?: (place: string, reason: string) => void;
  readonly signal?: AbortSignal;
}

/** How far an import has come, in files. */
export interface ImportProgress {
  readonly found: number;
  /** Whether `found` is final. */
  readonly isListed: boolean;
  /** Slides made, or that would be. */
  readonly registered: number;
  /** Slides that were there already. */
  readonly known: number;
  readonly refused: number;
}

/**
 * Makes slides of files that stay where they are: a few range reads of each, no byte is copied, no pixel decoded.
 *
 * What has a slide already is passed over, so an import that was cut off is simply made again. What is no slide is
 * counted and told; a failure of our own store or database ends the import.
 *
 * @throws {ServiceError} `invalid` outside what may be imported from, `not-found`, `unavailable`
 */
export async function importSlides(parts: ImportParts, order: ImportOrder): Promise<ImportProgress> {
  return await new ImportRun(parts, order).run();
}

class ImportRun {
  readonly #parts: ImportParts;
  readonly #order: ImportOrder;
  readonly #looks = new PQueue({ concurrency: lookedAtOnce });
  readonly #writes = new PQueue({ concurrency: 1 });
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #ready: OriginSlide[] = [];
  #progress: ImportProgress = { found: 0, isListed: false, registered: 0, known: 0, refused: 0 };

  constructor(parts: ImportParts, order: ImportOrder) {
    this.#parts = parts;
    this.#order = order;
    this.#signal =
      order.signal === undefined ? this.#stop.signal : AbortSignal.any([order.signal, this.#stop.signal]);
  }

  async run(): Promise<ImportProgress> {
    try {
      for await (const origins of batches(this.#find(), batch)) {
        this.#count({ found: origins.length });
        await this.#lookAt(origins);
        await this.#looks.onSizeLessThan(batch);
        this.#signal.throwIfAborted();
      }
      this.#progress = { ...this.#progress, isListed: true };
      await this.#looks.onIdle();
      this.#write();
      await this.#writes.onIdle();
      this.#signal.throwIfAborted();
      return this.#progress;
    } catch (error) {
      this.#stop.abort(error);
      await Promise.all([this.#looks.onIdle(), this.#writes.onIdle()]);
      throw error;
    }
  }

  #find(): AsyncIterable<Origin> {
    const unreadable = (path: string, error: Error) => {
      this.#count({ found: 1 });
      this.#refuse(path, error.message);
    };
    return this.#parts.origins.find(this.#order.from, unreadable, this.#signal);
  }

  async #lookAt(origins: readonly Origin[]): Promise<void> {
    const fresh = await this.#parts.slides.unknown(this.#order.organisationId, origins);
    this.#count({ known: origins.length - fresh.length });
    for (const origin of fresh) this.#inBackground(this.#looks, () => this.#look(origin));
  }

  async #look(origin: Origin): Promise<void> {
    const index = await this.#indexOf(origin);
    if (index === undefined) return;
    if (this.#order.isRehearsal === true) return this.#count({ registered: 1 });
    const { store } = this.#parts;
    const id = newId();
    if (index !== 'convert') await store.put(slideKey(id, indexObject), encodeIndex(index));
    // Nothing is left to be done for it: its tiles are not checked, because its owner answers for its bytes.
    const state: SlideState =
      index === 'convert' ? { kind: 'converting', progress: 0 } : { kind: 'complete' };
    const { organisationId } = this.#order;
    const [name, addedAt] = [originName(origin), new Date().toISOString()];
    const facts = index === 'convert' ? {} : { facts: factsOf(index.properties) };
    const record = { id, organisationId, name, state, addedAt, bytes: origin.size, ...facts };
    this.#ready.push({ record, origin });
    if (this.#ready.length >= batch) this.#write();
  }

  /** The tile index of a file, or that it waits for its conversion; undefined for what is no slide. */
  async #indexOf(origin: Origin): Promise<TileIndex | 'convert' | undefined> {
    try {
      const source = this.#parts.origins.source(origin, originName(origin));
      const slide = asShown(await parseSlide(source, this.#signal));
      if (slide.picture !== undefined && this.#order.takesPictures !== true)
        throw new ServiceError('unsupported', 'a picture; to take pictures for slides, say so');
      if (planFor(slide).kind !== 'direct') return 'convert';
      return buildIndex(slide, [{ name: original, size: origin.size }]);
    } catch (error) {
      if (!(error instanceof ServiceError) || this.#signal.aborted) throw error;
      const named = `${originName(origin)}: `;
      const reason = error.message.startsWith(named) ? error.message.slice(named.length) : error.message;
      this.#refuse(placeWithin(this.#order.from, origin), reason);
      return undefined;
    }
  }

  /** Adds what is ready, behind what is being added. */
  #write(): void {
    const slides = this.#ready;
    this.#ready = [];
    if (slides.length > 0) this.#inBackground(this.#writes, () => this.#add(slides));
  }

  async #add(slides: readonly OriginSlide[]): Promise<void> {
    const { store, convert } = this.#parts;
    const added = new Set(await this.#parts.slides.add(this.#order.organisationId, slides));
    for (const slide of slides) {
      const { id, state } = slide.record;
      if (!added.has(slide)) await store.delete(slideKey(id, indexObject));
      else if (state.kind === 'converting') await convert(id);
    }
    this.#count({ registered: added.size, known: slides.length - added.size });
  }

  #refuse(place: string, reason: string): void {
    this.#count({ refused: 1 });
    this.#order.onRefused?.(place, reason);
  }

  #count(more: Partial<Record<'found' | 'registered' | 'known' | 'refused', number>>): void {
    const { found, isListed, registered, known, refused } = this.#progress;
    this.#progress = {
      found: found + (more.found ?? 0),
      isListed,
      registered: registered + (more.registered ?? 0),
      known: known + (more.known ?? 0),
      refused: refused + (more.refused ?? 0),
    };
    this.#order.onProgress?.(this.#progress);
  }

  /** The first failure ends the import. */
  #inBackground(queue: PQueue, work: () => Promise<void>): void {
    void queue.add(async () => {
      if (this.#signal.aborted) return;
      try {
        await work();
      } catch (error) {
        this.#stop.abort(error);
      }
    });
  }
}

/** Where a file lies, as seen from what is imported: short, for a person. */
function placeWithin(from: string, origin: Origin): string {
  const place = origin.kind === 'file' ? origin.path : `s3://${origin.bucket}/${origin.key}`;
  const start = from.replace(/\/+$/, '');
  return place.startsWith(`${start}/`) ? place.slice(start.length + 1) : place;
}

/** Items in groups of `size`; the last may be smaller. */
async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
