import { LRUCache } from 'lru-cache';
import { ServiceError } from '../core/errors.ts';
import { indexObject, slideKey } from '../core/objects.ts';
import type { SlideId } from '../core/slide.ts';
import { decodeIndex } from '../pyramid/tile-index-codec.ts';
import type { TileIndex } from '../pyramid/tile-index.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { objectSource } from '../storage/sources.ts';
import type { Store } from '../storage/store.ts';

/** A slide that is open for reading: its tile index and the objects the index speaks of. */
export interface OpenSlide {
  readonly id: SlideId;
  readonly index: TileIndex;
  /** Sources of `index.objects`, in the same order. */
  readonly objects: readonly ByteSource[];
}

/** Where {@link Library} finds what it opens. */
export interface LibraryOptions {
  readonly store: Store;
  /** Originals that stay where they are (`telepath serve FILE`): the source of `original/0` by slide. */
  readonly inPlace: ReadonlyMap<SlideId, ByteSource>;
  /** Bytes of tile indexes kept open. */
  readonly maxBytes: number;
}

/** Opens slides by their index and keeps the most used ones open. Safe for many calls at once. */
export class Library {
  readonly #options: LibraryOptions;
  readonly #open: LRUCache<SlideId, OpenSlide>;

  constructor(options: LibraryOptions) {
    this.#options = options;
    this.#open = new LRUCache({
      maxSize: options.maxBytes,
      sizeCalculation: ({ index }) => indexBytes(index),
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

  /** Forgets a slide, so that its index is read again: call it after publishing a new one. */
  forget(id: SlideId): void {
    this.#open.delete(id);
  }

  async #load(id: SlideId): Promise<OpenSlide> {
    const { store, inPlace } = this.#options;
    const key = slideKey(id, indexObject);
    const head = await store.head(key);
    if (head === undefined) throw new ServiceError('not-found', `no slide ${id}`);
    const index = decodeIndex(await store.read(key, 0, head.size));
    const objects = await Promise.all(
      index.objects.map(async ({ name, size }) => {
        const local = name.startsWith('original/') ? inPlace.get(id) : undefined;
        const source = local ?? (await objectSource(store, slideKey(id, name)));
        if (source.size !== size)
          throw new ServiceError(
            'damaged',
            `slide ${id}: ${name} holds ${source.size} bytes, its index says ${size}; import the slide again`,
          );
        return source;
      }),
    );
    return { id, index, objects };
  }
}

/** Memory that an index takes, roughly. */
function indexBytes(index: TileIndex): number {
  const tables = [...index.levels, ...index.made].reduce((sum, level) => sum + level.offsets.length * 12, 0);
  return tables + (index.icc?.length ?? 0) + 4096;
}
