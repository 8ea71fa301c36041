import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tiff } from '@cogeotiff/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slidePath } from '../../test/shared-slides.ts';
import { blockCached } from './block-cache.ts';
import type { ByteSource } from './byte-source.ts';
import { openFolderStore } from './folder-store.ts';
import { objectSource, openFileSource, openSource } from './sources.ts';
import { pseudoRandom } from './test-bytes.ts';

const bytes = Buffer.concat([...pseudoRandom(1_000_003)]);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-sources-'));
  await writeFile(join(folder, 'slide.bin'), bytes);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('openSource', () => {
  it.each(['file', 'object'] as const)(
    'reads a %s by ranges, and refuses what lies beyond its end',
    async (kind) => {
      const path = join(folder, 'slide.bin');
      const store = await openFolderStore(folder);
      await store.put('slides/k', bytes);
      await store.close();
      await using source = await openSource(
        kind === 'file'
          ? { kind, path, name: 'label.svs' }
          : { kind, store: { kind: 'folder', root: folder }, key: 'slides/k', name: 'label.svs' },
      );
      expect(source).toMatchObject({ name: 'label.svs', size: 1_000_003 });
      expect((await source.read(1_000_000, 3)).equals(bytes.subarray(1_000_000))).toBe(true);
      expect(await source.read(1_000_003, 0)).toHaveLength(0);
      const damaged = { kind: 'damaged', message: expect.stringContaining('label.svs') };
      await expect(source.read(1_000_000, 4)).rejects.toMatchObject(damaged);
      await expect(source.read(0, 2 ** 50)).rejects.toMatchObject(damaged);
      await expect(source.read(-1, 4)).rejects.toMatchObject({ kind: 'invalid' });
      const reason = new Error('enough');
      await expect(source.read(0, 4, AbortSignal.abort(reason))).rejects.toBe(reason);
    },
  );

  it('says not-found for an absent file or object, and invalid for a folder', async () => {
    await expect(openFileSource(join(folder, 'none.svs'))).rejects.toMatchObject({
      kind: 'not-found',
      message: 'none.svs: no such file',
    });
    await expect(openFileSource(folder)).rejects.toMatchObject({ kind: 'invalid' });
    const store = await openFolderStore(folder);
    await expect(objectSource(store, 'slides/none')).rejects.toMatchObject({ kind: 'not-found' });
    await store.close();
  });

  it('says damaged when the file becomes shorter while it is open', async () => {
    await using source = await openFileSource(join(folder, 'slide.bin'));
    await truncate(join(folder, 'slide.bin'), 10);
    await expect(source.read(5, 10)).rejects.toMatchObject({ kind: 'damaged' });
  });
});

/** A source of the test bytes that notes its reads, and fails the first `failures` of them. */
function noted(failures = 0): { readonly source: ByteSource; readonly reads: [number, number][] } {
  const reads: [number, number][] = [];
  const source: ByteSource = {
    name: 'noted',
    size: bytes.length,
    read: async (offset, length) => {
      reads.push([offset, length]);
      if (reads.length <= failures) throw new Error('a reset');
      return bytes.subarray(offset, offset + length);
    },
  };
  return { source, reads };
}

describe('blockCached', () => {
  it('reads a block once for many small reads in it', async () => {
    const { source, reads } = noted();
    const cached = blockCached(source, { blockBytes: 1000 });
    for (let at = 2000; at < 2990; at += 10)
      expect((await cached.read(at, 10)).equals(bytes.subarray(at, at + 10))).toBe(true);
    expect(reads).toEqual([[2000, 1000]]);
  });

  it('reads neighbouring blocks at once, only those that are missing, and not beyond the end', async () => {
    const { source, reads } = noted();
    const cached = blockCached(source, { blockBytes: 1000 });
    await cached.read(3500, 100);
    expect((await cached.read(1500, 4000)).equals(bytes.subarray(1500, 5500))).toBe(true);
    expect((await cached.read(999_500, 503)).equals(bytes.subarray(999_500, 1_000_003))).toBe(true);
    expect(reads).toEqual([
      [3000, 1000],
      [1000, 2000],
      [4000, 2000],
      [999_000, 1003],
    ]);
  });

  it.each(['svs/CMU-1-Small-Region.svs'])(
    'takes a handful of reads for the structure of %s',
    async (name) => {
      await using file = await openFileSource(slidePath(name));
      let count = 0;
      const counted: ByteSource = {
        name,
        size: file.size,
        read: (...range) => {
          count += 1;
          return file.read(...range);
        },
      };
      const cached = blockCached(counted);
      let asked = 0;
      const fetch = async (offset: number, length = 1024) => {
        asked += 1;
        const start = offset < 0 ? file.size + offset : offset;
        const got = await cached.read(start, Math.min(length, file.size - start));
        return new Uint8Array(got).buffer;
      };
      // An independent reader of the whole structure, offsets of all tiles included.
      const tiff = new Tiff({ url: new URL('file:///slide'), fetch });
      tiff.defaultReadSize = 1024;
      await tiff.init();
      for (const image of tiff.images) for (const tag of image.tags.keys()) await image.fetch(tag);
      expect(tiff.images.length).toBeGreaterThan(2);
      expect(asked).toBeGreaterThan(count);
      expect(count).toBeLessThanOrEqual(8);
    },
  );

  it('reads once for 50 callers who ask at the same time', async () => {
    const { source, reads } = noted();
    const cached = blockCached(source, { blockBytes: 1000 });
    await Promise.all(Array.from({ length: 50 }, (_, i) => cached.read(i * 20, 20)));
    expect(reads).toEqual([[0, 1000]]);
  });

  it('forgets a failure', async () => {
    const { source, reads } = noted(1);
    const cached = blockCached(source, { blockBytes: 1000 });
    const failed = await Promise.allSettled([cached.read(0, 2500), cached.read(10, 10)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await cached.read(10, 10)).equals(bytes.subarray(10, 20))).toBe(true);
    expect(reads).toEqual([
      [0, 3000],
      [0, 1000],
    ]);
  });

  it('keeps at most maxBlocks, those used last, and passes a large read by', async () => {
    const { source, reads } = noted();
    const cached = blockCached(source, { blockBytes: 1000, maxBlocks: 4 });
    for (const block of [0, 2, 4, 6, 0, 8]) await cached.read(block * 1000, 10);
    reads.length = 0;
    for (const block of [0, 4, 6, 8]) await cached.read(block * 1000, 10);
    expect(reads).toEqual([]);
    await cached.read(2000, 10);
    expect((await cached.read(100, 2001)).equals(bytes.subarray(100, 2101))).toBe(true);
    expect(reads).toEqual([
      [2000, 1000],
      [100, 2001],
    ]);
  });

  it('ends the waiting of the caller who aborts, and of nobody else', async () => {
    const gate = Promise.withResolvers<void>();
    const { source } = noted();
    const slow: ByteSource = {
      ...source,
      read: async (offset, length) => {
        await gate.promise;
        return source.read(offset, length);
      },
    };
    const cached = blockCached(slow);
    const abort = new AbortController();
    const reason = new Error('enough');
    const [impatient, patient] = [cached.read(0, 10, abort.signal), cached.read(5, 10)];
    abort.abort(reason);
    await expect(impatient).rejects.toBe(reason);
    gate.resolve();
    expect((await patient).equals(bytes.subarray(5, 15))).toBe(true);
  });

  it('refuses what lies beyond the end without reading', async () => {
    const { source, reads } = noted();
    await expect(blockCached(source).read(1_000_000, 4)).rejects.toMatchObject({ kind: 'damaged' });
    expect(reads).toEqual([]);
  });
});
