import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { ServiceError } from '../../core/errors.ts';
import { indexObject, original, slideKey } from '../../core/objects.ts';
import type { SlideId } from '../../core/slide.ts';
import type { Catalogue, SlideRecord } from '../../db/catalogue.ts';
import type { Store } from '../../storage/store.ts';
import type { UploadSpool } from '../../storage/upload-spool.ts';
import type { Library } from '../../tiles/library.ts';
import { writeFileList } from '../file-list.ts';
import type { Intake } from '../intake.ts';
import type { EarlyView } from './early-view.ts';
import type { DatabaseLocks } from './locks.ts';
import type { SlideHashes } from './slide-hashes.ts';
import { unpackOriginal } from './unpack-original.ts';
import type { Upload } from './upload-record.ts';
import type { UploadRows } from './upload-rows.ts';

/** What the line stands on. */
export interface FinishLineParts {
  readonly rows: UploadRows;
  readonly hashes: SlideHashes;
  readonly locks: DatabaseLocks;
  readonly spool: UploadSpool;
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly library: Library;
  readonly intake: Pick<Intake, 'admit'>;
  readonly early: EarlyView;
  readonly maxUploadBytes: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Uploads of which every byte has arrived: each becomes an object of the store, is compared with the hash its sender
 * named, and is published as a slide.
 *
 * Each step can be taken again after a crash at any point, by any process, one at a time. What can be viewed early is
 * viewable before any of it; what is refused is kept, and its slide says why.
 */
export class FinishLine {
  readonly #parts: FinishLineParts;
  readonly #line = new PQueue({ concurrency: 2 });
  readonly #waiting = new Set<SlideId>();

  constructor(parts: FinishLineParts) {
    this.#parts = parts;
  }

  /** Puts a complete upload in line; once, however often it is asked for. */
  add(id: SlideId): void {
    const { signal, log } = this.#parts;
    if (this.#waiting.has(id) || signal.aborted) return;
    this.#waiting.add(id);
    void this.#line.add(async () => {
      try {
        await this.#finishAlone(id);
      } catch (error) {
        // The sweep tries again.
        if (!signal.aborted) log.warn({ slide: id, err: error }, 'upload not finished');
      } finally {
        this.#waiting.delete(id);
      }
    });
  }

  /** Resolves when nothing is waiting or under way. */
  async idle(): Promise<void> {
    await this.#line.onIdle();
  }

  /** Drops what waits, and waits for what is under way. */
  async close(): Promise<void> {
    this.#line.clear();
    await this.#line.onIdle();
  }

  async #finishAlone(id: SlideId): Promise<void> {
    const { locks, rows, early } = this.#parts;
    const unlock = await locks.tryTake(`upload-finish ${id}`);
    // Another process is at it.
    if (unlock === undefined) return;
    try {
      const upload = await rows.get(id);
      if (upload?.state === 'received' || upload?.state === 'checked') await this.#finish(upload);
      early.forget(id);
    } finally {
      await unlock();
    }
  }

  async #finish(upload: Upload): Promise<void> {
    const { rows, log } = this.#parts;
    const { id } = upload;
    const started = performance.now();
    try {
      if (upload.state === 'received' && !(await this.#keep(upload))) return;
      await this.#publish(upload);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.#refuse(id, error);
    }
    await rows.move(id, ['received', 'checked'], 'done');
    log.info(
      { slide: id, bytes: upload.size, seconds: (performance.now() - started) / 1000 },
      'upload finished',
    );
  }

  /**
   * Makes an object of the upload, and compares it with what was sent.
   *
   * @returns false when the organisation has the same slide already: then this one has ended
   */
  async #keep(upload: Upload): Promise<boolean> {
    const { rows, early, spool, catalogue, hashes } = this.#parts;
    const { id } = upload;
    const isEarly = (await this.#isViewable(id)) || (await early.attempt(upload, true));
    await spool.finish(upload, slideKey(id, original), {
      noted: upload.multipartId,
      note: (multipartId) => rows.noteMultipart(id, multipartId),
    });
    if (!isEarly) await catalogue.setState(id, { kind: 'checking' }, ['receiving']);
    const sha256 = await this.#hash(id);
    if (upload.expectedSha256 !== undefined && upload.expectedSha256 !== sha256)
      throw new ServiceError(
        'mismatch',
        'The file did not arrive as it was sent: its SHA-256 differs. Upload it again.',
      );
    const twin = await hashes.claim(upload, sha256);
    if (twin !== undefined) await this.#endAsDuplicate(upload, twin);
    else await rows.move(id, ['received'], 'checked');
    return twin === undefined;
  }

  async #isViewable(id: SlideId): Promise<boolean> {
    const record = await this.#parts.catalogue.get(id);
    return record?.state.kind === 'receiving' && record.state.isViewable;
  }

  /** Publishes the slide, or one that came in an archive, unless that was done before a crash. */
  async #publish({ id, name, files }: Upload): Promise<void> {
    const { catalogue, intake, store, rows, maxUploadBytes } = this.#parts;
    if (files !== undefined) await writeFileList(store, id, files);
    else await unpackOriginal({ store, rows, maxUploadBytes }, id, name);
    const record = await catalogue.get(id);
    if (record !== undefined && isUnpublished(record)) await intake.admit(record);
  }

  /** SHA-256 of what the store holds, not of what passed by: about 1 s a GiB. */
  async #hash(id: SlideId): Promise<string> {
    const { store, signal } = this.#parts;
    const hash = createHash('sha256');
    await pipeline(await store.stream(slideKey(id, original), undefined, signal), hash, { signal });
    return hash.digest('hex');
  }

  async #endAsDuplicate(upload: Upload, twin: SlideId): Promise<void> {
    const { rows, store, catalogue, library, log } = this.#parts;
    const { id } = upload;
    await rows.move(id, ['received'], 'done', twin);
    await catalogue.remove(id);
    library.forget(id);
    await store.delete(slideKey(id, indexObject));
    await store.delete(slideKey(id, original));
    log.info({ slide: id, duplicateOf: twin }, 'upload was here already');
  }

  /**
   * Says on the slide what is wrong with it. Its bytes stay, but for those that are not what was sent: they must not be
   * shown by any later try.
   */
  async #refuse(id: SlideId, error: ServiceError): Promise<void> {
    const { catalogue, library, store, log } = this.#parts;
    log.warn({ slide: id, kind: error.kind }, 'upload refused');
    if (error.kind === 'mismatch')
      for (const object of [indexObject, original]) await store.delete(slideKey(id, object));
    await catalogue.setState(id, { kind: 'failed', reason: error.message }, ['receiving', 'checking']);
    library.forget(id);
  }
}

/** Whether a slide still waits for its publication. */
function isUnpublished({ state }: SlideRecord): boolean {
  return state.kind === 'receiving' || state.kind === 'checking';
}

/** Whether trying again would end the same. */
function isRefusal(error: unknown): error is ServiceError {
  return (
    error instanceof ServiceError &&
    ['unsupported', 'damaged', 'too-large', 'invalid', 'mismatch', 'not-found'].includes(error.kind)
  );
}
