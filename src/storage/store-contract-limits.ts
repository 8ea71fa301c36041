import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Store } from './store.ts';
import { keysOf, listed, pseudoRandom } from './test-bytes.ts';

const MiB = 1024 * 1024;
const hundred = Buffer.from(Array.from({ length: 100 }, (_, i) => i));

/** Objects that need more than one request. */
export function large(store: () => Store, folder: () => string): void {
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

/** Keys that attack. */
export function hostileKeys(store: () => Store): void {
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

/** Calls that are given up. */
export function aborts(store: () => Store): void {
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
