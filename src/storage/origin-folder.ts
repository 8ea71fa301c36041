import { constants, type Dirent } from 'node:fs';
import { lstat, open, opendir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import { isAbsence, toFolderError } from './folder-paths.ts';
import { OpenFiles, type OpenFile } from './open-files.ts';
import { changedError, fileOrigin, fileVersion, goneError, isWithin, type FileOrigin } from './origin.ts';

/** Descriptors kept open while nobody reads from them. */
const maxOpenFiles = 64;

/**
 * Somebody else's folders, to read from. Few files are held open, however many slides lie there; a file that was
 * changed is noticed within a second.
 */
export class OriginFolders {
  readonly #roots: readonly string[];
  readonly #files: OpenFiles;

  /** @param roots folders outside of which nothing is opened */
  constructor(roots: readonly string[]) {
    this.#roots = roots;
    const opener = { open: (path: string) => this.#open(path), etagNow: (path: string) => versionNow(path) };
    this.#files = new OpenFiles(opener, maxOpenFiles);
  }

  /**
   * Exactly `length` bytes of the version that was imported.
   *
   * @param name for messages
   * @throws {ServiceError} `damaged` when the file was changed, `unavailable` when it is gone or can't be read,
   *   `invalid` when it lies outside the roots
   */
  async read(
    origin: FileOrigin,
    name: string,
    { offset, length }: { readonly offset: number; readonly length: number },
    signal?: AbortSignal,
  ): Promise<Buffer> {
    signal?.throwIfAborted();
    try {
      return await this.#files.use(origin.path, async ({ handle, etag }) => {
        if (etag !== origin.version) throw changedError(name);
        const bytes = Buffer.allocUnsafeSlow(length);
        let done = 0;
        while (done < length) {
          const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
          if (bytesRead === 0) throw changedError(name);
          done += bytesRead;
        }
        return bytes;
      });
    } catch (error) {
      throw isAbsence(error) ? goneError(name, error) : toFolderError(error, name);
    }
  }

  /** What is there now; undefined when no file is, or it can't be seen. */
  async look(path: string): Promise<FileOrigin | undefined> {
    return await fileOrigin(path).catch(() => undefined);
  }

  /** Closes its files. */
  async close(): Promise<void> {
    await this.#files.close();
  }

  async #open(path: string): Promise<OpenFile> {
    const { real } = await this.check(path);
    const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) throw goneError('a file');
      return { handle, size: Number(stats.size), etag: fileVersion(stats) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * The real path of a file or folder, and the root it lies in, as it was given.
   *
   * @throws {ServiceError} `invalid` when it lies outside the roots; the system's error when it is absent
   */
  async check(path: string): Promise<{ readonly real: string; readonly root: string }> {
    const real = await realpath(path);
    for (const root of this.#roots) {
      const realRoot = await realpath(root).catch(() => undefined);
      if (realRoot !== undefined && isWithin(realRoot, real)) return { real, root };
    }
    throw new ServiceError(
      'invalid',
      'it lies outside the folders that may be imported from; see TELEPATH_IMPORT_FROM',
    );
  }
}

/** Of a real path: a link that was put there later is no file. */
async function versionNow(path: string): Promise<string | undefined> {
  const stats = await lstat(path, { bigint: true });
  return stats.isFile() ? fileVersion(stats) : undefined;
}

/** Told of folders and files that can't be read. */
export type Unreadable = (path: string, error: Error) => void;

/**
 * The regular files of a folder and its subfolders. Links are not followed; what begins with a dot is passed over.
 *
 * @param folder real path
 */
export async function* walkFolder(
  folder: string,
  unreadable: Unreadable,
  signal?: AbortSignal,
): AsyncGenerator<FileOrigin> {
  for (const entry of await entriesOf(folder, unreadable)) {
    signal?.throwIfAborted();
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walkFolder(path, unreadable, signal);
    if (!entry.isFile()) continue;
    try {
      const origin = await fileOrigin(path);
      if (origin !== undefined) yield origin;
    } catch (error) {
      // Deleted meanwhile, or not to be seen.
      if (!isAbsence(error)) unreadable(path, toFolderError(error, entry.name));
    }
  }
}

/** Sorted by name, so that every run goes the same way. */
async function entriesOf(folder: string, unreadable: Unreadable): Promise<Dirent[]> {
  try {
    const entries: Dirent[] = [];
    for await (const entry of await opendir(folder)) entries.push(entry);
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    unreadable(folder, toFolderError(error, 'a folder'));
    return [];
  }
}
