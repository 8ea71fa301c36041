import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ParsedSlide } from './format.ts';
import { parseSlide } from './registry.ts';
import { cpuMs, memorySource, piecedSource } from './test-source.ts';
import {
  asciiField,
  greyImage,
  type TestField,
  testDirectories,
  testHeader,
  testTiff,
} from './tiff/test-tiff.ts';

const little = { isBig: false, isLittleEndian: true };
const body = Buffer.alloc(1024, 1);

/** A tiled directory of 16-px tiles, all of them the same bytes. */
function tiled(width: number, description: string, ...more: TestField[]): TestField[] {
  const side = Math.ceil(width / 16);
  const tiles = Array.from({ length: side * side }, (): [number, number] => [8, 100]);
  return [...more, ...greyImage(width, width, 16, tiles), asciiField(270, description)];
}

/** A strip of 32 × 8 px. */
function strip(description: string, ...more: TestField[]): TestField[] {
  return [
    ...more,
    [256, 4, 32],
    [257, 4, 8],
    [258, 3, 8],
    [262, 3, 1],
    [273, 4, 8],
    [279, 4, 256],
    asciiField(270, description),
  ];
}

async function parsed(...directories: TestField[][]): Promise<ParsedSlide> {
  return parseSlide(memorySource('a.svs', testTiff(little, directories, body)));
}

describe('an Aperio description', () => {
  const first = 'Aperio Image Library v11\r\n64x64 (16x16) JPEG/RGB';
  it.each<[string, number | undefined, number | undefined]>([
    ['|AppMag = 20|MPP = 0.4990', 0.499, 20],
    ['|AppMag = 40|MPP = 0,2525', 0.2525, 40],
    ['|appmag=40|mpp=0.25', 0.25, 40],
    ['|AppMag = 20x|MPP = ', undefined, undefined],
    ['|MPP = 0|AppMag = 0', undefined, undefined],
    ['|MPP = 100000', undefined, undefined],
    ['|MPP = 0.5|MPP = 0.25', 0.5, undefined],
    ['|Filename = MPP = 0.5', undefined, undefined],
    ['', undefined, undefined],
  ])('ending in %j has %s µm per pixel, objective %s', async (end, mpp, power) => {
    const { properties } = await parsed(tiled(64, first + end));
    expect(properties.mpp).toEqual(mpp === undefined ? undefined : { x: mpp, y: mpp });
    expect(properties.objectivePower).toBe(power);
  });

  it('without MPP falls back on the resolution tags', async () => {
    const { properties } = await parsed(
      tiled(64, first, [282, 5, 40_000, 1], [283, 5, 20_000, 1], [296, 3, 3]),
    );
    expect(properties.mpp).toEqual({ x: 0.25, y: 0.5 });
  });

  it('over 1 MiB is too large', async () => {
    await expect(parsed(tiled(64, first + ' '.repeat(2 ** 20)))).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringContaining('tag 270 (ImageDescription)'),
    });
  });
});

describe('directories of an SVS', () => {
  const base = tiled(64, 'Aperio\n64x64|AppMag = 20');
  it('are base, thumbnail, levels, label and macro, told by their second line', async () => {
    const slide = await parsed(
      base,
      strip('Aperio\n64x64 -> 32x8 - |'),
      tiled(16, 'Aperio\n64x64 -> 16x16 -'),
      strip('Aperio\nmacro 32x8'),
      strip('Aperio\nlabel 32x8'),
    );
    expect(slide.levels.map(({ downsample }) => downsample)).toEqual([1, 4]);
    expect(slide.associated.map(({ name }) => name)).toEqual(['thumbnail', 'macro', 'label']);
  });

  it('are told by NewSubfileType where the second line says nothing', async () => {
    const slide = await parsed(
      base,
      strip('x'),
      strip('', [254, 4, 1]),
      strip('', [254, 4, 9]),
      strip('other'),
    );
    expect(slide.associated.map(({ name }) => name)).toEqual(['thumbnail', 'label', 'macro']);
  });

  it('may lack label and macro, and a damaged label is left out', async () => {
    expect((await parsed(base)).associated).toEqual([]);
    const beyond = strip('Aperio\nlabel 32x8').map((f): TestField => (f[0] === 273 ? [273, 4, 999_999] : f));
    expect((await parsed(base, beyond)).associated).toEqual([]);
  });
});

/** Base and level of a plane. */
const plane = (z: string, width = 64): TestField[][] => [
  tiled(width, `Aperio\n${width}x${width}|OffsetZ = ${z}`),
  tiled(width / 4, `Aperio\n-> ${width / 4}|OffsetZ = ${z}`),
];
const widths = (levels: ParsedSlide['levels']) => levels.map(({ size }) => size.width);
const places = (levels: ParsedSlide['levels']) => levels.map(({ image }) => image.where);

describe('a focal stack', () => {
  it('has its planes by height, the one at 0 first to be seen, with µm from it', async () => {
    const [first, second, third] = [plane('0.000000'), plane('-1,5'), plane('+0.3')];
    const { levels, focus, associated } = await parsed(
      first[0]!,
      strip('x'),
      first[1]!,
      ...third,
      ...second,
      strip('Aperio\nlabel 32x8'),
    );
    expect([widths(levels), places(levels)]).toEqual([
      [64, 16],
      ['IFD 0', 'IFD 2'],
    ]);
    expect(focus?.base).toBe(1);
    expect(focus?.others.map(({ offset }) => offset)).toEqual([-1.5, 0.3]);
    expect(focus?.others.map((other) => places(other.levels))).toEqual([
      ['IFD 5', 'IFD 6'],
      ['IFD 3', 'IFD 4'],
    ]);
    expect(associated.map(({ name }) => name)).toEqual(['thumbnail', 'label']);
  });

  it.each<[string, string[], number, (number | undefined)[]]>([
    ['nearest to 0', ['-3', '-1', '2'], 1, [-2, 3]],
    ['lower of two as near', ['1', '-1'], 0, [2]],
    ['in the middle where 0 is no part of it', ['101.5', '103', '104.5', '106'], 2, [-3, -1.5, 1.5]],
  ])('shows the plane %s first', async (_, heights, base, offsets) => {
    const { focus } = await parsed(...heights.flatMap((z) => plane(z)));
    expect(focus?.base).toBe(base);
    expect(focus?.others.map(({ offset }) => offset)).toEqual(offsets);
  });

  it('takes levels that say nothing for those of the plane before', async () => {
    const [a, b] = [plane('0'), plane('1')];
    const silent = tiled(16, 'Aperio\n16x16');
    const { levels, focus } = await parsed(a[0]!, silent, b[0]!, silent);
    expect([widths(levels), focus?.others.map((other) => widths(other.levels))]).toEqual([
      [64, 16],
      [[64, 16]],
    ]);
  });

  it.each<[string, TestField[][], string, string]>([
    [
      'a plane of another size',
      [...plane('0'), ...plane('1.5', 32)],
      'damaged',
      'OffsetZ 1.5 has the levels 32×32',
    ],
    [
      'a plane without its level',
      [...plane('0'), plane('1')[0]!],
      'damaged',
      '64×64 px in 16×16, the base plane',
    ],
    [
      'a plane twice',
      [...plane('0'), ...plane('1'), ...plane('1.0')],
      'damaged',
      'OffsetZ 1 is there twice (IFD 2 and IFD 4)',
    ],
    [
      '150 planes',
      Array.from({ length: 150 }, (_, z) => tiled(16, `Aperio\n|OffsetZ = ${z}`)),
      'too-large',
      '150 focal planes, the limit is 100',
    ],
  ])('with %s is refused', async (_, directories, kind, message) => {
    await expect(parsed(...directories)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    });
  });
});

describe('a slide of 150,000 tiles', () => {
  it('is parsed in a dozen reads and under a second', async () => {
    const [columns, rows, tile] = [500, 300, 256];
    const jpeg = await sharp({ create: { width: tile, height: tile, channels: 3, background: '#b8a' } })
      .toColourspace('b-w')
      .jpeg()
      .toBuffer();
    const length = 20_000;
    const at = 16;
    const level = (scale: number, first: number, ...more: TestField[]): TestField[] => [
      ...more,
      ...greyImage(
        (columns / scale) * tile,
        (rows / scale) * tile,
        tile,
        Array.from({ length: (columns * rows) / scale ** 2 }, (_, i): [number, number] => [
          first + i * length,
          length,
        ]),
        7,
      ),
    ];
    const tiles = columns * rows;
    const end = at + (tiles + tiles / 100) * length;
    const coarse = at + tiles * length;
    const description = asciiField(270, 'Aperio Image Library v12\n|AppMag = 40|MPP = 0.25');
    const shape = { isBig: true, isLittleEndian: true };
    const { bytes } = testDirectories(shape, end, [level(1, at, description), level(10, coarse)]);
    const source = piecedSource('large.svs', end + bytes.length, [
      { at: 0, bytes: testHeader(shape, end) },
      { at, bytes: jpeg },
      { at: coarse, bytes: jpeg },
      { at: end, bytes },
    ]);
    let slide: ParsedSlide | undefined;
    expect(
      await cpuMs(async () => {
        slide = await parseSlide(source);
      }),
    ).toBeLessThan(1000);
    expect(source.reads.length).toBeLessThanOrEqual(12);
    expect(slide?.levels.map((l) => [l.image.offsets.length, l.downsample, l.notServable])).toEqual([
      [150_000, 1, undefined],
      [1500, 10, undefined],
    ]);
  });
});
