import type { Logger } from 'pino';
import { indexObject, original, slideKey } from '../../core/objects.ts';
import type { SlideId } from '../../core/slide.ts';
import type { Catalogue } from '../../db/catalogue.ts';
import type { Store } from '../../storage/store.ts';
import type { UploadSpool } from '../../storage/upload-spool.ts';
import type { Library } from '../../tiles/library.ts';
import type { EarlyView } from './early-view.ts';
import type { FinishLine } from './finish-line.ts';
import type { DatabaseLocks } from './locks.ts';
import type { UploadRows } from './upload-rows.ts';

/** What the sweeper stands on. */
export interface SweeperParts {
  readonly rows: UploadRows;
  readonly locks: DatabaseLocks;
  readonly spool: UploadSpool;
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly library: Library;
  readonly early: EarlyView;
  readonly finished: FinishLine;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Takes up what any process left behind. */
export class UploadSweeper {
  readonly #parts: SweeperParts;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  /**
   * Puts complete uploads in line that nobody finished; ends those that waited too long, and those whose slide was
   * deleted. One process at a time; the others pass.
   */
  async sweep(): Promise<void> {
    const { locks, signal, log } = this.#parts;
    try {
      const unlock = await locks.tryTake('upload-sweep');
      if (unlock === undefined) return;
      try {
        await this.#sweep();
      } finally {
        await unlock();
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'uploads not swept');
    }
  }

  /**
   * Deletes all that there is of an upload that was given up.
   *
   * @param multipartId of what its store began to put together
   */
  async clear({
    id,
    multipartId,
  }: {
    readonly id: SlideId;
    readonly multipartId?: string | undefined;
  }): Promise<void> {
    const { rows, spool, store, catalogue, library, early } = this.#parts;
    // First: nobody is to see a slide of which a part is gone.
    await catalogue.remove(id);
    await spool.discard(id, { noted: multipartId }, slideKey(id, original));
    await store.delete(slideKey(id, indexObject));
    library.forget(id);
    early.forget(id);
    await rows.remove(id);
  }

  async #sweep(): Promise<void> {
    const { rows, finished } = this.#parts;
    const now = new Date();
    for (const { id } of await rows.list({ states: ['receiving'], expiredBefore: now }))
      await rows.move(id, ['receiving'], 'discarded');
    await rows.forgetDone(now);
    await rows.discardOrphans();
    for (const given of await rows.discarded()) await this.clear(given);
    for (const { id } of await rows.list({ states: ['received', 'checked'] })) finished.add(id);
  }
}
