import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { mkdir, open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { ServiceError } from '../core/errors.ts';

/** Changes whenever a file is replaced or written: size, time of change and inode. */
export function etagOf(stats: BigIntStats): string {
  return [stats.ino, stats.mtimeNs, stats.size].map((n) => n.toString(36)).join('-');
}

/** The system's code of a failed call (`ENOENT`), undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** Whether an error says that there is no such file. */
export function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '');
}

const advice: Readonly<Record<string, string>> = {
  EACCES: 'no permission; let the service own this folder',
  EPERM: 'no permission; let the service own this folder',
  EROFS: 'the disk is mounted read-only',
  ENOSPC: 'the disk is full; make room',
  EDQUOT: 'the quota of the disk is used up; make room',
  EMFILE: 'too many open files; raise the limit (ulimit -n)',
  ENFILE: 'too many open files on this machine',
  EIO: 'the disk failed; check it',
};

/**
 * What a failed system call means to the caller of a store.
 *
 * @param where store and key, for the message
 */
export function toFolderError(error: unknown, where: string): Error {
  if (error instanceof ServiceError) return error;
  const code = errorCode(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  if (code === 'EEXIST') return new ServiceError('conflict', `${where}: exists already`, { cause: error });
  if (isAbsence(error)) return new ServiceError('not-found', `${where}: no such object`, { cause: error });
  return new ServiceError('unavailable', `${where}: ${advice[code] ?? 'the disk did not do it'} (${code})`, {
    cause: error,
  });
}

/**
 * The real path of what is asked for.
 *
 * @param root real path of the folder it must lie in
 * @throws {ServiceError} `invalid` when a symbolic link leads out of the root; the system's error when it is absent
 */
export async function realPathWithin(root: string, path: string): Promise<string> {
  const real = await realpath(path);
  if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep))
    throw new ServiceError(
      'invalid',
      `${path.slice(root.length + 1)}: a symbolic link leads out of the store`,
    );
  return real;
}

/**
 * Makes a folder below the root, durably, never through a link that leads out of it.
 *
 * @returns its real path
 */
export async function makeFolderWithin(root: string, path: string): Promise<string> {
  if (path === root) return root;
  try {
    return await realPathWithin(root, path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const parent = await makeFolderWithin(root, dirname(path));
  const made = join(parent, basename(path));
  try {
    await mkdir(made, { mode: 0o700 });
    await syncFolder(parent);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  return realPathWithin(root, made);
}

/** Opens a regular file below the root for reading; never waits for a pipe, never follows a link out. */
export async function openWithin(root: string, path: string): Promise<FileHandle> {
  const real = await realPathWithin(root, path);
  return open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/** Makes what was renamed, linked or deleted in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What is at a path below the root now; undefined when no regular file is. */
export async function statWithin(root: string, path: string): Promise<BigIntStats | undefined> {
  try {
    const stats = await stat(await realPathWithin(root, path), { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/**
 * Makes sure that a regular file can be read from a path.
 *
 * @throws {ServiceError} `not-found`, `invalid`, `unavailable`
 */
export async function checkFile(path: string, name = basename(path)): Promise<void> {
  const stats = await stat(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT')
      throw new ServiceError('not-found', `${name}: no such file`, { cause: error });
    throw toFolderError(error, name);
  });
  if (!stats.isFile()) throw new ServiceError('invalid', `${name}: not a regular file`);
}
