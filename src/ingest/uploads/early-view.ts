import type { Logger } from 'pino';
import { ServiceError } from '../../core/errors.ts';
import { indexObject, original, slideKey } from '../../core/objects.ts';
import type { SlideId } from '../../core/slide.ts';
import { parseSlide } from '../../formats/registry.ts';
import { buildIndex } from '../../pyramid/build-index.ts';
import { encodeIndex } from '../../pyramid/tile-index-codec.ts';
import { factsOf } from '../../db/catalogue.ts';
import type { Library } from '../../tiles/library.ts';
import { asShown, planFor } from '../plan.ts';
import { ArrivingSource, type ArrivingParts } from './arriving-source.ts';
import type { Upload } from './upload-record.ts';

/** Time between two tries to read the structure of one upload, ms. */
const againMs = 300;

/** What the early view stands on. */
export interface EarlyViewParts extends ArrivingParts {
  readonly library: Library;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Publishes slides as soon as the structure of their file has arrived, while tiles are still missing. */
export class EarlyView {
  readonly #parts: EarlyViewParts;
  /** When each upload was tried last; `settled`: there is nothing more to try. */
  readonly #tried = new Map<SlideId, number | 'settled'>();

  constructor(parts: EarlyViewParts) {
    this.#parts = parts;
  }

  /**
   * Makes an upload viewable when what has arrived allows it. Says nothing when it does not: what is wrong with the
   * file is said once it is complete.
   *
   * @param isComplete whether all is there, so that it is worth a last try
   * @returns whether it can be viewed now, as far as this call knows
   */
  async attempt(upload: Upload, isComplete = false): Promise<boolean> {
    const { id } = upload;
    if (this.#tried.get(id) === 'settled' || !(isComplete || this.isDue(id))) return false;
    this.#tried.set(id, isComplete ? 'settled' : performance.now());
    try {
      const isViewable = await this.#publish(upload);
      this.#tried.set(id, 'settled');
      return isViewable;
    } catch (error) {
      if (!(error instanceof ServiceError))
        this.#parts.log.error({ slide: id, err: error }, 'early view failed');
      if (!(error instanceof ServiceError) || error.kind !== 'arriving') this.#tried.set(id, 'settled');
      return false;
    }
  }

  /** Whether it is time to try an upload again. */
  isDue(id: SlideId): boolean {
    const last = this.#tried.get(id);
    return last === undefined || (last !== 'settled' && performance.now() - last >= againMs);
  }

  /** Forgets what was tried for an upload that has ended. */
  forget(id: SlideId): void {
    this.#tried.delete(id);
  }

  async #publish(upload: Upload): Promise<boolean> {
    const { store, library, rows, signal, log } = this.#parts;
    // Its first file alone may look like a slide.
    if (upload.files !== undefined) return false;
    const source = new ArrivingSource(this.#parts, upload);
    const slide = asShown(await parseSlide(source, signal));
    if (planFor(slide).kind !== 'direct') return false;
    const index = buildIndex(slide, [{ name: original, size: upload.size }]);
    await store.put(slideKey(upload.id, indexObject), encodeIndex(index));
    library.forget(upload.id);
    const isViewable = await rows.markViewable(upload.id, factsOf(index.properties));
    if (isViewable)
      log.info({ slide: upload.id, received: upload.received, bytes: upload.size }, 'viewable early');
    return isViewable;
  }
}
