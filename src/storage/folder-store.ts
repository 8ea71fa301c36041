import { createReadStream } from 'node:fs';
import { mkdir, realpath, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { ServiceError } from '../core/errors.ts';
import { exactStream } from './exact-stream.ts';
import { listFiles } from './folder-list.ts';
import { FileReads } from './file-reads.ts';
import * as paths from './folder-paths.ts';
import { cleanPartials, putByMoving, putByWriting, writeBytes, writeStream } from './folder-put.ts';
import { checkKey, checkPrefix, checkRange } from './keys.ts';
import { OpenFiles } from './open-files.ts';
import type { ListedObject, ObjectHead, PutOptions, Store } from './store.ts';

/** Descriptors kept open for the next read. */
const maxOpenFiles = 256;

/**
 * A store in a folder of a local disk: one file per object.
 *
 * Puts are atomic and survive a power cut (written below `.partial`, synced, then renamed or linked, folder synced).
 * A read of this process sees its own puts at once, and another process's overwrite within a second (`head`,
 * `stream` and `list` at once). Links that lead out of the folder are refused. What a crash left half-written is
 * deleted at open, once it is a day old.
 *
 * @param root made when absent, readable by this user only
 * @throws {ServiceError} `unavailable` when the folder can't be made or written
 */
export async function openFolderStore(root: string): Promise<Store> {
  const name = `folder ${root}`;
  try {
    await mkdir(resolve(root), { recursive: true, mode: 0o700 });
    const real = await realpath(resolve(root));
    await cleanPartials(real);
    return new FolderStore(name, real);
  } catch (error) {
    if (['EEXIST', 'ENOTDIR'].includes(paths.errorCode(error) ?? ''))
      throw new ServiceError('unavailable', `${name}: not a folder; name another`, { cause: error });
    throw paths.toFolderError(error, name);
  }
}

class FolderStore implements Store {
  readonly name: string;
  readonly #root: string;
  readonly #files: OpenFiles;
  readonly #reads = new FileReads();

  constructor(name: string, root: string) {
    this.name = name;
    this.#root = root;
    const opener = { open: (key: string) => this.#open(key), etagNow: (key: string) => this.#etagNow(key) };
    this.#files = new OpenFiles(opener, maxOpenFiles);
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    return this.#run(key, signal, async () => {
      const stats = await paths.statWithin(this.#root, join(this.#root, key));
      const head = stats && { size: Number(stats.size), etag: paths.etagOf(stats) };
      await this.#files.forgetUnless(key, head?.etag);
      return head;
    });
  }

  async read(key: string, offset: number, length: number, signal?: AbortSignal): Promise<Buffer> {
    checkRange(offset, length);
    signal?.throwIfAborted();
    const atHand = this.readNow(key, offset, length);
    if (atHand !== undefined) return atHand;
    return this.#run(key, signal, async () => {
      let bytes = await this.#tryRead(key, offset, length);
      if (bytes === undefined) {
        // Beyond the end of what is open; another process may have put a longer one in its place.
        this.#files.forget(key);
        bytes = await this.#tryRead(key, offset, length);
      }
      signal?.throwIfAborted();
      if (bytes !== undefined) return bytes;
      throw new ServiceError('damaged', `${this.#where(key)}: ends before ${length} bytes from ${offset}`);
    });
  }

  async stream(
    key: string,
    range?: { offset: number; length: number },
    signal?: AbortSignal,
  ): Promise<Readable> {
    if (range) checkRange(range.offset, range.length);
    return this.#run(key, signal, async () => {
      const { handle, size } = await this.#open(key);
      const { offset, length } = range ?? { offset: 0, length: size };
      if (offset + length > size || length === 0) await handle.close();
      if (offset + length > size)
        throw new ServiceError('damaged', `${this.#where(key)}: ends before ${length} bytes from ${offset}`);
      const source =
        length === 0
          ? Readable.from([])
          : handle.createReadStream({ start: offset, end: offset + length - 1, highWaterMark: 256 * 1024 });
      const name = this.#where(key);
      return exactStream(source, {
        length,
        name,
        toError: (error) => paths.toFolderError(error, name),
        signal,
      });
    });
  }

  async put(key: string, bytes: Uint8Array, options?: PutOptions): Promise<ObjectHead> {
    return this.#write(key, options, () =>
      putByWriting(this.#root, key, (file) => writeBytes(file, bytes), options),
    );
  }

  async putStream(key: string, bytes: Readable, options?: PutOptions): Promise<ObjectHead> {
    let broken: unknown;
    bytes.once('error', (error) => (broken = error));
    try {
      return await this.#write(key, options, () =>
        putByWriting(this.#root, key, (file) => writeStream(file, bytes, options?.signal), options),
      );
    } catch (error) {
      options?.signal?.throwIfAborted();
      throw broken ?? error;
    } finally {
      bytes.destroy();
    }
  }

  async putFile(
    key: string,
    path: string,
    options: PutOptions & { readonly move?: boolean } = {},
  ): Promise<ObjectHead> {
    return this.#write(key, options, async () => {
      await paths.checkFile(path);
      const moved = options.move === true ? await putByMoving(this.#root, key, path, options) : undefined;
      if (moved !== undefined) return moved;
      const source = createReadStream(path, { highWaterMark: 1024 * 1024 });
      const head = await putByWriting(
        this.#root,
        key,
        (file) => writeStream(file, source, options.signal),
        options,
      );
      if (options.move === true) await unlink(path);
      return head;
    });
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    await this.#run(key, signal, async () => {
      try {
        const folder = await paths.realPathWithin(this.#root, dirname(join(this.#root, key)));
        await unlink(join(folder, basename(key)));
        await paths.syncFolder(folder);
      } catch (error) {
        if (!paths.isAbsence(error)) throw error;
      } finally {
        this.#files.forget(key);
      }
      await this.#removeEmptyFolders(dirname(key));
    });
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<ListedObject> {
    checkPrefix(prefix);
    try {
      yield* listFiles(this.#root, prefix, signal);
    } catch (error) {
      throw signal?.aborted ? signal.reason : paths.toFolderError(error, this.#where(prefix));
    }
  }

  async close(): Promise<void> {
    await this.#files.close();
  }

  #where(key: string): string {
    return `${this.name}: ${key}`;
  }

  /** Checks the key, runs the work, and turns what the system says into errors of this store. */
  async #run<T>(key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    checkKey(key);
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      throw signal?.aborted ? signal.reason : paths.toFolderError(error, this.#where(key));
    }
  }

  async #write(
    key: string,
    options: PutOptions | undefined,
    work: () => Promise<ObjectHead>,
  ): Promise<ObjectHead> {
    try {
      return await this.#run(key, options?.signal, work);
    } finally {
      this.#files.forget(key);
    }
  }

  async #open(key: string) {
    const handle = await paths.openWithin(this.#root, join(this.#root, key));
    try {
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) throw new ServiceError('not-found', `${this.#where(key)}: no such object`);
      return { handle, size: Number(stats.size), etag: paths.etagOf(stats) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #etagNow(key: string): Promise<string | undefined> {
    const stats = await paths.statWithin(this.#root, join(this.#root, key));
    return stats && paths.etagOf(stats);
  }

  /** Of a file that is open, from memory: most tiles are read so. */
  readNow(key: string, offset: number, length: number, lead?: number): Buffer | undefined {
    checkRange(offset, length);
    const file = this.#reads.isAtOnce(length) ? this.#files.atHand(key) : undefined;
    if (file === undefined || offset + length > file.size) return undefined;
    try {
      return this.#reads.atOnce(file.handle.fd, offset, length, lead);
    } catch (error) {
      throw paths.toFolderError(error, this.#where(key));
    }
  }

  /** @returns undefined when the file ends before the range does */
  async #tryRead(key: string, offset: number, length: number): Promise<Buffer | undefined> {
    return this.#files.use(key, async ({ handle, size }) => {
      if (offset + length > size) return undefined;
      return await this.#reads.exactly(handle.fd, offset, length);
    });
  }

  async #removeEmptyFolders(folder: string): Promise<void> {
    for (let at = folder; at !== '.'; at = dirname(at)) {
      try {
        await rmdir(join(this.#root, at));
      } catch (error) {
        if (['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(paths.errorCode(error) ?? '')) return;
        throw error;
      }
    }
  }
}
