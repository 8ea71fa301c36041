import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseSlide } from './registry.ts';
import { memorySource, piecedSource } from './test-source.ts';

const canvas = { create: { width: 60, height: 40, channels: 3, background: '#386' } } as const;

/** A PNG header with a right checksum, in a file of `bytes`. */
function png(
  width: number,
  height: number,
  bytes: number,
  [depth, colour, interlace] = [8, 2, 0],
): ReturnType<typeof piecedSource> {
  const head = Buffer.alloc(33);
  head.write('\x89PNG\r\n\x1a\n', 0, 'latin1');
  head.writeUInt32BE(13, 8);
  head.write('IHDR', 12, 'latin1');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  head.set([depth ?? 8, colour ?? 2, 0, 0, interlace ?? 0], 24);
  head.writeUInt32BE(crc32(head.subarray(12, 29)), 29);
  return piecedSource('a.png', bytes, [{ at: 0, bytes: head }]);
}

/** A JPEG frame header alone, in a file of `bytes`. */
function jpeg(
  width: number,
  height: number,
  bytes: number,
  [frame, precision, components] = [0xc0, 8, 3],
): ReturnType<typeof piecedSource> {
  const count = components ?? 3;
  const head = Buffer.alloc(12 + count * 3);
  head.set([0xff, 0xd8, 0xff, frame ?? 0xc0, 0, 8 + count * 3, precision ?? 8]);
  head.writeUInt16BE(height, 7);
  head.writeUInt16BE(width, 9);
  head[11] = count;
  for (let i = 0; i < count; i++) head.set([i + 1, 0x11, 0], 12 + i * 3);
  return piecedSource('a.jpg', bytes, [{ at: 0, bytes: head }]);
}

describe('a PNG', () => {
  it('gives its size from 33 bytes', async () => {
    const source = memorySource('a.png', await sharp(canvas).png().toBuffer());
    const slide = await parseSlide(source);
    expect(slide).toMatchObject({ picture: { kind: 'png', size: { width: 60, height: 40 } }, levels: [] });
  });

  it.each([
    ['65,574 × 65,574 px', png(65_574, 65_574, 20_000_000), undefined],
    ['over 4.3 Gpx', png(65_575, 65_575, 20_000_000), 'too-large'],
    ['2^31 px wide', png(2 ** 31, 2 ** 31, 10_000_000), 'too-large'],
    ['0 px', png(0, 10, 1000), 'damaged'],
    ['its header only', png(10, 10, 33), 'damaged'],
    ['more pixels than its bytes can hold', png(60_000, 60_000, 1_000_000), 'damaged'],
    ['colour type 5', png(10, 10, 1000, [8, 5, 0]), 'damaged'],
    ['RGB of 4 bits', png(10, 10, 1000, [4, 2, 0]), 'damaged'],
    ['134 Mpx interlaced', png(11_585, 11_585, 2_000_000, [8, 2, 1]), undefined],
    ['more, interlaced', png(11_586, 11_586, 2_000_000, [8, 2, 1]), 'too-large'],
  ])('of %s: %#', async (_, source, kind) => {
    const parsed = parseSlide(source);
    if (kind === undefined) await expect(parsed).resolves.toMatchObject({ picture: { kind: 'png' } });
    else
      await expect(parsed).rejects.toMatchObject({ kind, message: expect.stringMatching(/^a\.png: .*; /) });
  });

  it('whose header fails its checksum is damaged', async () => {
    const bytes = await sharp(canvas).png().toBuffer();
    bytes[19] = 61;
    await expect(parseSlide(memorySource('a.png', bytes))).rejects.toMatchObject({ kind: 'damaged' });
  });
});

describe('a JPEG', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('of EXIF orientation %d', async (orientation) => {
    const bytes = await sharp(canvas).withMetadata({ orientation }).jpeg().toBuffer();
    const slide = await parseSlide(memorySource('a.jpg', bytes));
    expect(slide.picture).toEqual({ kind: 'jpeg', size: { width: 60, height: 40 } });
    const upright = await sharp(bytes).autoOrient().toBuffer({ resolveWithObject: true });
    expect(slide.properties.size).toEqual({ width: upright.info.width, height: upright.info.height });
  });

  it('with a profile of 300 kB in front is read in a few reads', async () => {
    const plain = await sharp(canvas).jpeg().toBuffer();
    const app2 = Buffer.alloc(65_537, 1);
    app2.set([0xff, 0xe2, 0xff, 0xff]);
    const source = memorySource(
      'a.jpg',
      Buffer.concat([plain.subarray(0, 2), app2, app2, app2, app2, app2, plain.subarray(2)]),
    );
    expect((await parseSlide(source)).picture?.size).toEqual({ width: 60, height: 40 });
    expect(source.reads.length).toBeLessThanOrEqual(10);
  });

  it.each([
    ['65,500 × 65,500 px', jpeg(65_500, 65_500, 17_000_000), undefined],
    ['65,500 × 65,500 px in 883 bytes', jpeg(65_500, 65_500, 883), 'damaged'],
    ['0 px high', jpeg(100, 0, 1000), 'damaged'],
    ['12 bits', jpeg(100, 100, 1000, [0xc1, 12, 3]), 'unsupported'],
    ['lossless', jpeg(100, 100, 1000, [0xc3, 8, 3]), 'unsupported'],
    ['two components', jpeg(100, 100, 1000, [0xc0, 8, 2]), 'unsupported'],
    ['134 Mpx, progressive', jpeg(11_585, 11_585, 300_000, [0xc2, 8, 3]), undefined],
    ['more, progressive', jpeg(11_586, 11_586, 300_000, [0xc2, 8, 3]), 'too-large'],
  ])('of %s: %#', async (_, source, kind) => {
    const parsed = parseSlide(source);
    if (kind === undefined) await expect(parsed).resolves.toMatchObject({ picture: { kind: 'jpeg' } });
    else await expect(parsed).rejects.toMatchObject({ kind, message: expect.stringMatching(/^a\.jpg: /) });
  });
});
