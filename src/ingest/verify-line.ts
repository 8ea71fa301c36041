import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { ServiceError } from '../core/errors.ts';
import { checksumsObject, slideKey } from '../core/objects.ts';
import type { SlideId } from '../core/slide.ts';
import { encodeChecksums } from '../pyramid/checksums.ts';
import type { Store } from '../storage/store.ts';
import type { Library } from '../tiles/library.ts';
import type { ConversionPool } from './decoder-pool.ts';
import { verifyTiles } from './verify.ts';

/** What the line stands on. */
export interface VerifyLineParts {
  readonly store: Store;
  readonly library: Library;
  readonly pool: ConversionPool;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Resolves when nothing more urgent is under way. */
  readonly turn: () => Promise<void>;
}

/**
 * Slides whose tiles are still to be checked, one after another, whenever nothing else is to be done.
 *
 * What is found is written when a pass is complete, so a pass that was cut off is made again from its beginning.
 */
export class VerifyLine {
  readonly #parts: VerifyLineParts;
  readonly #line = new PQueue({ concurrency: 1 });
  readonly #waiting = new Set<SlideId>();

  constructor(parts: VerifyLineParts) {
    this.#parts = parts;
    parts.library.whenStale((id) => this.add(id));
  }

  /** Puts a published slide in line; once, however often it is asked for. */
  add(id: SlideId): void {
    const { signal, log } = this.#parts;
    if (this.#waiting.has(id) || signal.aborted) return;
    this.#waiting.add(id);
    void this.#line.add(async () => {
      try {
        await this.#verify(id);
      } catch (error) {
        // The next start tries again.
        if (!signal.aborted) log.warn({ slide: id, err: error }, 'tiles not checked');
      } finally {
        this.#waiting.delete(id);
      }
    });
  }

  /** Puts those of `ids` in line that were never checked to the end. Looks for them in the background. */
  addUnchecked(ids: readonly SlideId[]): void {
    if (ids.length === 0) return;
    const { store, signal, log } = this.#parts;
    void this.#line.add(async () => {
      try {
        const checked = new Set<string>();
        for await (const { key } of store.list('slides/', signal))
          if (key.endsWith(`/${checksumsObject}`)) checked.add(key);
        for (const id of ids) if (!checked.has(slideKey(id, checksumsObject))) this.add(id);
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, 'slides that wait to be checked were not found');
      }
    });
  }

  /** Resolves when no slide is waiting or being checked. */
  async idle(): Promise<void> {
    await this.#line.onIdle();
  }

  /** Drops what waits, and waits for the pass under way, which its signal must have stopped. */
  async close(): Promise<void> {
    this.#line.clear();
    await this.#line.onIdle();
  }

  async #verify(id: SlideId): Promise<void> {
    const { store, library, pool, log, signal, turn } = this.#parts;
    await turn();
    signal.throwIfAborted();
    const started = performance.now();
    const slide = await library.open(id);
    if (slide.verification.state !== 'pending') return;
    const { index, objects, indexCrc } = slide;
    const checksums = await verifyTiles({ index, objects, pool, signal, turn });
    if ((await library.reopen(id)).indexCrc !== indexCrc)
      throw new ServiceError('conflict', `slide ${id} was published anew while it was checked`);
    await store.put(slideKey(id, checksumsObject), encodeChecksums(checksums, indexCrc));
    library.forget(id);
    const { checked, damagedTotal } = checksums.report;
    const seconds = (performance.now() - started) / 1000;
    log[damagedTotal > 0 ? 'warn' : 'info']({ slide: id, checked, damagedTotal, seconds }, 'tiles checked');
  }
}
