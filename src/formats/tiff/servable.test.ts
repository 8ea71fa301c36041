import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../test-source.ts';
import type { TiffImage } from './image.ts';
import { jpegPrefixOf } from './jpeg.ts';
import { readImage } from './read-image.ts';
import { readTiff } from './reader.ts';
import { servable } from './servable.ts';
import { type TestField, testTiff } from './test-tiff.ts';

const little = { isBig: false, isLittleEndian: true };
const picture = { create: { width: 64, height: 64, channels: 3, background: '#a37' } } as const;
/** As tiles of a TIFF mostly are: components 1, 2, 3, no application markers. */
const plain = await sharp(picture).jpeg().toBuffer();
const grey = await sharp(picture).toColourspace('b-w').jpeg().toBuffer();
const jfif = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex');
const ycbcr = Buffer.concat([jfif, plain.subarray(2)]);

/** The same stream with other bytes in its frame header, `at` counted from the marker's FF. */
function changed(jpeg: Buffer, at: number, value: number): Buffer {
  const out = Buffer.from(jpeg);
  out[out.indexOf(Buffer.from([0xff, 0xc0])) + at] = value;
  return out;
}

/** One tile of 64 × 64 px in a TIFF whose tags may be overruled. */
async function judged(tile: Buffer, ...overrule: TestField[]): ReturnType<typeof servable> {
  const fields: TestField[] = [
    ...overrule,
    [256, 4, 64],
    [257, 4, 64],
    [258, 3, 8, 8, 8],
    [259, 3, 7],
    [262, 3, 6],
    [277, 3, 3],
    [322, 3, 64],
    [323, 3, 64],
    [324, 4, 8],
    [325, 4, tile.length],
  ];
  const source = memorySource('a.tif', testTiff(little, [fields], tile));
  const file = await readTiff(source);
  const image: TiffImage = await readImage({ file, directory: file.directories[0]! });
  return servable(source, image);
}

const rgb: TestField = [262, 3, 2];
const adobe = (transform: 0 | 1): Buffer =>
  Buffer.concat([jpegPrefixOf(undefined, transform), plain.subarray(2)]);

describe('servable', () => {
  it.each<[string, Buffer, TestField[], Buffer]>([
    ['YCbCr with JFIF: nothing to add', ycbcr, [], jpegPrefixOf(undefined)],
    ['YCbCr of components 1, 2, 3: nothing to add', plain, [], jpegPrefixOf(undefined)],
    [
      'YCbCr of other components: Adobe transform 1',
      changed(plain, 10, 0x52),
      [],
      jpegPrefixOf(undefined, 1),
    ],
    ['RGB: Adobe transform 0', plain, [rgb], jpegPrefixOf(undefined, 0)],
    ['RGB that says so itself: no second marker', adobe(0), [rgb], jpegPrefixOf(undefined)],
    ['YCbCr that says so itself', adobe(1), [], jpegPrefixOf(undefined)],
    [
      'grey',
      grey,
      [
        [262, 3, 1],
        [277, 3, 1],
        [258, 3, 8],
      ],
      jpegPrefixOf(undefined),
    ],
  ])('serves %s', async (_, tile, fields, jpegPrefix) => {
    expect(await judged(tile, ...fields)).toEqual({ jpegPrefix });
  });

  it.each<[string, Buffer, TestField[], RegExp]>([
    ['RGB with JFIF', ycbcr, [rgb], /JFIF markers, which say YCbCr/],
    ['RGB whose Adobe marker says YCbCr', adobe(1), [rgb], /Adobe marker says transform 1/],
    ['YCbCr whose Adobe marker says RGB', adobe(0), [], /Adobe marker says transform 0/],
    ['deflate', plain, [[259, 3, 8]], /compression 8 \(deflate\)/],
    [
      'CMYK',
      plain,
      [
        [262, 3, 5],
        [277, 3, 4],
        [258, 3, 8],
      ],
      /CMYK/,
    ],
    ['12 bits', changed(plain, 4, 12), [], /JPEG of 12 bits/],
    ['lossless JPEG', changed(plain, 1, 0xc3), [], /lossless/],
    ['arithmetic coding', changed(plain, 1, 0xc9), [], /SOF9/],
    ['grey tiles in an RGB image', grey, [], /1 components for 3 samples/],
    ['tiles of another width', changed(plain, 8, 48), [], /damaged: a tile of 48×64 px where 64×64 belong/],
    ['components of the same id', changed(plain, 13, 1), [], /same id/],
    ['sampling factors of 0', changed(plain, 11, 0x02), [], /sampling factors/],
    [
      'separate planes',
      plain,
      [
        [284, 3, 2],
        [324, 4, 8, 8, 8],
        [325, 4, 99, 99, 99],
      ],
      /separate planes/,
    ],
    ['bytes that are no JPEG', Buffer.alloc(500, 1), [], /damaged tiles/],
    ['a tile cut before its frame header', plain.subarray(0, 20), [], /damaged tiles/],
  ])('converts %s', async (_, tile, fields, reason) => {
    expect(await judged(tile, ...fields)).toEqual({ notServable: expect.stringMatching(reason) });
  });

  it('takes tables from JPEGTables, and refuses tiles without any', async () => {
    const scan = plain.indexOf(Buffer.from([0xff, 0xc0]));
    const abbreviated = Buffer.concat([Buffer.from([0xff, 0xd8]), plain.subarray(scan)]);
    const dht = abbreviated.indexOf(Buffer.from([0xff, 0xc4]));
    const sos = abbreviated.indexOf(Buffer.from([0xff, 0xda]));
    const tile = Buffer.concat([abbreviated.subarray(0, dht), abbreviated.subarray(sos)]);
    const tables = Buffer.concat([
      plain.subarray(0, scan),
      abbreviated.subarray(dht, sos),
      Buffer.from([0xff, 0xd9]),
    ]);
    expect(await judged(tile)).toEqual({ notServable: expect.stringMatching(/without decoding tables/) });
    const found = await judged(tile, [347, 7, ...tables]);
    expect(found).toEqual({ jpegPrefix: tables.subarray(0, -2) });
  });
});
