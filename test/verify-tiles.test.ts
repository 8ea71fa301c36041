import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSample } from '../samples/make-sample.ts';
import { ServiceError } from '../src/core/errors.ts';
import { parseSlide } from '../src/formats/registry.ts';
import { startDecoderPool } from '../src/ingest/decoder-pool.ts';
import { verifyTiles } from '../src/ingest/verify.ts';
import { buildIndex } from '../src/pyramid/build-index.ts';
import type { ByteSource } from '../src/storage/byte-source.ts';
import { openFileSource } from '../src/storage/sources.ts';
import { slidePath } from './shared-slides.ts';

const svs = slidePath('svs/CMU-1-Small-Region.svs');

describe('verifyTiles', () => {
  it('reads 16,384 × 12,288 px with about one read per 4 MiB, two batches in memory at most', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'telepath-verify-'));
    const path = join(folder, 'sample.svs');
    await makeSample({ width: 16_384, height: 12_288, out: path, layout: 'svs', seed: 5 });
    const pool = await startDecoderPool({ threads: 1 });
    try {
      await using source = await openFileSource(path);
      const sizes: number[] = [];
      const counted: ByteSource = {
        name: source.name,
        size: source.size,
        read: async (offset, length, signal) => {
          sizes.push(length);
          return await source.read(offset, length, signal);
        },
      };
      const index = buildIndex(await parseSlide(source), [{ name: 'original/0', size: source.size }]);
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      const { report } = await verifyTiles({
        index,
        objects: [counted],
        pool,
        onProgress: () => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)),
      });
      expect(report.checked).toBeGreaterThanOrEqual(3072);
      expect(report.damaged).toEqual([]);
      expect(sizes.length).toBeLessThanOrEqual(source.size / 2 ** 20);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 2 ** 20);
      // Two batches, and what the garbage collector has not come to yet.
      expect(most).toBeLessThan(64 * 2 ** 20);
    } finally {
      await pool.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('ends, with every tile unreadable, where the decoder never survives', async () => {
    const pool = await startDecoderPool({ threads: 1, taskTimeoutMs: 1 });
    try {
      await using source = await openFileSource(svs);
      const index = buildIndex(await parseSlide(source), [{ name: 'original/0', size: source.size }]);
      const { report } = await verifyTiles({ index, objects: [source], pool });
      expect(report).toMatchObject({ checked: 130, damagedTotal: 130 });
      expect(new Set(report.damaged.map(({ reason }) => reason))).toEqual(new Set(['unreadable']));
    } finally {
      await pool.close();
    }
  });

  it('stops when it is told to', async () => {
    const pool = await startDecoderPool({ threads: 1 });
    try {
      await using source = await openFileSource(svs);
      const index = buildIndex(await parseSlide(source), [{ name: 'original/0', size: source.size }]);
      const signal = AbortSignal.abort(new ServiceError('unavailable', 'the service is stopping'));
      await expect(verifyTiles({ index, objects: [source], pool, signal })).rejects.toThrow(/stopping/);
    } finally {
      await pool.close();
    }
  });
});
