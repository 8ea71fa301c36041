import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { ServiceError } from '../core/errors.ts';
import { indexObject, pyramid, slideKey } from '../core/objects.ts';
import type { ReportProgress } from '../core/progress.ts';
import type { SlideId } from '../core/slide.ts';
import type { Catalogue, SlideRecord, SlideState } from '../db/catalogue.ts';
import type { ParsedSlide } from '../formats/format.ts';
import { encodeIndex } from '../pyramid/tile-index-codec.ts';
import type { TileIndex } from '../pyramid/tile-index.ts';
import type { SourceSpec } from '../storage/byte-source.ts';
import type { Store } from '../storage/store.ts';
import type { Library } from '../tiles/library.ts';
import type { ConversionPool } from './decoder-pool.ts';
import { makeSlidePyramid } from './make-slide-pyramid.ts';

/** What the line stands on. */
export interface PyramidLineParts {
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly library: Library;
  readonly pool: ConversionPool;
  /** Folder for what is being made; emptied by whoever starts the service. */
  readonly workFolder: string;
  /** JPEG quality of converted tiles, 1–100. */
  readonly quality: number;
  readonly log: Logger;
  /** Stops what is under way. */
  readonly signal: AbortSignal;
}

/** A slide on its way in. */
export interface Arrival {
  readonly record: SlideRecord;
  readonly source: SourceSpec;
  readonly slide: ParsedSlide;
  readonly onProgress: ReportProgress;
}

/** Slides whose pyramids are to be made, one after another: conversions first, levels ahead of time after them. */
export class PyramidLine {
  readonly #parts: PyramidLineParts;
  readonly #line = new PQueue({ concurrency: 1 });

  constructor(parts: PyramidLineParts) {
    this.#parts = parts;
  }

  /** Puts a slide in line that cannot be served as it is. @param viewable told when it can be seen */
  convert(arrival: Arrival, viewable: (record: SlideRecord) => void): void {
    this.#enqueue(arrival.record, async () => viewable(await this.#convert(arrival)), 1);
  }

  /** Puts a viewable slide in line for the levels it lacks. */
  renderAhead(arrival: Arrival, published: TileIndex): void {
    this.#enqueue(arrival.record, () => this.#renderAhead(arrival, published), 0);
  }

  /** Publishes an index, so that the next reader sees it. */
  async publish(id: SlideId, index: TileIndex): Promise<void> {
    await this.#parts.store.put(slideKey(id, indexObject), encodeIndex(index));
    this.#parts.library.forget(id);
  }

  /** Notes why a slide cannot be shown. A slide that is viewable stays so. */
  async fail(record: SlideRecord, error: unknown): Promise<void> {
    const { log } = this.#parts;
    const isExpected = error instanceof ServiceError;
    log[isExpected ? 'warn' : 'error']({ slide: record.id, err: error }, 'pyramid not made');
    if (record.state.kind === 'viewable') return;
    const reason = isExpected
      ? error.message
      : 'Something went wrong here; the log of the service says more.';
    await this.save(record, { kind: 'failed', reason });
  }

  /** Writes a slide's row. */
  async save(record: SlideRecord, state: SlideState): Promise<SlideRecord> {
    const saved = { ...record, state };
    await this.#parts.catalogue.save(saved);
    return saved;
  }

  /** Resolves when nothing is waiting or under way. */
  async idle(): Promise<void> {
    await this.#line.onIdle();
  }

  /** Drops what waits, and waits for what is under way, which its signal must have stopped. */
  async close(): Promise<void> {
    this.#line.clear();
    await this.#line.onIdle();
  }

  /** Conversions go first; making levels ahead of time is a courtesy. */
  #enqueue(record: SlideRecord, work: () => Promise<void>, priority: number): void {
    const { log } = this.#parts;
    void this.#line.add(
      async () => {
        if (this.#parts.signal.aborted) return;
        const started = performance.now();
        try {
          await work();
          log.info({ slide: record.id, seconds: (performance.now() - started) / 1000 }, 'pyramid made');
        } catch (error) {
          if (!this.#parts.signal.aborted) await this.fail(record, error);
        }
      },
      { priority },
    );
  }

  /** Makes the pyramid of a slide that cannot be served as it is, then publishes it. */
  async #convert(arrival: Arrival): Promise<SlideRecord> {
    const { record } = arrival;
    const notes = this.#notesOf(arrival);
    const index = await this.#make({ ...arrival, onProgress: notes.report });
    await this.publish(record.id, index);
    await notes.written();
    return await this.save(record, { kind: 'viewable' });
  }

  /** Writes progress to the catalogue, one note at a time, so that none can overtake the final state. */
  #notesOf({ record, onProgress }: Arrival): { report: ReportProgress; written(): Promise<void> } {
    const notes = new PQueue({ concurrency: 1 });
    let said = 0;
    const note = async (progress: number) => {
      try {
        await this.save(record, { kind: 'converting', progress });
      } catch (error) {
        this.#parts.log.warn({ slide: record.id, err: error }, 'progress not noted');
      }
    };
    const report: ReportProgress = (done, total) => {
      onProgress(done, total);
      const progress = Math.floor((100 * done) / Math.max(1, total)) / 100;
      if (progress <= said || notes.size > 0) return;
      said = progress;
      void notes.add(() => note(progress));
    };
    return { report, written: () => notes.onIdle() };
  }

  /** Makes the levels that a viewable slide lacks. */
  async #renderAhead(arrival: Arrival, published: TileIndex): Promise<void> {
    const index = await this.#make(arrival, published);
    if (index !== published) await this.publish(arrival.record.id, index);
  }

  /** Makes `pyramid.tif` in the work folder and moves it into the store. */
  async #make({ record, source, slide, onProgress }: Arrival, published?: TileIndex): Promise<TileIndex> {
    const { store, pool, workFolder } = this.#parts;
    const folder = join(workFolder, record.id);
    try {
      const made = await makeSlidePyramid({
        slide,
        source,
        sourceBytes: record.bytes,
        pool,
        quality: this.#parts.quality,
        workFolder: folder,
        ...(published === undefined ? {} : { published }),
        onProgress,
        signal: this.#parts.signal,
      });
      if (made.path !== undefined)
        await store.putFile(slideKey(record.id, pyramid), made.path, {
          move: true,
          signal: this.#parts.signal,
        });
      return made.index;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
