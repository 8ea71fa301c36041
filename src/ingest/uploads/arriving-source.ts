import { ServiceError } from '../../core/errors.ts';
import { original, slideKey } from '../../core/objects.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import { checkWithin } from '../../storage/within.ts';
import type { Store } from '../../storage/store.ts';
import type { UploadSpool } from '../../storage/upload-spool.ts';
import { arrivedRuns, hasArrived, type ArrivedRuns } from './arrived.ts';
import type { Upload } from './upload-record.ts';
import type { UploadRows } from './upload-rows.ts';

/** How often, at most, one source asks what else has arrived, ms. */
const refreshMs = 200;

/** What an arriving file is read from. */
export interface ArrivingParts {
  readonly rows: UploadRows;
  readonly spool: UploadSpool;
  readonly store: Store;
}

/**
 * A file that is being uploaded, by any process: what has arrived can be read. Once it is complete it is read from
 * the store, without anybody noticing.
 */
export class ArrivingSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #parts: ArrivingParts;
  #upload: Upload;
  #runs: ArrivedRuns;
  #isStored = false;
  #askedAt = performance.now();
  #asking: Promise<void> | undefined;

  constructor(parts: ArrivingParts, upload: Upload) {
    this.#parts = parts;
    this.#upload = upload;
    this.#runs = arrivedRuns(upload.spans);
    this.name = upload.name;
    this.size = upload.size;
  }

  /** @throws {ServiceError} `arriving` when not all of the range is there yet; `damaged` beyond the end */
  async read(offset: number, length: number, signal?: AbortSignal): Promise<Buffer> {
    checkWithin(this, offset, length);
    if (!this.#isStored && !hasArrived(this.#runs, offset, length)) {
      await this.#refresh();
      if (!this.#isStored && !hasArrived(this.#runs, offset, length))
        throw new ServiceError(
          'arriving',
          'this part of the slide is still being uploaded; ask again in a second',
        );
    }
    if (this.#isStored) return await this.#readStored(offset, length, signal);
    try {
      return await this.#parts.spool.read(this.#upload, offset, length);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.kind !== 'not-found') throw error;
      const bytes = await this.#readStored(offset, length, signal);
      this.#isStored = true;
      return bytes;
    }
  }

  async #readStored(offset: number, length: number, signal?: AbortSignal): Promise<Buffer> {
    return await this.#parts.store.read(slideKey(this.#upload.id, original), offset, length, signal);
  }

  /** Looks at the rows again, once for all who wait. */
  async #refresh(): Promise<void> {
    if (this.#asking === undefined && performance.now() - this.#askedAt < refreshMs) return;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    await this.#asking;
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now();
    const now = await this.#parts.rows.get(this.#upload.id);
    if (now === undefined || now.state === 'done') {
      this.#isStored = true;
      return;
    }
    this.#upload = now;
    this.#runs = arrivedRuns(now.spans);
  }
}
