import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import type { ByteSource, SourceSpec } from './byte-source.ts';
import { FileReads } from './file-reads.ts';
import { checkFile, toFolderError } from './folder-paths.ts';
import { openStore } from './open.ts';
import type { Store } from './store.ts';
import { checkWithin } from './within.ts';

/** A source that whoever opened it closes. */
export type OwnedSource = ByteSource & AsyncDisposable;

/**
 * A local file, kept open until it is disposed.
 *
 * @param name for messages; the file's own name where absent
 * @throws {ServiceError} `not-found`, `invalid` for what is no regular file, `unavailable`
 */
export async function openFileSource(path: string, name = basename(path)): Promise<OwnedSource> {
  await checkFile(path, name);
  const file = await open(path, 'r').catch((error: unknown) => {
    throw toFolderError(error, name);
  });
  const { size } = await file.stat();
  const reads = new FileReads();
  return {
    name,
    size,
    read: async (offset, length, signal) => {
      checkWithin({ name, size }, offset, length);
      signal?.throwIfAborted();
      const bytes = await reads.exactly(file.fd, offset, length).catch((error: unknown) => {
        throw toFolderError(error, name);
      });
      if (bytes === undefined) throw new ServiceError('damaged', `${name}: became shorter while it was read`);
      signal?.throwIfAborted();
      return bytes;
    },
    readNow: (offset, length, lead) => {
      checkWithin({ name, size }, offset, length);
      return reads.isAtOnce(length) ? reads.atOnce(file.fd, offset, length, lead) : undefined;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/**
 * An object of a store; the store stays open as long as it is read.
 *
 * @param name for messages; the key where absent
 * @throws {ServiceError} `not-found`
 */
export async function objectSource(store: Store, key: string, name = key): Promise<ByteSource> {
  const head = await store.head(key);
  if (head === undefined) throw new ServiceError('not-found', `${store.name}: ${key}: no such object`);
  const { size } = head;
  return {
    name,
    size,
    read: async (offset, length, signal) => {
      checkWithin({ name, size }, offset, length);
      return store.read(key, offset, length, signal);
    },
    readNow: (offset, length, lead) => {
      checkWithin({ name, size }, offset, length);
      return store.readNow?.(key, offset, length, lead);
    },
  };
}

/** Opens what another process or thread described; disposing closes its store too. */
export async function openSource(spec: SourceSpec): Promise<OwnedSource> {
  if (spec.kind === 'file') return openFileSource(spec.path, spec.name);
  if (spec.kind === 'origin') {
    const { Origins } = await import('./origins.ts');
    const origins = new Origins([spec.root]);
    const read = origins.source(spec.origin, spec.name);
    return { ...read, [Symbol.asyncDispose]: () => origins.close() };
  }
  const store = await openStore(spec.store);
  try {
    const source = await objectSource(store, spec.key, spec.name);
    return { ...source, [Symbol.asyncDispose]: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}
