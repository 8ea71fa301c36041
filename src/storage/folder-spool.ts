import { constants } from 'node:fs';
import { open, realpath, rm, statfs, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import { putByMoving } from './folder-put.ts';
import { errorCode, makeFolderWithin, statWithin, syncFolder, toFolderError } from './folder-paths.ts';
import { uploadsFolder } from './keys.ts';
import type { SpooledRun, SpooledUpload, UploadSpool } from './upload-spool.ts';

/** Bytes written at most before they are made durable. */
const runBytes = 32 * 2 ** 20;
/** Time after which they are, however few, ms. */
const runMs = 1000;

/**
 * Uploads in the folder of a store: one sparse file each, which becomes the object by being renamed.
 *
 * @param root folder of the store
 * @throws {ServiceError} `unavailable`
 */
export async function openFolderSpool(root: string): Promise<UploadSpool> {
  try {
    const real = await realpath(resolve(root));
    await makeFolderWithin(real, join(real, uploadsFolder));
    return new FolderSpool(real);
  } catch (error) {
    throw toFolderError(error, `folder ${root}`);
  }
}

class FolderSpool implements UploadSpool {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async *write(
    upload: SpooledUpload,
    offset: number,
    bytes: AsyncIterable<Buffer>,
  ): AsyncGenerator<SpooledRun> {
    const file = await this.#guard(upload.id, () => this.#open(upload));
    try {
      let run = { start: offset, length: 0 };
      let since = performance.now();
      for await (const chunk of bytes) {
        await this.#guard(upload.id, () => writeAt(file, chunk, run.start + run.length));
        run = { ...run, length: run.length + chunk.length };
        if (run.length < runBytes && performance.now() - since < runMs) continue;
        await this.#guard(upload.id, () => file.datasync());
        yield run;
        run = { start: run.start + run.length, length: 0 };
        since = performance.now();
      }
      if (run.length === 0) return;
      await this.#guard(upload.id, () => file.datasync());
      yield run;
    } finally {
      await file.close();
    }
  }

  async read({ id }: SpooledUpload, start: number, length: number): Promise<Buffer> {
    return await this.#guard(id, async () => {
      await using file = await open(this.#path(id), constants.O_RDONLY | constants.O_NOFOLLOW);
      const bytes = Buffer.allocUnsafeSlow(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await file.read(bytes, done, length - done, start + done);
        if (bytesRead === 0)
          throw new ServiceError('damaged', `upload ${id}: its file ends before ${start + length}`);
        done += bytesRead;
      }
      return bytes;
    });
  }

  async finish({ id, size }: SpooledUpload, key: string): Promise<void> {
    await this.#guard(id, async () => {
      const spooled = await statWithin(this.#root, this.#path(id));
      if (spooled === undefined) {
        const made = await statWithin(this.#root, join(this.#root, key));
        if (made !== undefined && Number(made.size) === size) return;
        throw new ServiceError('not-found', `upload ${id}: its bytes are gone; upload the file again`);
      }
      if (Number(spooled.size) !== size)
        throw new ServiceError('damaged', `upload ${id}: ${spooled.size} of ${size} bytes are in its file`);
      await putByMoving(this.#root, key, this.#path(id), {});
      await syncFolder(join(this.#root, uploadsFolder));
    });
  }

  async drop(): Promise<void> {
    // The next write of the same range covers them.
  }

  async discard(id: string): Promise<void> {
    await this.#guard(id, () => rm(this.#path(id), { force: true }));
  }

  async freeBytes(): Promise<number> {
    return await this.#guard('room', async () => {
      const { bavail, bsize } = await statfs(this.#root);
      return bavail * bsize;
    });
  }

  async close(): Promise<void> {}

  #path(id: string): string {
    return join(this.#root, uploadsFolder, id);
  }

  /** The file of an upload, made durably when nothing of it has arrived yet. */
  async #open({ id, received }: SpooledUpload): Promise<FileHandle> {
    const flags = constants.O_WRONLY | constants.O_NOFOLLOW;
    try {
      return await open(this.#path(id), flags);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      if (received > 0)
        throw new ServiceError('not-found', `upload ${id}: its bytes are gone; upload the file again`);
    }
    const file = await open(this.#path(id), flags | constants.O_CREAT, 0o600);
    try {
      await syncFolder(join(this.#root, uploadsFolder));
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #guard<T>(id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toFolderError(error, `upload ${id}`);
    }
  }
}

/** Writes every byte of a buffer at a place of a file. */
async function writeAt(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
