import { createCipheriv, createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListedObject, Store } from './store.ts';

const MiB = 1024 * 1024;
const hundred = Buffer.from(Array.from({ length: 100 }, (_, i) => i));

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

async function keysOf(store: Store, prefix: string): Promise<string[]> {
  return (await listed(store, prefix)).map(({ key }) => key);
}

/**
 * What every store promises, as tests.
 *
 * @param open a store that is empty; closed by the tests
 */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`${name}: the contract of every store`, () => {
    let store: Store;
    let folder: string;
    beforeAll(async () => {
      store = await open();
      folder = await mkdtemp(join(tmpdir(), 'telepath-contract-'));
    });
    afterAll(async () => {
      await store.close();
      await rm(folder, { recursive: true });
    });
    reads(() => store);
    writes(() => store);
    large(
      () => store,
      () => folder,
    );
    keys(() => store);
    aborts(() => store);
  });
}

function reads(store: () => Store): void {
  describe('read, head, stream', () => {
    beforeAll(async () => {
      await store().put('r/hundred', hundred);
      await store().put('r/empty', Buffer.alloc(0));
    });

    it.each([
      [0, 100],
      [0, 1],
      [10, 20],
      [99, 1],
      [100, 0],
    ])('gives exactly the range %i + %i', async (offset, length) => {
      const expected = hundred.subarray(offset, offset + length);
      expect(await store().read('r/hundred', offset, length)).toEqual(expected);
      expect(await buffer(await store().stream('r/hundred', { offset, length }))).toEqual(expected);
    });

    it.each([
      [0, 101],
      [99, 2],
      [100, 1],
      [101, 0],
      [5000, 10],
      [0, 2 ** 50],
    ])('refuses the range %i + %i of 100 bytes as damaged', async (offset, length) => {
      await expect(store().read('r/hundred', offset, length)).rejects.toMatchObject({ kind: 'damaged' });
      await expect(store().stream('r/hundred', { offset, length })).rejects.toMatchObject({
        kind: 'damaged',
      });
    });

    it.each([
      [-1, 5],
      [0, -1],
      [0.5, 1],
      [0, Number.NaN],
      [2 ** 60, 1],
    ])('refuses %d + %d, which is no range, as invalid', async (offset, length) => {
      await expect(store().read('r/hundred', offset, length)).rejects.toMatchObject({ kind: 'invalid' });
    });

    it('streams a whole object and an empty one', async () => {
      expect(await buffer(await store().stream('r/hundred'))).toEqual(hundred);
      expect(await buffer(await store().stream('r/empty'))).toHaveLength(0);
      expect(await store().read('r/empty', 0, 0)).toHaveLength(0);
    });

    it('says not-found for what is absent, and head says undefined', async () => {
      expect(await store().head('r/absent')).toBeUndefined();
      await expect(store().read('r/absent', 0, 1)).rejects.toMatchObject({ kind: 'not-found' });
      await expect(store().read('r/absent', 0, 0)).rejects.toMatchObject({ kind: 'not-found' });
      await expect(store().stream('r/absent')).rejects.toMatchObject({ kind: 'not-found' });
    });

    it('gives one etag by put, head and list, and another after an overwrite of the same size', async () => {
      const first = await store().put('r/etag', Buffer.from('one'));
      expect(first.size).toBe(3);
      expect(await store().head('r/etag')).toEqual(first);
      expect(await listed(store(), 'r/etag')).toEqual([{ key: 'r/etag', ...first }]);
      const second = await store().put('r/etag', Buffer.from('two'));
      expect(second.etag).not.toBe(first.etag);
      expect(await store().head('r/etag')).toEqual(second);
    });
  });
}

function writes(store: () => Store): void {
  describe('put, delete, list', () => {
    it('lets exactly one of 20 concurrent puts with ifAbsent win, by bytes and by stream', async () => {
      for (const way of ['put', 'putStream'] as const) {
        const bodies = Array.from({ length: 20 }, (_, i) => Buffer.from(`writer ${i}`));
        const results = await Promise.allSettled(
          bodies.map((body) =>
            way === 'put'
              ? store().put(`w/once-${way}`, body, { ifAbsent: true })
              : store().putStream(`w/once-${way}`, Readable.from([body]), { ifAbsent: true }),
          ),
        );
        const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
        expect(winners).toHaveLength(1);
        const losers = results.filter((result) => result.status === 'rejected');
        for (const { reason } of losers) expect(reason).toMatchObject({ kind: 'conflict' });
        expect(await buffer(await store().stream(`w/once-${way}`))).toEqual(bodies[winners[0]!]);
      }
    });

    it('shows concurrent readers the old object or the new one, never a mixture', async () => {
      const versions = ['a', 'b'].map((letter) => Buffer.alloc(300_000, letter));
      await store().put('w/swap', versions[0]!);
      const writing = { isDone: false };
      const reader = async () => {
        let count = 0;
        while (!writing.isDone) {
          const bytes =
            count % 2 === 0
              ? await store().read('w/swap', 0, 300_000)
              : await buffer(await store().stream('w/swap'));
          expect(bytes.equals(versions[0]!) || bytes.equals(versions[1]!)).toBe(true);
          count += 1;
        }
        return count;
      };
      const readers = [reader(), reader(), reader()];
      for (let i = 1; i <= 30; i += 1) {
        await store().put('w/swap', versions[i % 2]!);
        expect((await store().read('w/swap', 0, 1))[0]).toBe(versions[i % 2]![0]);
      }
      writing.isDone = true;
      for (const count of await Promise.all(readers)) expect(count).toBeGreaterThan(0);
    });

    it('leaves nothing visible of a stream that breaks, and passes its error on', async () => {
      await expect(store().putStream('w/broken', breaking(3 * MiB))).rejects.toThrow('the scanner went away');
      expect(await store().head('w/broken')).toBeUndefined();
      await store().put('w/kept', hundred);
      await expect(store().putStream('w/kept', breaking(10))).rejects.toThrow('the scanner went away');
      expect(await store().read('w/kept', 0, 100)).toEqual(hundred);
    });

    it('deletes, and deletes what is absent without a word', async () => {
      await store().put('w/gone/deep', hundred);
      await store().read('w/gone/deep', 0, 10);
      await store().delete('w/gone/deep');
      expect(await store().head('w/gone/deep')).toBeUndefined();
      await expect(store().read('w/gone/deep', 0, 10)).rejects.toMatchObject({ kind: 'not-found' });
      await store().delete('w/gone/deep');
      await store().delete('w/never/was');
    });

    it('lists by prefix, in the order of the keys as bytes', async () => {
      const put = ['l/b', 'l/a/z', 'l/a-b', 'l/a0', 'l/a/b/c', 'l/B', 'la', 'l/a.tif'];
      await Promise.all(put.map((key) => store().put(key, Buffer.from(key))));
      const ordered = ['l/B', 'l/a-b', 'l/a.tif', 'l/a/b/c', 'l/a/z', 'l/a0', 'l/b'];
      expect(await keysOf(store(), 'l/')).toEqual(ordered);
      expect(await keysOf(store(), 'l/a')).toEqual(ordered.slice(1, 6));
      expect(await keysOf(store(), 'l/a/')).toEqual(['l/a/b/c', 'l/a/z']);
      expect(await keysOf(store(), 'l/a/z')).toEqual(['l/a/z']);
      expect(await keysOf(store(), 'none/')).toEqual([]);
      expect(await keysOf(store(), '')).toEqual((await keysOf(store(), '')).toSorted());
      expect(await listed(store(), 'l/a.')).toMatchObject([{ key: 'l/a.tif', size: 7 }]);
    });

    it('lists more than one page (1,100 objects)', async () => {
      const names = Array.from({ length: 1100 }, (_, i) => `many/${String(i).padStart(4, '0')}`);
      for (let i = 0; i < names.length; i += 50)
        await Promise.all(names.slice(i, i + 50).map((key) => store().put(key, hundred)));
      expect(await keysOf(store(), 'many/')).toEqual(names);
    });
  });
}

function large(store: () => Store, folder: () => string): void {
  describe('large objects', () => {
    const size = 70 * MiB;
    const digest = () => {
      const hash = createHash('sha256');
      for (const chunk of pseudoRandom(size)) hash.update(chunk);
      return hash.digest('hex');
    };

    it.each([[undefined], [size]])('keeps a stream of 70 MiB byte for byte (size told: %s)', async (told) => {
      const head = await store().putStream(
        'big/stream',
        Readable.from(pseudoRandom(size), { objectMode: false }),
        told === undefined ? {} : { size: told },
      );
      expect(head.size).toBe(size);
      expect(await store().head('big/stream')).toEqual(head);
      const hash = createHash('sha256');
      for await (const chunk of await store().stream('big/stream')) hash.update(chunk);
      expect(hash.digest('hex')).toBe(digest());
    });

    it('refuses a second large object with ifAbsent, and keeps the first', async () => {
      await store().put('big/first', hundred);
      const again = Readable.from(pseudoRandom(size), { objectMode: false });
      await expect(store().putStream('big/first', again, { ifAbsent: true, size })).rejects.toMatchObject({
        kind: 'conflict',
      });
      expect(await store().head('big/first')).toMatchObject({ size: 100 });
      expect(again.destroyed).toBe(true);
    });

    it('puts a file, which stays, or goes when it may be moved', async () => {
      const path = join(folder(), 'slide.tif');
      await writeFile(path, Readable.from(pseudoRandom(20 * MiB)));
      const bytes = await readFile(path);
      expect(await store().putFile('big/file', path)).toMatchObject({ size: 20 * MiB });
      expect((await stat(path)).size).toBe(20 * MiB);
      await expect(store().putFile('big/file', path, { ifAbsent: true, move: true })).rejects.toMatchObject({
        kind: 'conflict',
      });
      expect((await stat(path)).size).toBe(20 * MiB);
      await store().putFile('big/moved', path, { ifAbsent: true, move: true });
      await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
      for (const key of ['big/file', 'big/moved'])
        expect((await store().read(key, 0, bytes.length)).equals(bytes)).toBe(true);
      await expect(store().putFile('big/none', path)).rejects.toMatchObject({ kind: 'not-found' });
    });
  });
}

function keys(store: () => Store): void {
  describe('hostile keys', () => {
    it.each([
      '../x',
      '/x',
      'a//b',
      '',
      '.',
      '..',
      'a/../b',
      'a/./b',
      'a/',
      'a\0b',
      'a\\b',
      'ä',
      'a b',
      'a%2fb',
      'a\n',
      '.partial/x',
      'x'.repeat(256),
      'ab/'.repeat(200),
    ])('refuses %j as invalid in every call', async (key) => {
      const invalid = { kind: 'invalid' };
      await expect(store().head(key)).rejects.toMatchObject(invalid);
      await expect(store().read(key, 0, 1)).rejects.toMatchObject(invalid);
      await expect(store().stream(key)).rejects.toMatchObject(invalid);
      await expect(store().put(key, hundred)).rejects.toMatchObject(invalid);
      await expect(store().putStream(key, Readable.from([hundred]))).rejects.toMatchObject(invalid);
      await expect(store().putFile(key, import.meta.filename)).rejects.toMatchObject(invalid);
      await expect(store().delete(key)).rejects.toMatchObject(invalid);
    });

    it('takes the longest key, 512 characters', async () => {
      const key = `${'k'.repeat(255)}/${'k'.repeat(254)}/k`;
      await store().put(key, hundred);
      expect(await keysOf(store(), 'kkk')).toEqual([key]);
    });

    it.each(['../', '/', 'a//', './a', 'a\0'])('refuses the prefix %j', async (prefix) => {
      await expect(listed(store(), prefix)).rejects.toMatchObject({ kind: 'invalid' });
    });
  });
}

function aborts(store: () => Store): void {
  describe('an abort', () => {
    const reason = new Error('the viewer moved on');

    it('rejects with its reason before anything is done', async () => {
      const signal = AbortSignal.abort(reason);
      await store().put('ab/x', hundred);
      await expect(store().head('ab/x', signal)).rejects.toBe(reason);
      await expect(store().read('ab/x', 0, 1, signal)).rejects.toBe(reason);
      await expect(store().stream('ab/x', undefined, signal)).rejects.toBe(reason);
      await expect(store().put('ab/y', hundred, { signal })).rejects.toBe(reason);
      await expect(store().delete('ab/x', signal)).rejects.toBe(reason);
      await expect(listed(store(), 'ab/', signal)).rejects.toBe(reason);
      expect(await keysOf(store(), 'ab/')).toEqual(['ab/x']);
    });

    it('ends a put whose stream has stalled, and leaves nothing', async () => {
      const abort = new AbortController();
      const stalled = new Readable({ read: () => undefined });
      stalled.push(hundred);
      const put = store().putStream('ab/stalled', stalled, { signal: abort.signal });
      setTimeout(() => abort.abort(reason), 50);
      await expect(put).rejects.toBe(reason);
      expect(stalled.destroyed).toBe(true);
      expect(await store().head('ab/stalled')).toBeUndefined();
    });

    it('ends a stream that is being read', async () => {
      const abort = new AbortController();
      await store().put('ab/big', Buffer.alloc(5 * MiB));
      const stream = await store().stream('ab/big', undefined, abort.signal);
      const read = async () => {
        for await (const chunk of stream) if (chunk.length > 0) abort.abort(reason);
      };
      await expect(read()).rejects.toMatchObject({ name: 'AbortError' });
    });
  });
}
