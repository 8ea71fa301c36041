import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { ServiceError } from '../../core/errors.ts';
import { original, slideKey } from '../../core/objects.ts';
import type { SlideId } from '../../core/slide.ts';
import type { Catalogue } from '../../db/catalogue.ts';
import type { Database } from '../../db/database.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import type { Store } from '../../storage/store.ts';
import type { SpooledRun, UploadSpool } from '../../storage/upload-spool.ts';
import type { TileIndex } from '../../pyramid/tile-index.ts';
import type { Library } from '../../tiles/library.ts';
import { checkSize } from '../counted-body.ts';
import type { Intake } from '../intake.ts';
import { arrivalMap, type LevelArrival } from './arrival-map.ts';
import { ArrivingSource } from './arriving-source.ts';
import { checkedBody, type Checksum } from './checked-body.ts';
import { EarlyView } from './early-view.ts';
import { FinishLine } from './finish-line.ts';
import { DatabaseLocks } from './locks.ts';
import { SlideHashes } from './slide-hashes.ts';
import type { Upload, UploadSpan } from './upload-record.ts';
import { checkRoom } from './room.ts';
import { uploadOf, type UploadRequest } from './upload-request.ts';
import { UploadRows } from './upload-rows.ts';
import { UploadSweeper } from './upload-sweeper.ts';

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
  readonly #sweeper: UploadSweeper;
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
    this.#sweeper = new UploadSweeper({
      ...parts,
      rows,
      locks,
      early: this.#early,
      finished: this.#finished,
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
    const { name, size, sha256, organisationId } = request;
    checkSize(name, size, this.#parts.maxUploadBytes);
    const upload = uploadOf(request, this.#nextExpiry());
    const twin = sha256 === undefined ? undefined : await this.#hashes.find(organisationId, sha256);
    if (twin !== undefined) return { duplicateOf: twin };
    await checkRoom({ ...this.#parts, rows: this.rows }, request);
    const state = { kind: 'receiving', progress: 0, isViewable: false } as const;
    const addedAt = upload.createdAt.toISOString();
    await this.rows.add(upload, { id: upload.id, organisationId, name, state, addedAt, bytes: size });
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
    await this.#sweeper.clear({ id });
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

  /** Finishes what is complete and was left over, by whatever process; ends what has expired. */
  async sweep(): Promise<void> {
    await this.#sweeper.sweep();
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

  /** Deletes what a request wrote for an upload that was given up meanwhile. */
  async #dropIfGone(id: SlideId): Promise<void> {
    if ((await this.rows.get(id)) === undefined)
      await this.#parts.spool.discard(id, {}, slideKey(id, original));
  }
}
