import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import type { ByteSource, Origin, SourceSpec } from './byte-source.ts';
import { isAbsence } from './folder-paths.ts';
import type { OriginBucket } from './origin-bucket.ts';
import { OriginFolders, walkFolder, type Unreadable } from './origin-folder.ts';
import { fileOrigin, goneError, isBelow, rootName, type BucketRoot, type OriginRoot } from './origin.ts';
import { checkWithin } from './within.ts';

/** Files that are read where they lie: found, opened when they are read, and closed again. */
export class Origins {
  readonly #roots: readonly OriginRoot[];
  readonly #folders: OriginFolders;
  /** By the name of the root. */
  readonly #buckets = new Map<string, Promise<OriginBucket>>();

  /** @param roots folders and parts of buckets outside of which nothing is read */
  constructor(roots: readonly OriginRoot[]) {
    this.#roots = roots;
    this.#folders = new OriginFolders(roots.flatMap((root) => (root.kind === 'folder' ? [root.root] : [])));
  }

  /**
   * The origin to read from. Nothing is opened before the first read.
   *
   * @param name for messages
   * @throws {ServiceError} of its `read`: `damaged` when it was changed since, `unavailable`, `invalid`
   */
  source(origin: Origin, name: string): ByteSource {
    const { size } = origin;
    return {
      name,
      size,
      read: async (offset, length, signal) => {
        checkWithin({ name, size }, offset, length);
        if (length === 0) return Buffer.alloc(0);
        if (origin.kind === 'file') return await this.#folders.read(origin, name, { offset, length }, signal);
        const bucket = await this.#bucket(this.#rootOf(origin.bucket, origin.key));
        return await bucket.read(origin, name, { offset, length }, signal);
      },
    };
  }

  /** How another process or thread reads it. @throws {ServiceError} `invalid` outside the roots, `unavailable` */
  async spec(origin: Origin, name: string): Promise<SourceSpec> {
    if (origin.kind === 's3')
      return { kind: 'origin', root: this.#rootOf(origin.bucket, origin.key), origin, name };
    const { root } = await this.#folders.check(origin.path).catch((error: unknown) => {
      throw isAbsence(error) ? goneError(name, error) : error;
    });
    return { kind: 'origin', root: { kind: 'folder', root }, origin, name };
  }

  /** What lies there now, whatever its version; undefined when nothing does. @throws {ServiceError} `unavailable` */
  async look(origin: Origin): Promise<Origin | undefined> {
    if (origin.kind === 'file') return await this.#folders.look(origin.path);
    return await (await this.#bucket(this.#rootOf(origin.bucket, origin.key))).look(origin.key);
  }

  /** Makes sure that a place lies within the roots. @throws {ServiceError} `invalid`, `not-found` */
  async check(from: string): Promise<void> {
    const asked = bucketPlace(from);
    if (asked !== undefined) this.#rootOf(asked.bucket, asked.prefix);
    else await this.#pathOf(from);
  }

  /**
   * What can be imported from a place: a file, a folder with its subfolders, an object, all below a prefix.
   *
   * @param from a path, or `s3://bucket/prefix`
   * @param unreadable told of what could not be looked at
   * @throws {ServiceError} `invalid` outside the roots, `not-found`, `unavailable`
   */
  async *find(from: string, unreadable: Unreadable, signal?: AbortSignal): AsyncGenerator<Origin> {
    const asked = bucketPlace(from);
    if (asked !== undefined) {
      const bucket = await this.#bucket(this.#rootOf(asked.bucket, asked.prefix));
      for await (const origin of bucket.list(asked.prefix, signal)) if (!isHidden(origin.key)) yield origin;
      return;
    }
    const path = await this.#pathOf(from);
    if ((await stat(path)).isDirectory()) {
      yield* walkFolder(path, unreadable, signal);
      return;
    }
    const origin = await fileOrigin(path);
    if (origin === undefined) throw new ServiceError('invalid', `${from}: neither a file nor a folder`);
    yield origin;
  }

  /** Closes files and connections. */
  async close(): Promise<void> {
    await this.#folders.close();
    for (const bucket of this.#buckets.values()) (await bucket).close();
  }

  /** The real path of a local place. @throws {ServiceError} `invalid`, `not-found` */
  async #pathOf(from: string): Promise<string> {
    try {
      return (await this.#folders.check(resolve(from))).real;
    } catch (error) {
      throw isAbsence(error) ? new ServiceError('not-found', `${from}: no such file or folder`) : error;
    }
  }

  #rootOf(bucket: string, key: string): BucketRoot {
    for (const root of this.#roots)
      if (root.kind === 's3' && root.bucket === bucket && isBelow(root.prefix, key)) return root;
    throw outside(`s3://${bucket}/${key}`, this.#roots);
  }

  #bucket(root: BucketRoot): Promise<OriginBucket> {
    const name = rootName(root);
    // The SDK takes a fifth of a second to load.
    const opened =
      this.#buckets.get(name) ??
      import('./origin-bucket.ts').then(({ OriginBucket: Bucket }) => new Bucket(root));
    this.#buckets.set(name, opened);
    return opened;
  }
}

/** What `s3://bucket/prefix` names; undefined for a path. */
function bucketPlace(from: string): { readonly bucket: string; readonly prefix: string } | undefined {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*?))?\/*$/.exec(from) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix };
}

function isHidden(key: string): boolean {
  return key.endsWith('/') || key.split('/').some((part) => part.startsWith('.'));
}

function outside(place: string, roots: readonly OriginRoot[] = []): ServiceError {
  const allowed = roots.length === 0 ? '' : ` (${roots.map(rootName).join(', ')})`;
  return new ServiceError(
    'invalid',
    `${place}: lies outside what may be imported from${allowed}; see TELEPATH_IMPORT_FROM`,
  );
}
