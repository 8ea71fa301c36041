import { createCipheriv } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ListedObject, Store } from './store.ts';

/** Bytes that look random and are the same in every run, in chunks of 100,003 bytes. */
export function* pseudoRandom(length: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  for (let left = length; left > 0; left -= 100_003)
    yield cipher.update(Buffer.alloc(Math.min(left, 100_003)));
}

/** A stream that breaks with its own error after so many bytes. */
export function breaking(afterBytes: number): Readable {
  function* bytes(): Generator<Buffer> {
    yield* pseudoRandom(afterBytes);
    throw new Error('the scanner went away');
  }
  return Readable.from(bytes(), { objectMode: false });
}

/** All that a listing gives. */
export async function listed(store: Store, prefix: string, signal?: AbortSignal): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  for await (const object of store.list(prefix, signal)) objects.push(object);
  return objects;
}

/** The keys of a listing. */
export async function keysOf(store: Store, prefix: string): Promise<string[]> {
  return (await listed(store, prefix)).map(({ key }) => key);
}
