import { ServiceError } from '../../core/errors.ts';
import type { SlideId } from '../../core/slide.ts';
import type { Catalogue, SlideRecord } from '../../db/catalogue.ts';
import type { SlideOrigins } from '../../db/slide-origins.ts';
import type { ByteSource, Origin, SourceSpec } from '../../storage/byte-source.ts';
import type { Origins } from '../../storage/origins.ts';

/** What it takes to read slides where they lie. */
export interface OriginSlidesParts {
  readonly origins: Origins;
  readonly slides: SlideOrigins;
  readonly catalogue: Catalogue;
}

/**
 * The originals of slides that were imported in place. Nothing is kept of any of them: opening a thousand takes a
 * thousand rows, and no more open files than are read at the time.
 */
export class OriginSlides {
  readonly #parts: OriginSlidesParts;

  constructor(parts: OriginSlidesParts) {
    this.#parts = parts;
  }

  /** A slide's original, when it lies elsewhere. A slide whose file was changed fails when that is noticed. */
  async source(id: SlideId): Promise<ByteSource | undefined> {
    const origin = await this.#parts.slides.get(id);
    if (origin === undefined) return undefined;
    // No name: what goes wrong is logged.
    const source = this.#parts.origins.source(origin, `slide ${id}`);
    return {
      ...source,
      read: async (offset, length, signal) => {
        try {
          return await source.read(offset, length, signal);
        } catch (error) {
          if (error instanceof ServiceError && error.kind === 'damaged') await this.#look(id, origin);
          throw error;
        }
      },
    };
  }

  /** How a decoder reads it. @throws {ServiceError} `unavailable` when it is gone */
  async spec({ id, name }: Pick<SlideRecord, 'id' | 'name'>): Promise<SourceSpec | undefined> {
    const origin = await this.#parts.slides.get(id);
    return origin && (await this.#parts.origins.spec(origin, name));
  }

  /** Lets the slide fail when its file is another now. */
  async #look(id: SlideId, origin: Origin): Promise<void> {
    const { origins, catalogue, slides } = this.#parts;
    const now = await origins.look(origin);
    if (now === undefined || now.version === origin.version) return;
    const reason = 'The file was changed where it lies since it was imported; import it again.';
    if (await catalogue.setState(id, { kind: 'failed', reason })) await slides.retire(id);
  }
}
