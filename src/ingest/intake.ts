import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ServiceError } from '../core/errors.ts';
import { firstOrganisation, newId } from '../core/ids.ts';
import { indexObject, original, slideKey } from '../core/objects.ts';
import type { ReportProgress } from '../core/progress.ts';
import type { SlideId } from '../core/slide.ts';
import type { SlideRecord } from '../db/catalogue.ts';
import { checkSize, countedBody } from './counted-body.ts';
import type { JobKind, Jobs } from './jobs.ts';
import { examine, type LocalOriginal, type SlideWorkParts } from './slide-work.ts';

/** What the intake stands on. */
export interface IntakeParts {
  readonly work: SlideWorkParts;
  readonly jobs: Jobs;
  /** The same as the work's. */
  readonly local: Map<SlideId, LocalOriginal>;
  readonly maxUploadBytes: number;
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
  readonly #stop = new AbortController();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
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
    const { work, maxUploadBytes } = this.#parts;
    if (declaredBytes !== undefined) checkSize(name, declaredBytes, maxUploadBytes);
    const id = newId();
    const key = slideKey(id, original);
    const counted = countedBody(name, maxUploadBytes);
    const [head] = await Promise.all([
      work.store.putStream(key, counted, declaredBytes === undefined ? {} : { size: declaredBytes }),
      pipeline(body, counted),
    ]);
    return await this.#addOrDelete(recordOf(id, name, head.size, organisationId));
  }

  /** Copies a local file into the store (or moves it there) and publishes it. */
  async importFile(path: string, name: string, move = false): Promise<SlideRecord> {
    const id = newId();
    const head = await this.#parts.work.store.putFile(slideKey(id, original), path, { move });
    return await this.#addOrDelete(recordOf(id, name, head.size));
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
    const { work, local } = this.#parts;
    local.set(id, { path, onProgress });
    const { size } = await stat(path);
    const record = recordOf(id, name, size);
    if ((await work.store.head(slideKey(id, indexObject))) === undefined) return await this.#add(record);
    const known = { ...record, state: { kind: 'viewable' } } as const;
    await work.catalogue.save(known);
    return known;
  }

  /**
   * Publishes a slide whose original is complete in the store and which has a row; what is refused stays there.
   *
   * @throws {ServiceError} `unsupported`, `damaged`; `conflict` when the row is gone, or of a slide published already
   */
  async admit(record: SlideRecord): Promise<SlideRecord> {
    const { work } = this.#parts;
    const { state, next } = await examine(work, record, this.#stop.signal);
    if (!(await work.catalogue.setState(record.id, state, ['receiving', 'checking'])))
      throw new ServiceError('conflict', `slide ${record.id} was deleted, or published already`);
    await this.#enqueue(record, next);
    return { ...record, state };
  }

  /** Resolves when no conversion is waiting or under way. */
  async idle(): Promise<void> {
    await this.#parts.jobs.idle(['probe', 'convert', 'render-ahead']);
  }

  /** Resolves when every slide that was taken in has been checked, tile by tile. */
  async checked(): Promise<void> {
    await this.#parts.jobs.idle();
  }

  /** Stops what is under way here. */
  async close(): Promise<void> {
    this.#stop.abort(new ServiceError('unavailable', 'the service is stopping'));
  }

  /** Publishes what the store holds now, or deletes it when it is no slide. */
  async #addOrDelete(record: SlideRecord): Promise<SlideRecord> {
    try {
      return await this.#add(record);
    } catch (error) {
      await this.#parts.work.store.delete(slideKey(record.id, original));
      throw error;
    }
  }

  /** Publishes a slide that has no row yet. */
  async #add(record: SlideRecord): Promise<SlideRecord> {
    const { work } = this.#parts;
    const { state, facts, next } = await examine(work, record, this.#stop.signal);
    const added = { ...record, state, ...(facts !== undefined && { facts }) };
    await work.catalogue.save(added);
    await this.#enqueue(added, next);
    return added;
  }

  /** Puts in line what is next. What stays where it is is not checked: its owner answers for its bytes. */
  async #enqueue({ id, isUrgent }: SlideRecord, next: JobKind): Promise<void> {
    const { jobs, local } = this.#parts;
    if (next === 'verify' && local.has(id)) return;
    await jobs.add(next, id, { isUrgent });
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
  return { id, organisationId, name, bytes, addedAt, state: { kind: 'checking' } };
}
