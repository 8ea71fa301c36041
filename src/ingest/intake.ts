import { createHash, randomBytes } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { ServiceError } from '../core/errors.ts';
import type { ReportProgress } from '../core/progress.ts';
import { indexObject, original, pyramid, slideKey } from '../core/objects.ts';
import type { SlideId } from '../core/slide.ts';
import type { Catalogue, SlideRecord, SlideState } from '../db/catalogue.ts';
import type { ParsedSlide } from '../formats/format.ts';
import { parseSlide } from '../formats/registry.ts';
import { buildIndex } from '../pyramid/build-index.ts';
import { encodeIndex } from '../pyramid/tile-index-codec.ts';
import type { TileIndex } from '../pyramid/tile-index.ts';
import type { SourceSpec, StoreSpec } from '../storage/byte-source.ts';
import { objectSource, openFileSource } from '../storage/sources.ts';
import type { Store } from '../storage/store.ts';
import type { Library } from '../tiles/library.ts';
import type { ConversionPool } from './decoder-pool.ts';
import { makeSlidePyramid } from './make-slide-pyramid.ts';
import { asShown, planFor } from './plan.ts';
import { VerifyLine } from './verify-line.ts';

/** What the intake stands on. */
export interface IntakeParts {
  readonly store: Store;
  readonly storeSpec: StoreSpec;
  readonly catalogue: Catalogue;
  readonly library: Library;
  readonly pool: ConversionPool;
  /** Folder for what is being made; emptied by whoever starts the service. */
  readonly workFolder: string;
  readonly maxUploadBytes: number;
  readonly rendersAhead: boolean;
  /** JPEG quality of converted tiles, 1–100. */
  readonly quality: number;
  readonly log: Logger;
}

/** A slide on its way in. */
interface Arrival {
  readonly record: SlideRecord;
  readonly source: SourceSpec;
  readonly slide: ParsedSlide;
  readonly onProgress: ReportProgress;
}

/**
 * Takes slides in: bytes first, then the index, then the catalogue's row, so that nobody ever sees half a slide.
 *
 * Slides with JPEG tiles are viewable when their index is written; others wait in line for their conversion.
 */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #line = new PQueue({ concurrency: 1 });
  readonly #stop = new AbortController();
  readonly #checks: VerifyLine;
  /** Slides that stay where they are: their owner answers for their bytes. */
  readonly #inPlace = new Set<SlideId>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    const { signal } = this.#stop;
    this.#checks = new VerifyLine({ ...parts, signal, turn: () => this.#line.onIdle() });
  }

  /**
   * Receives a slide's bytes, keeps them, and publishes the slide.
   *
   * @param declaredBytes what the sender says it will send
   * @throws {ServiceError} `too-large`, `unsupported`, `damaged`; then nothing is kept
   */
  async receive(name: string, body: Readable, declaredBytes?: number): Promise<SlideRecord> {
    const { store, maxUploadBytes } = this.#parts;
    if (declaredBytes !== undefined) checkSize(name, declaredBytes, maxUploadBytes);
    const id = newSlideId();
    const key = slideKey(id, original);
    const counted = countedBody(name, maxUploadBytes);
    const [head] = await Promise.all([
      store.putStream(key, counted, declaredBytes === undefined ? {} : { size: declaredBytes }),
      pipeline(body, counted),
    ]);
    return await this.#admit(id, name, head.size);
  }

  /** Copies a local file into the store (or moves it there) and publishes it. */
  async importFile(path: string, name: string, move = false): Promise<SlideRecord> {
    const id = newSlideId();
    const head = await this.#parts.store.putFile(slideKey(id, original), path, { move });
    return await this.#admit(id, name, head.size);
  }

  /**
   * Publishes a file that stays where it is; the library must know it as the slide's original.
   *
   * @throws {ServiceError} `unsupported` or `damaged`
   */
  async viewInPlace(
    id: SlideId,
    path: string,
    name: string,
    onProgress: ReportProgress = () => {},
  ): Promise<SlideRecord> {
    this.#inPlace.add(id);
    const { size } = await stat(path);
    const { store, catalogue } = this.#parts;
    if ((await store.head(slideKey(id, indexObject))) !== undefined) {
      const known = { ...recordOf(id, name, size), state: { kind: 'viewable' } } as const;
      await catalogue.save(known);
      return known;
    }
    return await this.#publish(recordOf(id, name, size), { kind: 'file', path, name }, onProgress);
  }

  /** Takes up conversions and checks that an earlier run of the service did not finish. */
  async resume(): Promise<void> {
    const records = (await this.#parts.catalogue.list()).filter(({ id }) => !this.#inPlace.has(id));
    const viewable = records.filter(({ state }) => state.kind === 'viewable');
    this.#checks.addUnchecked(viewable.map(({ id }) => id));
    for (const record of records) {
      if (record.state.kind !== 'converting') continue;
      const source = this.#storedSource(record);
      await this.#publish(record, source).catch((error: unknown) => this.#fail(record, error));
    }
  }

  /** Resolves when no conversion is waiting or under way. */
  async idle(): Promise<void> {
    await this.#line.onIdle();
  }

  /** Resolves when every slide that was taken in has been checked, tile by tile. */
  async checked(): Promise<void> {
    await this.#line.onIdle();
    await this.#checks.idle();
  }

  /** Stops what is under way; unfinished conversions are taken up at the next start. */
  async close(): Promise<void> {
    this.#stop.abort(new ServiceError('unavailable', 'the service is stopping'));
    this.#line.clear();
    await this.#line.onIdle();
    await this.#checks.close();
  }

  /** Publishes what the store holds now, or deletes it when it is no slide. */
  async #admit(id: SlideId, name: string, bytes: number): Promise<SlideRecord> {
    const record = recordOf(id, name, bytes);
    try {
      return await this.#publish(record, this.#storedSource(record));
    } catch (error) {
      await this.#parts.store.delete(slideKey(id, original));
      throw error;
    }
  }

  /** The stored original as workers can open it. */
  #storedSource({ id, name }: SlideRecord): SourceSpec {
    return { kind: 'object', store: this.#parts.storeSpec, key: slideKey(id, original), name };
  }

  /** Reads the structure; then either the slide is viewable at once, or it is put in line for conversion. */
  async #publish(
    record: SlideRecord,
    spec: SourceSpec,
    onProgress: ReportProgress = () => {},
  ): Promise<SlideRecord> {
    await using opened = spec.kind === 'file' ? await openFileSource(spec.path, spec.name) : undefined;
    const source =
      opened ?? (await objectSource(this.#parts.store, slideKey(record.id, original), record.name));
    const slide = asShown(await parseSlide(source, this.#stop.signal));
    const arrival: Arrival = { record, source: spec, slide, onProgress };
    const plan = planFor(slide);
    if (plan.kind !== 'direct') {
      const waiting = await this.#save(record, { kind: 'converting', progress: 0 });
      this.#enqueue(waiting, () => this.#convert({ ...arrival, record: waiting }), 1);
      return waiting;
    }
    const index = buildIndex(slide, [{ name: original, size: source.size }]);
    await this.#putIndex(record.id, index);
    const viewable = await this.#save(record, { kind: 'viewable' });
    if (this.#parts.rendersAhead) this.#enqueue(viewable, () => this.#renderAhead(arrival, index), 0);
    this.#check(viewable);
    return viewable;
  }

  /** Conversions go first; making levels ahead of time is a courtesy. */
  #enqueue(record: SlideRecord, work: () => Promise<void>, priority: number): void {
    const { log } = this.#parts;
    void this.#line.add(
      async () => {
        if (this.#stop.signal.aborted) return;
        const started = performance.now();
        try {
          await work();
          log.info({ slide: record.id, seconds: (performance.now() - started) / 1000 }, 'pyramid made');
        } catch (error) {
          if (!this.#stop.signal.aborted) await this.#fail(record, error);
        }
      },
      { priority },
    );
  }

  /** Makes the pyramid of a slide that cannot be served as it is, then publishes it. */
  async #convert(arrival: Arrival): Promise<void> {
    const { record } = arrival;
    const notes = this.#notesOf(arrival);
    const index = await this.#make({ ...arrival, onProgress: notes.report });
    await this.#putIndex(record.id, index);
    await notes.written();
    this.#check(await this.#save(record, { kind: 'viewable' }));
  }

  /** Puts a viewable slide in line to be checked, behind everything else. */
  #check({ id }: SlideRecord): void {
    if (!this.#inPlace.has(id)) this.#checks.add(id);
  }

  /** Writes progress to the catalogue, one note at a time, so that none can overtake the final state. */
  #notesOf({ record, onProgress }: Arrival): { report: ReportProgress; written(): Promise<void> } {
    const notes = new PQueue({ concurrency: 1 });
    let said = 0;
    const note = async (progress: number) => {
      try {
        await this.#save(record, { kind: 'converting', progress });
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
    if (index !== published) await this.#putIndex(arrival.record.id, index);
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
        signal: this.#stop.signal,
      });
      if (made.path !== undefined)
        await store.putFile(slideKey(record.id, pyramid), made.path, {
          move: true,
          signal: this.#stop.signal,
        });
      return made.index;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Publishes an index, so that the next reader sees it. */
  async #putIndex(id: SlideId, index: TileIndex): Promise<void> {
    await this.#parts.store.put(slideKey(id, indexObject), encodeIndex(index));
    this.#parts.library.forget(id);
  }

  /** Notes why a slide cannot be shown. A slide that is viewable stays so. */
  async #fail(record: SlideRecord, error: unknown): Promise<void> {
    const { log } = this.#parts;
    const isExpected = error instanceof ServiceError;
    log[isExpected ? 'warn' : 'error']({ slide: record.id, err: error }, 'pyramid not made');
    if (record.state.kind === 'viewable') return;
    const reason = isExpected
      ? error.message
      : 'Something went wrong here; the log of the service says more.';
    await this.#save(record, { kind: 'failed', reason });
  }

  /** Writes the catalogue's row. */
  async #save(record: SlideRecord, state: SlideState): Promise<SlideRecord> {
    const saved = { ...record, state };
    await this.#parts.catalogue.save(saved);
    return saved;
  }
}

/** An id nobody had before. */
function newSlideId(): SlideId {
  return randomBytes(16).toString('hex');
}

/**
 * The id of a file that is viewed in place: the same for the same file with the same content date, so that links
 * keep working, and another as soon as it changes, so that what is served stays immutable.
 */
export async function inPlaceId(path: string): Promise<SlideId> {
  const { size, mtimeMs, ino } = await stat(path);
  return createHash('sha256').update(`${path}\0${size}\0${mtimeMs}\0${ino}`).digest('hex').slice(0, 32);
}

/** A new row; its state is set when it is known. */
function recordOf(id: SlideId, name: string, bytes: number): SlideRecord {
  return { id, name, bytes, addedAt: new Date().toISOString(), state: { kind: 'converting', progress: 0 } };
}

/** Refuses what is larger than allowed. @throws {ServiceError} `too-large` */
function checkSize(name: string, bytes: number, maxBytes: number): void {
  if (bytes > maxBytes)
    throw new ServiceError(
      'too-large',
      `${name}: ${bytes} bytes is more than the ${maxBytes} this service accepts; raise TELEPATH_MAX_UPLOAD_GIB`,
    );
}

/** Passes bytes on until there are too many. */
function countedBody(name: string, maxBytes: number): Transform {
  let count = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count += chunk.length;
      try {
        checkSize(name, count, maxBytes);
        done(null, chunk);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}
