import { describe, expect, it } from 'vitest';
import { memorySource, piecedSource } from '../test-source.ts';
import { blockCached } from '../../storage/block-cache.ts';
import { readImage } from './read-image.ts';
import { readTiff, type TiffFile } from './reader.ts';
import { asciiField, greyImage, type TestField, testDirectories, testHeader, testTiff } from './test-tiff.ts';
import { readLatin1, readRatio, type TiffContext } from './values.ts';

const little = { isBig: false, isLittleEndian: true };
const bigLittle = { isBig: true, isLittleEndian: true };

function contextOf(file: TiffFile, number = 0): TiffContext {
  const directory = file.directories[number];
  if (directory === undefined) throw new Error(`no IFD ${number}`);
  return { file, directory };
}

/** 32 × 24 px in tiles of 16 px: 2 × 2 tiles of 256 bytes, the third not stored. */
const body = Buffer.alloc(1024, 7);
const four = (at: number): [number, number][] => [
  [at, 256],
  [at + 256, 256],
  [0, 0],
  [at + 768, 256],
];

describe('readTiff', () => {
  it.each([
    ['classic, little-endian', little],
    ['classic, big-endian', { isBig: false, isLittleEndian: false }],
    ['BigTIFF, little-endian', bigLittle],
    ['BigTIFF, big-endian', { isBig: true, isLittleEndian: false }],
  ])('reads the same of %s', async (_, shape) => {
    const at = shape.isBig ? 16 : 8;
    const fields: TestField[] = [
      ...greyImage(32, 24, 16, four(at)),
      asciiField(270, 'some text'),
      [282, 5, 40_000, 3],
    ];
    const bytes = testTiff(shape, [fields, greyImage(16, 12, 16, [[at, 256]])], body);
    const file = await readTiff(memorySource('a.tif', bytes));
    expect(file.directories.map(({ where }) => where)).toEqual(['IFD 0', 'IFD 1']);
    const image = await readImage(contextOf(file));
    expect(image).toMatchObject({
      size: { width: 32, height: 24 },
      columns: 2,
      rows: 2,
      planes: 1,
      isTiled: true,
    });
    expect([...image.offsets]).toEqual([at, at + 256, 0, at + 768]);
    expect([...image.lengths]).toEqual([256, 256, 0, 256]);
    expect(await readLatin1(contextOf(file), 270, 100)).toBe('some text');
    expect(await readRatio(contextOf(file), 282)).toBeCloseTo(13_333.333, 2);
  });

  it('reads SubIFDs and does not follow their chains', async () => {
    const subs = testDirectories(little, 8, [greyImage(16, 12, 16, []), greyImage(8, 6, 16, [])]);
    const main: TestField[] = [...greyImage(32, 24, 16, []), [330, 4, ...subs.starts]];
    const first = 8 + subs.bytes.length;
    const bytes = Buffer.concat([
      testHeader(little, first),
      subs.bytes,
      testDirectories(little, first, [main]).bytes,
    ]);
    const file = await readTiff(memorySource('a.tif', bytes));
    expect(file.directories[0]?.subDirectories.map(({ where }) => where)).toEqual([
      'IFD 0 SubIFD 0',
      'IFD 0 SubIFD 1',
    ]);
  });

  it('costs eight reads for 159,375 tiles on two levels, tables and directories at the end of a 3 GB file', async () => {
    const tiles = 150_000;
    const length = 20_000;
    const tables = Array.from({ length: tiles }, (_, i): [number, number] => [16 + i * length, length]);
    const levels = [
      greyImage(500 * 256, 300 * 256, 256, tables),
      greyImage(125 * 256, 75 * 256, 256, tables.slice(0, 9375)),
    ];
    const first = 16 + tiles * length;
    const { bytes } = testDirectories(bigLittle, first, levels);
    const source = piecedSource('large.tif', first + bytes.length, [
      { at: 0, bytes: testHeader(bigLittle, first) },
      { at: first, bytes },
    ]);
    const file = await readTiff(blockCached(source));
    const [base, next] = [await readImage(contextOf(file)), await readImage(contextOf(file, 1))];
    expect([base.offsets.length, next.offsets.length]).toEqual([150_000, 9375]);
    expect(base.offsets[149_999]).toBe(16 + 149_999 * length);
    expect(source.reads.length).toBeLessThanOrEqual(8);
  });
});

describe('readTiff refuses', () => {
  const chain = (count: number): Buffer =>
    testTiff(
      little,
      Array.from({ length: count }, () => [[256, 3, 1]] satisfies TestField[]),
    );

  it('1,001 directories, and reads 1,000', async () => {
    await expect(readTiff(memorySource('a.tif', chain(1000)))).resolves.toBeDefined();
    await expect(readTiff(memorySource('a.tif', chain(1001)))).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringMatching(/^a\.tif: .*the limit is 1000/),
    });
  });

  it('directories that run in a circle, over SubIFDs too', async () => {
    const loop = chain(2);
    loop.writeUInt32LE(8, loop.length - 4);
    await expect(readTiff(memorySource('a.tif', loop))).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringContaining('IFD 2 points back to the directory at byte 8'),
    });
    const self = testTiff(little, [[[330, 4, 8]]]);
    await expect(readTiff(memorySource('a.tif', self))).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringContaining('IFD 0 SubIFD 0 points back'),
    });
  });

  it.each([
    ['a first directory beyond the end', testHeader(little, 9999), 'damaged'],
    [
      'a first directory inside the header',
      Buffer.concat([testHeader(little, 4), Buffer.alloc(100)]),
      'damaged',
    ],
    ['no first directory', Buffer.concat([testHeader(little, 0), Buffer.alloc(100)]), 'damaged'],
    ['65,535 entries', Buffer.concat([testHeader(little, 8), Buffer.alloc(100, 255)]), 'too-large'],
    ['2^64 entries', Buffer.concat([testHeader(bigLittle, 16), Buffer.alloc(100, 255)]), 'too-large'],
    ['a PNG', Buffer.from('\x89PNG\r\n\x1a\n0123456789', 'latin1'), 'unsupported'],
  ])('%s', async (_, bytes, kind) => {
    await expect(readTiff(memorySource('a.tif', bytes))).rejects.toMatchObject({
      name: 'ServiceError',
      kind,
    });
  });
});

describe('readImage refuses', () => {
  const fields = greyImage(32, 24, 16, four(8));
  const replaced = (...field: TestField): TestField[] => fields.map((f) => (f[0] === field[0] ? field : f));
  it.each<[string, TestField[], string, RegExp]>([
    ['no width', fields.filter(([code]) => code !== 256), 'damaged', /tag 256 \(ImageWidth\)/],
    ['2^31 px', replaced(256, 4, 2 ** 31), 'too-large', /the limit is 2147483647/],
    [
      '2^41 px in all',
      [[256, 4, 2 ** 21], ...replaced(257, 4, 2 ** 20).slice(1)],
      'too-large',
      /2097152×1048576/,
    ],
    ['tiles of 4 px', replaced(322, 3, 4), 'damaged', /tag 322 \(TileWidth\) is 4 px, tiles of 8 to 16384/],
    ['tiles of 20,000 px', replaced(323, 3, 20_000), 'damaged', /tag 323 \(TileLength\)/],
    [
      'three offsets for four tiles',
      replaced(324, 4, 8, 8, 8),
      'damaged',
      /tag 324 .* has 3 values, .* needs 4/,
    ],
    ['five offsets for four tiles', replaced(324, 4, 8, 8, 8, 8, 8), 'damaged', /has 5 values, .* needs 4/],
    [
      'no lengths',
      fields.filter(([code]) => code !== 325),
      'damaged',
      /tag 325 \(TileByteCounts\) is missing/,
    ],
    ['floating-point offsets', replaced(324, 11, 8, 8, 8, 8), 'damaged', /has type 11/],
    ['a tile in the header', replaced(324, 4, 4, 8, 8, 8), 'damaged', /tag 325 .*\[0\]: 256 bytes at 4/],
    [
      'a tile beyond the end',
      replaced(324, 4, 8, 8, 8, 99_999),
      'damaged',
      /\[3\]: 256 bytes at 99999 lie outside/,
    ],
    ['17 samples', replaced(277, 3, 17), 'damaged', /tag 277 .* is 17, 1 to 16/],
    ['65,535 bits', replaced(258, 3, 65_535), 'damaged', /tag 258 \(BitsPerSample\)/],
    ['no photometric interpretation', fields.filter(([code]) => code !== 262), 'damaged', /tag 262/],
    ['compression 99,999', replaced(259, 4, 99_999), 'damaged', /tag 259 \(Compression\)/],
  ])('%s', async (_, changed, kind, message) => {
    const file = await readTiff(memorySource('a.tif', testTiff(little, [changed], body)));
    await expect(readImage(contextOf(file))).rejects.toMatchObject({
      name: 'ServiceError',
      kind,
      message: expect.stringMatching(message),
    });
  });

  it('values beyond the end of the file, whatever count they claim', async () => {
    const bytes = testTiff(little, [fields], body);
    const at = bytes.indexOf(Buffer.from([0x44, 0x01, 16, 0]));
    bytes.writeUInt32LE(0xffffffff, at + 4);
    const file = await readTiff(memorySource('a.tif', bytes));
    await expect(readImage(contextOf(file))).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringMatching(/tag 324 \(TileOffsets\) holds 34359738360 bytes/),
    });
  });
});

/** A file of about 2 MB in which every tile of 65,000 bytes is the same. */
async function readShared(tiles: number): Promise<unknown> {
  const shared = Array.from({ length: tiles }, (): [number, number] => [8, 65_000]);
  const padded = Buffer.alloc(2_000_000);
  const bytes = testTiff(little, [greyImage(tiles * 256, 256, 256, shared, 7)], padded);
  return readImage(contextOf(await readTiff(memorySource('a.tif', bytes))));
}

describe('bytes shared by tiles', () => {
  it('are read where the tiles add up to four times the file, as with one blank tile used often', async () => {
    await expect(readShared(130)).resolves.toBeDefined();
  });

  it('are refused where they add up to more', async () => {
    await expect(readShared(145)).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringContaining('share'),
    });
  });

  it('and tiles far larger than their pixels are refused', async () => {
    const bytes = testTiff(little, [greyImage(16, 16, 16, [[8, 1_900_000]], 7)], Buffer.alloc(2_000_000));
    const file = await readTiff(memorySource('a.tif', bytes));
    await expect(readImage(contextOf(file))).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringContaining('is 1900000 bytes, over the limit of 1049600 for 16×16 px'),
    });
  });
});
