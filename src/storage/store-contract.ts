import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aborts, hostileKeys, large } from './store-contract-limits.ts';
import type { Store } from './store.ts';
import { breaking, keysOf, listed } from './test-bytes.ts';

const MiB = 1024 * 1024;
const hundred = Buffer.from(Array.from({ length: 100 }, (_, i) => i));

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
    hostileKeys(() => store);
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
