import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ServiceError } from '../core/errors.ts';
import { firstOrganisation, newId } from '../core/ids.ts';
import { indexObject, original, slideKey } from '../core/objects.ts';
import type { ReportProgress } from '../core/progress.ts';
import type { SlideId } from '../core/slide.ts';
import { canBeViewed, type SlideRecord } from '../db/catalogue.ts';
import { parseSlide } from '../formats/registry.ts';
import { buildIndex } from '../pyramid/build-index.ts';
import type { SourceSpec, StoreSpec } from '../storage/byte-source.ts';
import { objectSource, openFileSource } from '../storage/sources.ts';
import { checkSize, countedBody } from './counted-body.ts';
import { asShown, planFor } from './plan.ts';
import { PyramidLine, type Arrival, type PyramidLineParts } from './pyramid-line.ts';
import { VerifyLine } from './verify-line.ts';

/** What the intake stands on. */
export interface IntakeParts extends Omit<PyramidLineParts, 'signal'> {
  readonly storeSpec: StoreSpec;
  readonly maxUploadBytes: number;
  readonly rendersAhead: boolean;
}

/** What is known of a slide before its first byte. */
export interface Incoming {
  /** What the sender says it will send. */
  readonly declaredBytes?: number | undefined;
  /** To whom it will belong; default: the first organisation. */
  readonly organisationId?: string;
}

/**
 * Takes slides in: bytes first, then the index, then the catalogue's row, so that nobody ever sees half a slide.
 *
 * Slides with JPEG tiles are viewable when their index is written; others wait in line for their conversion.
 */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #pyramids: PyramidLine;
  readonly #stop = new AbortController();
  readonly #checks: VerifyLine;
  /** Slides that stay where they are: their owner answers for their bytes. */
  readonly #inPlace = new Set<SlideId>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    const { signal } = this.#stop;
    this.#pyramids = new PyramidLine({ ...parts, signal });
    this.#checks = new VerifyLine({ ...parts, signal, turn: () => this.#pyramids.idle() });
  }

  /**
   * Receives a slide's bytes, keeps them, and publishes the slide.
   *
   * @throws {ServiceError} `too-large`, `unsupported`, `damaged`; then nothing is kept
   */
  async receive(
    name: string,
    body: Readable,
    { declaredBytes, organisationId }: Incoming = {},
  ): Promise<SlideRecord> {
    const { store, maxUploadBytes } = this.#parts;
    if (declaredBytes !== undefined) checkSize(name, declaredBytes, maxUploadBytes);
    const id = newId();
    const key = slideKey(id, original);
    const counted = countedBody(name, maxUploadBytes);
    const [head] = await Promise.all([
      store.putStream(key, counted, declaredBytes === undefined ? {} : { size: declaredBytes }),
      pipeline(body, counted),
    ]);
    return await this.#admitOrDelete(recordOf(id, name, head.size, organisationId));
  }

  /** Copies a local file into the store (or moves it there) and publishes it. */
  async importFile(path: string, name: string, move = false): Promise<SlideRecord> {
    const id = newId();
    const head = await this.#parts.store.putFile(slideKey(id, original), path, { move });
    return await this.#admitOrDelete(recordOf(id, name, head.size));
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

  /**
   * Publishes a slide whose original is complete in the store; what is refused stays there.
   *
   * @throws {ServiceError} `unsupported`, `damaged`
   */
  async admit(record: SlideRecord): Promise<SlideRecord> {
    return await this.#publish(record, this.#storedSource(record));
  }

  /** Takes up conversions and checks that an earlier run of the service did not finish. */
  async resume(): Promise<void> {
    const records = (await this.#parts.catalogue.list()).filter(({ id }) => !this.#inPlace.has(id));
    const viewable = records.filter(({ state }) => canBeViewed(state));
    this.#checks.addUnchecked(viewable.map(({ id }) => id));
    for (const record of records) {
      if (record.state.kind !== 'converting') continue;
      const source = this.#storedSource(record);
      await this.#publish(record, source).catch((error: unknown) => this.#pyramids.fail(record, error));
    }
  }

  /** Resolves when no conversion is waiting or under way. */
  async idle(): Promise<void> {
    await this.#pyramids.idle();
  }

  /** Resolves when every slide that was taken in has been checked, tile by tile. */
  async checked(): Promise<void> {
    await this.#pyramids.idle();
    await this.#checks.idle();
  }

  /** Stops what is under way; unfinished conversions are taken up at the next start. */
  async close(): Promise<void> {
    this.#stop.abort(new ServiceError('unavailable', 'the service is stopping'));
    await this.#pyramids.close();
    await this.#checks.close();
  }

  /** Publishes what the store holds now, or deletes it when it is no slide. */
  async #admitOrDelete(record: SlideRecord): Promise<SlideRecord> {
    try {
      return await this.admit(record);
    } catch (error) {
      await this.#parts.store.delete(slideKey(record.id, original));
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
      const waiting = await this.#pyramids.save(record, { kind: 'converting', progress: 0 });
      this.#pyramids.convert({ ...arrival, record: waiting }, (viewable) => this.#check(viewable));
      return waiting;
    }
    const index = buildIndex(slide, [{ name: original, size: source.size }]);
    await this.#pyramids.publish(record.id, index);
    const viewable = await this.#pyramids.save(record, { kind: 'viewable' });
    if (this.#parts.rendersAhead) this.#pyramids.renderAhead({ ...arrival, record: viewable }, index);
    this.#check(viewable);
    return viewable;
  }

  /** Puts a viewable slide in line to be checked, behind everything else. */
  #check({ id }: SlideRecord): void {
    if (!this.#inPlace.has(id)) this.#checks.add(id);
  }
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
function recordOf(
  id: SlideId,
  name: string,
  bytes: number,
  organisationId: string = firstOrganisation,
): SlideRecord {
  const addedAt = new Date().toISOString();
  return { id, organisationId, name, bytes, addedAt, state: { kind: 'converting', progress: 0 } };
}
