import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import { toFolderError } from '../storage/folder-paths.ts';

/** A file at one moment. */
export interface LocalFile {
  readonly path: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Of its last change, ns. */
  readonly mtimeNs: bigint;
}

/** Bytes read at once while hashing. */
const readBytes = 4 * 1024 * 1024;

/** What a file is now. @throws {ServiceError} `not-found`, `invalid` for what is no file, `unavailable` */
export async function localFile(path: string): Promise<LocalFile> {
  const name = basename(path);
  const stats = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw toFolderError(error, name);
  });
  if (!stats.isFile()) throw new ServiceError('invalid', `${name}: not a file`);
  return { path, name, size: Number(stats.size), mtimeNs: stats.mtimeNs };
}

/** Makes sure that a file is what it was. @throws {ServiceError} `damaged` when it is another now */
export async function checkUnchanged(file: LocalFile): Promise<void> {
  const now = await localFile(file.path);
  if (now.size !== file.size || now.mtimeNs !== file.mtimeNs)
    throw new ServiceError(
      'damaged',
      `${file.name}: was changed while it was read; send it when it is complete`,
    );
}

/**
 * SHA-256 of a file, hexadecimal: about 1 s a GiB, or what the disk gives.
 *
 * @param onProgress told how many bytes are read
 * @throws {ServiceError} `damaged` when it changes meanwhile, `unavailable`
 */
export async function hashOf(
  file: LocalFile,
  onProgress: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  for (let offset = 0; offset < file.size;) {
    const bytes = await readRange(file, offset, Math.min(readBytes, file.size - offset), signal);
    hash.update(bytes);
    offset += bytes.length;
    onProgress(offset);
  }
  await checkUnchanged(file);
  return hash.digest('hex');
}

/** Exactly these bytes. @throws {ServiceError} `damaged` when the file is shorter now, `unavailable` */
export async function readRange(
  { path, name }: LocalFile,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted();
  const bytes = new Uint8Array(length);
  try {
    await using file = await open(path, 'r');
    for (let done = 0; done < length;) {
      const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) throw new ServiceError('damaged', `${name}: became shorter while it was read`);
      done += bytesRead;
    }
  } catch (error) {
    throw toFolderError(error, name);
  }
  return bytes;
}
