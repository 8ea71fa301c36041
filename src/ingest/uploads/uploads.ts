import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { indexObject, original, slideKey } from '../../core/objects.ts';
import type { SlideId } from '../../core/slide.ts';
import type { Catalogue } from '../../db/catalogue.ts';
import type { Database } from '../../db/database.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import type { Store } from '../../storage/store.ts';
import type { SpooledRun, UploadSpool } from '../../storage/upload-spool.ts';
import type { TileIndex } from '../../pyramid/tile-index.ts';
import type { Library } from '../../tiles/library.ts';
import { checkSize } from '../counted-body.ts';
import type { SlideFile } from '../file-list.ts';
import type { Intake } from '../intake.ts';
import { arrivalMap, type LevelArrival } from './arrival-map.ts';
import { ArrivingSource } from './arriving-source.ts';
import { checkedBody, type Checksum } from './checked-body.ts';
import { EarlyView } from './early-view.ts';
import { FinishLine } from './finish-line.ts';
import { DatabaseLocks } from './locks.ts';
import { SlideHashes } from './slide-hashes.ts';
import { UploadRows, type Upload, type UploadSpan } from './upload-rows.ts';

/** Unfinished uploads that one organisation may have. */
const maxUnfinished = 1000;
/** How often what was left over is looked for, ms. */
const sweepMs = 60_000;

/** What uploads stand on. */
export interface UploadsParts {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly store: Store;
  /** Closed with the uploads. */
  readonly spool: UploadSpool;
  readonly library: Library;
  readonly intake: Pick<Intake, 'admit'>;
  readonly log: Logger;
  readonly maxUploadBytes: number;
  /** How long an upload waits for its next byte, ms. */
  readonly expiryMs: number;
  /** Bytes of the disk that uploads leave free. */
  readonly reserveBytes: number;
}

/** What somebody wants to send. */
export interface UploadRequest {
  readonly name: string;
  readonly size: number;
  /** Of the whole file, hexadecimal. */
  readonly sha256?: string | undefined;
  /** Ranges that cover the file without a gap; default: one. */
  readonly spans?: readonly Pick<UploadSpan, 'start' | 'length'>[] | undefined;
  /** Where it is a folder: what it holds, one behind the other. */
  readonly files?: readonly SlideFile[] | undefined;
  readonly organisationId: string;
  readonly accountId: string | undefined;
  /** Id of the only span; default: a new one. */
  readonly spanId?: string;
}

/** What one request brings. */
export interface UploadPart {
  readonly bytes: Readable;
  readonly checksum?: Checksum | undefined;
}

/** Uploads: started, taken in byte range by byte range, resumed after anything, and turned into slides. */
export class Uploads {
  readonly rows: UploadRows;
  readonly locks: DatabaseLocks;
  readonly expiryMs: number;
  readonly maxUploadBytes: number;
  readonly #parts: UploadsParts;
  readonly #hashes: SlideHashes;
  readonly #early: EarlyView;
  readonly #finished: FinishLine;
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** Early views under way. */
  readonly #attempts = new Set<Promise<unknown>>();

  constructor(parts: UploadsParts) {
    const { signal } = this.#stop;
    this.#parts = parts;
    this.expiryMs = parts.expiryMs;
    this.maxUploadBytes = parts.maxUploadBytes;
    this.rows = new UploadRows(parts.database);
    this.locks = new DatabaseLocks(parts.database, parts.log);
    this.#hashes = new SlideHashes(parts.database);
    const { rows, locks } = this;
    this.#early = new EarlyView({ ...parts, rows, signal });
    this.#finished = new FinishLine({
      ...parts,
      rows,
      locks,
      hashes: this.#hashes,
      early: this.#early,
      signal,
    });
    this.#timer = setInterval(() => void this.sweep(), sweepMs);
    this.#timer.unref();
  }

  /**
   * Starts an upload, when there is room for it.
   *
   * @returns the upload, or the slide of the organisation that holds the same bytes already
   * @throws {ServiceError} `too-large`, `full`, `invalid` for spans that do not cover the file, `conflict` when too
   *   many are unfinished
   */
  async start(request: UploadRequest): Promise<Upload | { readonly duplicateOf: SlideId }> {
    const { name, size, sha256, organisationId, accountId } = request;
    checkSize(name, size, this.#parts.maxUploadBytes);
    const spans = spansOf(request);
    const twin = sha256 === undefined ? undefined : await this.#hashes.find(organisationId, sha256);
    if (twin !== undefined) return { duplicateOf: twin };
    await this.#checkRoom(request);
    const id = newId();
    const createdAt = new Date();
    const upload: Upload = {
      id,
      name,
      size,
      received: 0,
      pieces: [],
      organisationId,
      accountId,
      state: 'receiving',
      expectedSha256: sha256,
      files: filesOf(request),
      spans: spans.map((span) => ({ ...span, id: request.spanId ?? newId(), received: 0 })),
      multipartId: undefined,
      duplicateOf: undefined,
      createdAt,
      expiresAt: this.#nextExpiry(),
    };
    const state = { kind: 'receiving', progress: 0, isViewable: false } as const;
    const addedAt = createdAt.toISOString();
    await this.rows.add(upload, { id, organisationId, name, state, addedAt, bytes: size });
    return upload;
  }

  /**
   * Takes the next bytes of a span; the caller holds its lock. What arrives of a part that breaks off is kept.
   *
   * @returns bytes of the span that are durable now
   * @throws {ServiceError} `mismatch` when the bytes are not those of their checksum, and nothing is kept;
   *   `conflict` when another request wrote to the span; `not-found` when the upload is gone
   */
  async receive(upload: Upload, span: UploadSpan, { bytes, checksum }: UploadPart): Promise<number> {
    const { spool } = this.#parts;
    const body = checkedBody(bytes, checksum);
    let at = span;
    const held: SpooledRun[] = [];
    try {
      for await (const run of spool.write(upload, span.start + span.received, body)) {
        held.push(run);
        if (checksum !== undefined) continue;
        at = await this.#acknowledge(upload, at, held.splice(0));
      }
      if (!body.isRight()) {
        await spool.drop(upload, held);
        throw new ServiceError(
          'mismatch',
          'the bytes are not those of their Upload-Checksum; send them again',
        );
      }
      return (await this.#acknowledge(upload, at, held)).received;
    } catch (error) {
      if (error instanceof ServiceError && error.kind === 'conflict') await this.#dropIfGone(upload.id);
      throw error;
    }
  }

  /** Names the hash that the whole file is to have. @throws {ServiceError} `conflict` */
  async expect(id: SlideId, sha256: string): Promise<void> {
    await this.rows.expect(id, sha256);
  }

  /** Gives an upload up. @throws {ServiceError} `conflict` when it is complete */
  async discard(id: SlideId): Promise<void> {
    if (!(await this.rows.move(id, ['receiving'], 'discarded')))
      throw new ServiceError('conflict', `upload ${id}: it is complete; delete the slide instead`);
    await this.#clear(id);
  }

  /** Bytes there is room for in the store; undefined where there is no limit. */
  async freeBytes(): Promise<number | undefined> {
    return await this.#parts.spool.freeBytes();
  }

  /** The original of a slide that is being uploaded; undefined when it is not. */
  async sourceOf(id: SlideId): Promise<ByteSource | undefined> {
    const upload = await this.rows.get(id);
    if (upload === undefined || upload.state === 'done') return undefined;
    const { spool, store } = this.#parts;
    return new ArrivingSource({ rows: this.rows, spool, store }, upload);
  }

  /** What has arrived of each level of a slide; undefined when all has. */
  async arrivalOf(id: SlideId, index: TileIndex): Promise<readonly LevelArrival[] | undefined> {
    const upload = await this.rows.get(id);
    return upload?.state === 'receiving' ? arrivalMap(index, upload.spans) : undefined;
  }

  /**
   * Finishes what is complete and was left over, by whatever process; ends what has expired. One process at a time
   * does it.
   */
  async sweep(): Promise<void> {
    try {
      const unlock = await this.locks.tryTake('upload-sweep');
      if (unlock === undefined) return;
      try {
        await this.#sweep();
      } finally {
        await unlock();
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#parts.log.warn({ err: error }, 'uploads not swept');
    }
  }

  /** Resolves when every complete upload that this process knows of is published. */
  async idle(): Promise<void> {
    await Promise.all(this.#attempts);
    await this.#finished.idle();
  }

  /** Stops what is under way; the next start takes it up. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort(new ServiceError('unavailable', 'the service is stopping'));
    await Promise.all(this.#attempts);
    await this.#finished.close();
    await this.locks.close();
    await this.#parts.spool.close();
  }

  async #acknowledge(upload: Upload, span: UploadSpan, runs: readonly SpooledRun[]): Promise<UploadSpan> {
    const length = runs.reduce((sum, run) => sum + run.length, 0);
    if (length === 0) return span;
    const { state } = await this.rows.acknowledge(
      { id: upload.id, expiresAt: this.#nextExpiry() },
      span,
      runs,
    );
    if (state === 'received') this.#finished.add(upload.id);
    else this.#attemptEarly(upload.id);
    return { ...span, received: span.received + length };
  }

  #attemptEarly(id: SlideId): void {
    if (!this.#early.isDue(id)) return;
    const attempt = this.rows
      .get(id)
      .then(async (upload) => upload !== undefined && (await this.#early.attempt(upload)))
      .catch((error: unknown) => this.#parts.log.warn({ slide: id, err: error }, 'early view not tried'))
      .finally(() => this.#attempts.delete(attempt));
    this.#attempts.add(attempt);
  }

  #nextExpiry(): Date {
    return new Date(Date.now() + this.expiryMs);
  }

  async #checkRoom({ name, size, organisationId }: UploadRequest): Promise<void> {
    const { spool, reserveBytes } = this.#parts;
    const [free, outstanding] = await Promise.all([spool.freeBytes(), this.rows.outstanding(organisationId)]);
    if (outstanding.uploads >= maxUnfinished)
      throw new ServiceError(
        'conflict',
        `${outstanding.uploads} uploads of your organisation are unfinished; finish or cancel some of them first`,
      );
    if (free === undefined || size <= free - reserveBytes - outstanding.bytes) return;
    throw new ServiceError(
      'full',
      `${name}: no room for ${size} bytes beside what is being uploaded already; ask the operator to make room`,
    );
  }

  async #sweep(): Promise<void> {
    const now = new Date();
    for (const { id } of await this.rows.list({ states: ['receiving'], expiredBefore: now }))
      await this.rows.move(id, ['receiving'], 'discarded');
    await this.rows.forgetDone(now);
    await this.rows.discardOrphans();
    for (const { id, multipartId } of await this.rows.discarded()) await this.#clear(id, multipartId);
    for (const { id } of await this.rows.list({ states: ['received', 'checked'] })) this.#finished.add(id);
  }

  /** Deletes all that there is of an upload that was given up. */
  async #clear(id: SlideId, noted?: string): Promise<void> {
    const { spool, store, catalogue, library } = this.#parts;
    await spool.discard(id, { noted }, slideKey(id, original));
    await store.delete(slideKey(id, indexObject));
    await catalogue.remove(id);
    library.forget(id);
    this.#early.forget(id);
    await this.rows.remove(id);
  }

  /** Deletes what a request wrote for an upload that was given up meanwhile. */
  async #dropIfGone(id: SlideId): Promise<void> {
    if ((await this.rows.get(id)) === undefined)
      await this.#parts.spool.discard(id, {}, slideKey(id, original));
  }
}

/** The spans of a request, ordered by their start. @throws {ServiceError} `invalid` */
function spansOf({ size, spans = [{ start: 0, length: size }] }: UploadRequest) {
  const ordered = spans.toSorted((a, b) => a.start - b.start);
  let at = 0;
  for (const { start, length } of ordered) {
    if (start !== at)
      throw new ServiceError('invalid', `spans: one begins at ${start}, but those before it end at ${at}`);
    at += length;
  }
  if (at !== size) throw new ServiceError('invalid', `spans: they end at ${at}, the file at ${size}`);
  return ordered;
}

/** The files of a request that is a folder; undefined for one of a single file. @throws {ServiceError} `invalid` */
function filesOf({ size, files = [] }: UploadRequest): readonly SlideFile[] | undefined {
  if (files.length <= 1) return undefined;
  const sum = files.reduce((total, file) => total + file.size, 0);
  if (sum !== size) throw new ServiceError('invalid', `files: they have ${sum} bytes together, not ${size}`);
  const paths = new Set(files.map(({ path }) => path.toLowerCase()));
  if (paths.size !== files.length) throw new ServiceError('invalid', 'files: two have the same path');
  return files;
}
