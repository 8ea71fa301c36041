import { LRUCache } from 'lru-cache';
import { ServiceError } from '../core/errors.ts';
import { checksumsObject, indexObject, original, slideKey } from '../core/objects.ts';
import type { SlideId } from '../core/slide.ts';
import {
  allLevels,
  decodeChecksums,
  indexChecksum,
  maxChecksumsBytes,
  type VerificationReport,
} from '../pyramid/checksums.ts';
import { planeIndex } from '../pyramid/focal-stack.ts';
import { decodeIndex } from '../pyramid/tile-index-codec.ts';
import type { IndexedLevel, IndexedObject, TileIndex } from '../pyramid/tile-index.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { objectSource } from '../storage/sources.ts';
import type { Store } from '../storage/store.ts';

/**
 * Whether a slide's tiles have been checked: `none` they never will be, because the file is somebody else's ·
 * `pending` not to the end yet · `checked` with the CRC-32 of each tile's stored bytes by level.
 */
export type Verification =
  | { readonly state: 'none' | 'pending' }
  | {
      readonly state: 'checked';
      readonly report: VerificationReport;
      readonly tables: ReadonlyMap<IndexedLevel, Uint32Array>;
    };

/** A slide that is open for reading: its tile index and the objects the index speaks of. */
export interface OpenSlide {
  readonly id: SlideId;
  readonly index: TileIndex;
  /** Number of the focal plane that `index` is of alone; absent: the base plane, with what is known of the others. */
  readonly plane?: number;
  /** Sources of `index.objects`, in the same order. */
  readonly objects: readonly ByteSource[];
  /** Checksum of the index, by which an index that was published anew is told from this one. */
  readonly indexCrc: number;
  readonly verification: Verification;
}

/** Where {@link Library} finds what it opens. */
export interface LibraryOptions {
  readonly store: Store;
  /** Originals that stay where they are (`telepath serve FILE`): the source of `original/0` by slide. */
  readonly inPlace: ReadonlyMap<SlideId, ByteSource>;
  /** Originals that are being uploaded: the source of `original/0`; undefined for a slide that is not. */
  readonly arriving?: (id: SlideId) => Promise<ByteSource | undefined>;
  /** Originals that were imported where they lie: the source of `original/0`; undefined for a slide that was not. */
  readonly elsewhere?: (id: SlideId) => Promise<ByteSource | undefined>;
  /** Bytes of tile indexes kept open. */
  readonly maxBytes: number;
}

interface FoundObject {
  readonly source: ByteSource;
  /** Whether it lies where its owner put it: then they answer for its bytes. */
  readonly isTheirs: boolean;
}

/**
 * One focal plane of an open slide, as if it were a slide of its own; its base plane is the slide itself.
 *
 * @throws {ServiceError} `not-found`
 */
export function openPlane(slide: OpenSlide, plane: number): OpenSlide {
  const known = openPlanes.get(slide)?.get(plane);
  if (known !== undefined) return known;
  const index = planeIndex(slide.index, plane);
  const opened = plane === (slide.index.focus?.base ?? 0) ? slide : { ...slide, index, plane };
  openPlanes.set(slide, new Map([...(openPlanes.get(slide) ?? []), [plane, opened]]));
  return opened;
}

/** The planes of a slide by number, each made once: what is worked out for an index is kept with it. */
const openPlanes = new WeakMap<OpenSlide, ReadonlyMap<number, OpenSlide>>();

/** How often an index is read that is published anew meanwhile: that happens a few times in a slide's life. */
const indexTries = 5;

/** Opens slides by their index and keeps the most used ones open. Safe for many calls at once. */
export class Library {
  readonly #options: LibraryOptions;
  readonly #open: LRUCache<SlideId, OpenSlide>;
  #onStale: (id: SlideId) => void = () => {};

  constructor(options: LibraryOptions) {
    this.#options = options;
    this.#open = new LRUCache({
      maxSize: options.maxBytes,
      sizeCalculation: slideBytes,
      fetchMethod: (id) => this.#load(id),
      ignoreFetchAbort: true,
    });
  }

  /** @throws {ServiceError} `not-found` when no such slide is published; `damaged` when its index is not whole */
  async open(id: SlideId): Promise<OpenSlide> {
    const ready = this.#open.get(id) ?? (await this.#open.fetch(id));
    if (ready === undefined) throw new ServiceError('not-found', `no slide ${id}`);
    return ready;
  }

  /** A slide that is open already. */
  opened(id: SlideId): OpenSlide | undefined {
    return this.#open.get(id);
  }

  /** Forgets a slide, so that its index is read again: call it after publishing a new one. */
  forget(id: SlideId): void {
    this.#open.delete(id);
  }

  /** Forgets every slide: call it when what others published may have been missed. */
  forgetAll(): void {
    this.#open.clear();
  }

  /** The slide as it is published now. @throws as {@link open} */
  async reopen(id: SlideId): Promise<OpenSlide> {
    this.forget(id);
    return await this.open(id);
  }

  /** Names who is told of slides whose checksums are damaged or belong to an earlier index: one listener. */
  whenStale(listener: (id: SlideId) => void): void {
    this.#onStale = listener;
  }

  async #load(id: SlideId): Promise<OpenSlide> {
    const { inPlace } = this.#options;
    const { index, indexCrc } = await this.#readIndex(id);
    const [verification, ...found] = await Promise.all([
      inPlace.has(id) ? ({ state: 'none' } as const) : this.#verification(id, index, indexCrc),
      ...index.objects.map((object) => this.#source(id, object)),
    ]);
    const objects = found.map(({ source }) => source);
    const isTheirs = found.some((one) => one.isTheirs);
    return { id, index, objects, indexCrc, verification: isTheirs ? { state: 'none' } : verification };
  }

  /**
   * The index as it is published. It may be published anew between the look at its size and the reading: then what was
   * read is neither, and is read once more.
   *
   * @throws {ServiceError} `not-found`; `damaged` when it is damaged as it stands there
   */
  async #readIndex(id: SlideId): Promise<{ readonly index: TileIndex; readonly indexCrc: number }> {
    const { store } = this.#options;
    const key = slideKey(id, indexObject);
    for (let tries = 1; ; tries += 1) {
      const head = await store.head(key);
      if (head === undefined) throw new ServiceError('not-found', `no slide ${id}`);
      try {
        const bytes = await store.read(key, 0, head.size);
        return { index: decodeIndex(bytes), indexCrc: indexChecksum(bytes) };
      } catch (error) {
        const isDamaged = error instanceof ServiceError && error.kind === 'damaged';
        if (!isDamaged || tries === indexTries || (await store.head(key))?.etag === head.etag) throw error;
      }
    }
  }

  /** One of an index' objects. @throws {ServiceError} `damaged` when it is not of the size it was */
  async #source(id: SlideId, { name, size }: IndexedObject): Promise<FoundObject> {
    const { inPlace } = this.#options;
    const local = name.startsWith('original/') ? inPlace.get(id) : undefined;
    const found = local === undefined ? await this.#stored(id, name) : { source: local, isTheirs: true };
    if (found.source.size === size) return found;
    throw new ServiceError(
      'damaged',
      `slide ${id}: ${name} holds ${found.source.size} bytes, its index says ${size}; import the slide again`,
    );
  }

  /** An object of the store, or what stands in for it. @throws {ServiceError} `not-found` */
  async #stored(id: SlideId, name: string): Promise<FoundObject> {
    const { store, arriving, elsewhere } = this.#options;
    const key = slideKey(id, name);
    try {
      return { source: await objectSource(store, key), isTheirs: false };
    } catch (error) {
      if (!(error instanceof ServiceError) || error.kind !== 'not-found' || name !== original) throw error;
      const theirs = await elsewhere?.(id);
      if (theirs !== undefined) return { source: theirs, isTheirs: true };
      const upload = await arriving?.(id);
      // It may have been stored between the two looks.
      return { source: upload ?? (await objectSource(store, key)), isTheirs: false };
    }
  }

  /** What is known of the tiles. Checksums that can't be used are as good as none: the tiles are checked again. */
  async #verification(id: SlideId, index: TileIndex, indexCrc: number): Promise<Verification> {
    const { store } = this.#options;
    const key = slideKey(id, checksumsObject);
    const head = await store.head(key);
    if (head === undefined) return { state: 'pending' };
    try {
      if (head.size > maxChecksumsBytes(index))
        throw new ServiceError('damaged', `the checksums take ${head.size} bytes, too many for the slide`);
      const { report, tables } = decodeChecksums(await store.read(key, 0, head.size), index, indexCrc);
      const levels = allLevels(index);
      return { state: 'checked', report, tables: new Map(tables.map((table, i) => [levels[i]!, table])) }; // same length
    } catch (error) {
      if (!(error instanceof ServiceError) || error.kind !== 'damaged') throw error;
      this.#onStale(id);
      return { state: 'pending' };
    }
  }
}

/** Memory that an open slide takes, roughly: 12 bytes a tile, 16 once it is checked. */
function slideBytes({ index, verification }: OpenSlide): number {
  const perTile = verification.state === 'checked' ? 16 : 12;
  const tables = allLevels(index).reduce((sum, level) => sum + level.offsets.length * perTile, 0);
  return tables + (index.icc?.length ?? 0) + 4096;
}
