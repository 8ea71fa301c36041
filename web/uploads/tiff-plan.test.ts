import { openAsBlob } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greyImage, testTiff } from '../../src/formats/tiff/test-tiff.ts';
import { parseSlide } from '../../src/formats/registry.ts';
import type { ByteSource } from '../../src/storage/byte-source.ts';
import { sharedSample } from '../../test/shared-sample.ts';
import { slidePath, slidesIn } from '../../test/shared-slides.ts';
import { merged, totalLength, type Span } from './spans.ts';
import { mostSpans, planSpans } from './tiff-plan.ts';

/** Fails unless the spans cover the file exactly once. */
function expectPartition(spans: readonly Span[], size: number): void {
  expect(merged(spans)).toEqual([{ start: 0, length: size }]);
  expect(totalLength(spans)).toBe(size);
  expect(spans.length).toBeLessThanOrEqual(mostSpans);
}

/** A file that counts what is read of it. */
class CountingBlob extends Blob {
  bytesRead = 0;

  override slice(start = 0, end = this.size, type?: string): Blob {
    this.bytesRead += end - start;
    return super.slice(start, end, type);
  }
}

describe('planSpans', () => {
  it.each([
    [false, true],
    [false, false],
    [true, true],
    [true, false],
  ])(
    'sends the coarse level before the fine one; BigTIFF %s, little-endian %s',
    async (isBig, isLittleEndian) => {
      const body = Buffer.alloc(40 * 2 ** 20);
      const fine: [number, number][] = Array.from({ length: 16 }, (_, i) => [100 + i * 2 ** 21, 2 ** 21]);
      const coarse: [number, number][] = [[36 * 2 ** 20, 2 ** 20]];
      const shape = { isBig, isLittleEndian };
      const file = new Blob([
        Uint8Array.from(
          testTiff(shape, [greyImage(1024, 1024, 256, fine), greyImage(256, 256, 256, coarse)], body),
        ),
      ]);
      const spans = await planSpans(file);
      expectPartition(spans, file.size);
      const [header, head, directories, level] = spans;
      expect(header).toEqual({ start: 0, length: 65_536 });
      expect(head?.start).toBe(36 * 2 ** 20);
      expect(directories?.start).toBeLessThanOrEqual(body.length + (isBig ? 16 : 8));
      expect(directories && directories.start + directories.length).toBe(file.size);
      // The coarse tile, but for its head, which came before.
      expect(level && level.start + level.length).toBe(37 * 2 ** 20);
    },
  );

  it('sends what is no TIFF as it is', async () => {
    const file = new Blob([Buffer.alloc(1000, 'no slide')]);
    expect(await planSpans(file)).toEqual([{ start: 0, length: 1000 }]);
    expect(await planSpans(new Blob(['II']))).toEqual([{ start: 0, length: 2 }]);
  });

  it('covers every shared slide exactly once', async () => {
    const files = await slidesIn('svs', 'tiff', 'ometiff', 'ndpi', 'derived', 'hostile', 'image');
    for (const path of files) {
      const file = await openAsBlob(slidePath(path));
      if (file.size > 0) expectPartition(await planSpans(file), file.size);
    }
    expect(files.length).toBeGreaterThan(50);
  });

  it('covers files whose structure was made up exactly once', async () => {
    const value = fc.oneof(fc.nat(300), fc.nat(5_000_000), fc.constant(0xffff_ffff));
    const field = fc.tuple(
      fc.constantFrom(256, 257, 273, 279, 324, 325, 330, 270),
      fc.constantFrom(2, 3, 4, 7, 13, 16),
      fc.array(value, { minLength: 1, maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(field, { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (made, isBig) => {
          const directories = made.map((fields) =>
            fields.map(([code, type, values]) => {
              const most = type === 3 ? 0xffff : type === 2 || type === 7 ? 0xff : Infinity;
              return [code, type, ...values.map((v) => Math.min(v, most))] as const;
            }),
          );
          const bytes = testTiff({ isBig, isLittleEndian: true }, directories, Buffer.alloc(400_000));
          expectPartition(await planSpans(new Blob([Uint8Array.from(bytes)])), bytes.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('plans a slide of 46,000 × 33,000 px from less than 1 MB of it', async () => {
    const [width, height, tile] = [46_000, 33_000, 240];
    const grid = (scale: number) => Math.ceil(width / scale / tile) * Math.ceil(height / scale / tile);
    let at = 0;
    const images = [1, 4, 16, 32].map((scale) => {
      const tiles = Array.from(
        { length: grid(scale) },
        () => [(at += 1800) - 1784, 1800] as [number, number],
      );
      return greyImage(Math.floor(width / scale), Math.floor(height / scale), tile, tiles, 7);
    });
    const bytes = testTiff({ isBig: true, isLittleEndian: true }, images, Buffer.alloc(at));
    const file = new CountingBlob([Uint8Array.from(bytes)]);
    expectPartition(await planSpans(file), file.size);
    expect(file.bytesRead).toBeLessThan(1e6);
  });
});

/** A file of which some bytes have arrived: reading others fails. */
function partOf(whole: Buffer, arrived: readonly Span[]): ByteSource {
  const known = merged(arrived);
  return {
    name: 'part.svs',
    size: whole.length,
    read: async (offset: number, length: number) => {
      const isHere = known.some((s) => s.start <= offset && offset + length <= s.start + s.length);
      if (!isHere) throw new Error(`bytes ${offset}–${offset + length} have not arrived`);
      return whole.subarray(offset, offset + length);
    },
  };
}

describe('a slide sent in the planned order', () => {
  it('can be opened by the service when its first spans have arrived', async () => {
    const file = await openAsBlob(await sharedSample('svs'));
    const whole = Buffer.from(await file.arrayBuffer());
    const spans = await planSpans(file);
    expectPartition(spans, whole.length);
    let opened = 0;
    for (let count = 1; count <= spans.length && opened === 0; count++) {
      const slide = await parseSlide(partOf(whole, spans.slice(0, count))).catch(() => undefined);
      if (slide !== undefined) opened = totalLength(spans.slice(0, count));
    }
    expect(opened).toBeGreaterThan(0);
    expect(opened / whole.length).toBeLessThan(0.2);
  });
});
