import { describe, expect, it } from 'vitest';
import { parseSlide } from './registry.ts';
import { memorySource } from './test-source.ts';
import { greyImage, type TestField, testTiff } from './tiff/test-tiff.ts';

/** One strip of 8 × 8 px; the tags given overrule those of an 8-bit grey image. */
function strip(isLittleEndian: boolean, ...overrule: TestField[]): Buffer {
  const fields: TestField[] = [
    ...overrule,
    [256, 4, 8],
    [257, 4, 8],
    [258, 3, 8],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [279, 4, 64],
  ];
  return testTiff({ isBig: false, isLittleEndian }, [fields], Buffer.alloc(1024));
}

describe('pixels that make no picture', () => {
  it.each<[string, boolean, TestField[]]>([
    ['JPEG XL', true, [[259, 3, 50_002]]],
    ['compression 12345', true, [[259, 3, 12_345]]],
    ['old-style JPEG', true, [[259, 3, 6]]],
    ['a camera mosaic', true, [[262, 3, 32_803]]],
    ['a mask', true, [[262, 3, 4]]],
    ['RGB of one sample', true, [[262, 3, 2]]],
    ['five samples', true, [[277, 3, 5]]],
    ['signed samples', true, [[339, 3, 2]]],
    [
      'floating-point samples',
      true,
      [
        [339, 3, 3],
        [258, 3, 32],
      ],
    ],
    ['32 bits', true, [[258, 3, 32]]],
    [
      'samples of different bits',
      true,
      [
        [262, 3, 2],
        [277, 3, 3],
        [258, 3, 5, 6, 5],
      ],
    ],
    ['LZMA', true, [[259, 3, 34_925]]],
  ])('are refused: %s', async (_, isLittleEndian, fields) => {
    await expect(parseSlide(memorySource('a.tif', strip(isLittleEndian, ...fields)))).rejects.toMatchObject({
      name: 'ServiceError',
      kind: 'unsupported',
      message: expect.stringMatching(/^a\.tif: .+ in level 0 cannot be read; convert it/),
    });
  });

  it.each<[string, boolean, TestField[]]>([
    ['grey', true, []],
    ['grey, big-endian', false, []],
    ['16 bits', true, [[258, 3, 16]]],
    ['16 bits, big-endian', false, [[258, 3, 16]]],
    [
      'grey with transparency',
      true,
      [
        [277, 3, 2],
        [258, 3, 8, 8],
        [338, 3, 1],
      ],
    ],
    ['WebP', true, [[259, 3, 50_001]]],
  ])('others are to be converted: %s', async (_, isLittleEndian, fields) => {
    const slide = await parseSlide(memorySource('a.tif', strip(isLittleEndian, ...fields)));
    expect(slide.levels[0]).toMatchObject({ downsample: 1, notServable: expect.any(String) });
  });
});

const page = (width: number, ...more: TestField[]): TestField[] => [
  ...more,
  [256, 4, width],
  [257, 4, width],
  [258, 3, 8],
  [262, 3, 1],
  [273, 4, 8],
  [279, 4, 64],
];

/** A level of 16-px tiles without tables. */
const reducedLevel = (width: number): TestField[] => [
  [254, 4, 1],
  [256, 4, width],
  [257, 4, width],
  [258, 3, 8],
  [262, 3, 1],
  [322, 3, 16],
  [323, 3, 16],
];

describe('a pyramid that would fill the memory', () => {
  it('is refused: 33 levels', async () => {
    const pages = Array.from({ length: 33 }, (_, i) => page(4096 - i, [254, 4, 1]));
    const bytes = testTiff({ isBig: false, isLittleEndian: true }, pages, Buffer.alloc(1024));
    await expect(parseSlide(memorySource('a.tif', bytes))).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringContaining('33 levels, the limit is 32'),
    });
  });

  it('is refused: 12 million tiles on three levels, before a table is read', async () => {
    const pages = [reducedLevel(32_768), reducedLevel(32_752), reducedLevel(32_736)];
    const bytes = testTiff({ isBig: false, isLittleEndian: true }, pages);
    await expect(parseSlide(memorySource('a.tif', bytes))).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringContaining('tiles on all levels, the limit is 8388608'),
    });
  });
});

describe('pages and masks', () => {
  it.each<[string, TestField[][], number[]]>([
    ['a stripped thumbnail beside tiles', [greyImage(64, 64, 64, [[8, 64]]), page(32, [254, 4, 1])], [64]],
    ['a document: its first page', [page(64), page(32), page(64)], [64]],
    ['reduced pages', [page(64), page(32, [254, 4, 1]), page(16, [254, 4, 1])], [64, 32, 16]],
    [
      'reduced pages in another order',
      [page(64), page(16, [254, 4, 1]), page(32, [254, 4, 1])],
      [64, 32, 16],
    ],
    [
      'masks as GDAL writes them',
      [page(64), page(64, [254, 4, 4], [262, 3, 4]), page(32, [254, 4, 5])],
      [64],
    ],
    ['the same size twice', [page(64), page(32, [254, 4, 1]), page(32, [254, 4, 1])], [64, 32]],
    ['a thumbnail in front that says so', [page(32, [254, 4, 1]), page(50)], [50, 32]],
    ['a thumbnail in front that is half as wide', [page(32), page(64)], [64]],
    ['pages of nearly the same size', [page(60), page(64)], [60]],
    ['a larger page behind', [page(32), page(64, [254, 4, 1])], [32]],
  ])('%s', async (_, pages, widths) => {
    const bytes = testTiff({ isBig: false, isLittleEndian: true }, pages, Buffer.alloc(1024));
    const slide = await parseSlide(memorySource('a.tif', bytes));
    expect(slide.levels.map(({ size }) => size.width)).toEqual(widths);
  });
});
