import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { ServiceError } from '../core/errors.ts';
import { errorCode, etagOf, makeFolderWithin, syncFolder } from './folder-paths.ts';
import { partialFolder } from './keys.ts';
import type { ObjectHead, PutOptions } from './store.ts';

/** Files in the partial folder that nobody wrote to for so long are left over from a crash, ms. */
const staleMs = 24 * 60 * 60 * 1000;

/** Writes all bytes of something to a file. */
export type WriteBytes = (file: FileHandle) => Promise<void>;

/**
 * Writes a file beside, makes it durable, and only then gives it its name.
 *
 * @param root real path of the store's folder
 * @param key checked
 * @throws the system's error; `EEXIST` for `ifAbsent`
 */
export async function putByWriting(
  root: string,
  key: string,
  write: WriteBytes,
  options: PutOptions = {},
): Promise<ObjectHead> {
  const partial = join(root, partialFolder, randomBytes(16).toString('hex'));
  const file = await open(partial, 'wx', 0o600);
  try {
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    options.signal?.throwIfAborted();
    return await publish(root, key, partial, options.ifAbsent === true);
  } finally {
    await rm(partial, { force: true });
  }
}

/**
 * Takes a file as it is, without copying.
 *
 * @returns undefined when it can't be taken: a link, or on another disk
 */
export async function putByMoving(
  root: string,
  key: string,
  path: string,
  options: PutOptions,
): Promise<ObjectHead | undefined> {
  if (!(await lstat(path)).isFile()) return undefined;
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  options.signal?.throwIfAborted();
  try {
    const head = await publish(root, key, path, options.ifAbsent === true);
    await rm(path, { force: true });
    return head;
  } catch (error) {
    if (errorCode(error) === 'EXDEV') return undefined;
    throw error;
  }
}

/** Gives a complete, durable file its name, atomically, and makes the name durable. */
async function publish(root: string, key: string, path: string, ifAbsent: boolean): Promise<ObjectHead> {
  const target = join(root, key);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const folder = await makeFolderWithin(root, dirname(target));
      const real = join(folder, basename(target));
      const stats = await stat(path, { bigint: true });
      await (ifAbsent ? link(path, real) : rename(path, real));
      await syncFolder(folder);
      return { size: Number(stats.size), etag: etagOf(stats) };
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOTDIR' || code === 'EISDIR')
        throw new ServiceError('conflict', `${key}: another object's key is a folder of it, or the reverse`, {
          cause: error,
        });
      // A delete took the empty folder away meanwhile.
      if (code !== 'ENOENT' || attempt === 5) throw error;
    }
  }
}

/** Writes every byte of a buffer at the file's end. */
export async function writeBytes(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}

/** Writes a stream to a file. What the stream throws passes as it is; it is destroyed in any case. */
export async function writeStream(file: FileHandle, bytes: Readable, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const source = signal ? addAbortSignal(signal, bytes) : bytes;
  for await (const chunk of source) await writeBytes(file, Buffer.from(chunk));
}

/** Deletes what a crash left in the partial folder, and makes that folder. */
export async function cleanPartials(root: string): Promise<void> {
  const folder = await makeFolderWithin(root, join(root, partialFolder));
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const stats = await lstat(path).catch((error: unknown) => {
      // Another process has finished it meanwhile.
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (stats !== undefined && Date.now() - stats.mtimeMs > staleMs)
      await rm(path, { recursive: true, force: true });
  }
}
