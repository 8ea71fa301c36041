import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Rect } from '../core/geometry.ts';
import { tileRect } from '../core/geometry.ts';
import { buildTiff } from '../pyramid/tiff-writer.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import type { ParsedLevel, TiffRecipe } from './format.ts';
import { parseSlide } from './registry.ts';
import { memorySource, slidesFolder, slideSource } from './test-source.ts';
import { standaloneJpeg } from './tiff/jpeg.ts';
import { recipeOf } from './tiff/read-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'telepath-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Pixels of part of a file as `vips` on this machine decodes them, interleaved, 8 bit. */
function vips(file: string, { left, top, width, height }: Rect): Buffer {
  const out = join(folder, 'crop.raw');
  execFileSync('vips', ['crop', file, out, ...[left, top, width, height].map(String)], { stdio: 'pipe' });
  return readFileSync(out);
}

/** RGB pixels of part of slide level 0, or of an associated image, as OpenSlide gives them, on white. */
function openslide(path: string, what: Rect | string): Buffer {
  const script = `
import sys, openslide
from PIL import Image
slide = openslide.OpenSlide(sys.argv[1])
a = sys.argv[2:]
i = slide.associated_images[a[0]] if len(a) == 1 else slide.read_region((int(a[0]), int(a[1])), 0, (int(a[2]), int(a[3])))
i = i.convert('RGBA')
white = Image.new('RGBA', i.size, 'white')
sys.stdout.buffer.write(Image.alpha_composite(white, i).convert('RGB').tobytes())`;
  const args = typeof what === 'string' ? [what] : [what.left, what.top, what.width, what.height].map(String);
  return execFileSync('/usr/bin/python3', ['-c', script, join(slidesFolder, path), ...args], {
    maxBuffer: 2 ** 28,
  });
}

/** How far two images are apart: the mean over all samples, 0–255. */
function difference(a: Buffer, b: Buffer): number {
  expect(a.length).toBe(b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length;
}

/** A tile as a browser gets it, decoded, cut to the level. */
async function shown(source: ByteSource, level: ParsedLevel, column: number, row: number): Promise<Buffer> {
  const { image, jpegPrefix } = level;
  if (jpegPrefix === undefined) throw new Error(level.notServable);
  const i = row * image.columns + column;
  const tile = await source.read(image.offsets[i] ?? 0, image.lengths[i] ?? 0);
  const { width, height } = tileRect(level.size, image.segmentSize, column, row);
  const jpeg = sharp(standaloneJpeg(jpegPrefix, tile), { failOn: 'warning' });
  const bands = image.samplesPerPixel === 1 ? jpeg.toColourspace('b-w') : jpeg;
  return bands.extract({ left: 0, top: 0, width, height }).raw().toBuffer();
}

/** First, middle and last tile of a grid. */
function samplesOf({ image, size }: ParsedLevel): [number, number][] {
  const column = Math.ceil(size.width / image.segmentSize.width) - 1;
  const row = Math.ceil(size.height / image.segmentSize.height) - 1;
  return [
    [0, 0],
    [column >> 1, row >> 1],
    [column, row],
  ];
}

describe('a tile behind its prefix decodes to what vips decodes', () => {
  it.each<[string, (level: number) => string]>([
    ['svs/CMU-1-Small-Region.svs', () => ''],
    ['derived/svs/open_cmu_jpeg_pyramid.svs', (i) => `[page=${i === 0 ? 0 : 2}]`],
    ['derived/philips/open_cmu_philips.tiff', (i) => `[page=${i}]`],
    ['derived/ometiff/open_cmu_rgb_jpeg_subifd.ome.tif', (i) => `[subifd=${i - 1}]`],
    ['derived/tiff/open_cmu_pyr_jpeg_bigtiff.tif', (i) => `[page=${i}]`],
    ['derived/tiff/open_cmu_pyr_jpeg_subifd.tif', (i) => `[subifd=${i - 1}]`],
    ['tiff/CMU-1-small.tiff', (i) => `[page=${i}]`],
    ['tiff/image-tiff/tiled-jpeg-rgb-u8.tif', () => ''],
    ['tiff/cantaloupe/tif-rgb-1res-64x56x8-tiled-jpeg.tif', () => ''],
    ['tiff/pillow/tiff_tiled_ycbcr_jpeg_2x2_sampling.tif', () => ''],
    ['tiff/orient/test_orient1.tif', (i) => `[page=${i}]`],
  ])('%s', async (path, pageOf) => {
    const source = slideSource(path);
    const { levels } = await parseSlide(source);
    for (const [i, level] of levels.entries())
      for (const [column, row] of samplesOf(level)) {
        if (level.image.lengths[row * level.image.columns + column] === 0) continue;
        const rect = tileRect(level.size, level.image.segmentSize, column, row);
        const theirs = vips(
          `tiffload:${join(slidesFolder, path)}${pageOf(i)}`.replace('tiffload:', ''),
          rect,
        );
        expect(difference(await shown(source, level, column, row), theirs)).toBeLessThanOrEqual(2);
      }
  });
});

describe('a tile behind its prefix decodes to what OpenSlide shows', () => {
  it.each([
    'svs/CMU-1-Small-Region.svs',
    'derived/svs/open_cmu_jpeg_pyramid.svs',
    'derived/philips/open_cmu_philips.tiff',
    'derived/tiff/open_cmu_pyr_jpeg_bigtiff.tif',
    'tiff/CMU-1-small.tiff',
  ])('%s', async (path) => {
    const source = slideSource(path);
    const level = (await parseSlide(source)).levels[0]!;
    for (const [column, row] of samplesOf(level)) {
      if (level.image.lengths[row * level.image.columns + column] === 0) continue;
      const theirs = openslide(path, tileRect(level.size, level.image.segmentSize, column, row));
      expect(difference(await shown(source, level, column, row), theirs)).toBeLessThanOrEqual(2);
    }
  });
});

/** A recipe as a TIFF of its own, as a decoder is given it. */
async function rebuilt(source: ByteSource, recipe: TiffRecipe): Promise<Buffer> {
  const segments = await Promise.all(recipe.offsets.map((at, i) => source.read(at, recipe.lengths[i] ?? 0)));
  return buildTiff(recipe, segments);
}

describe('associated images are what OpenSlide shows', () => {
  it.each([
    ['svs/CMU-1-Small-Region.svs', ['label', 'macro', 'thumbnail']],
    ['derived/svs/open_cmu_jpeg_pyramid.svs', ['label', 'macro', 'thumbnail']],
    ['derived/philips/open_cmu_philips.tiff', ['label', 'macro']],
  ])('%s: %s', async (path, names) => {
    const source = slideSource(path);
    const { associated } = await parseSlide(source);
    expect(associated.map(({ name }) => name).toSorted()).toEqual(names);
    for (const { name, size, source: from } of associated) {
      const file =
        from.kind === 'tiff'
          ? await rebuilt(source, from.recipe)
          : Buffer.from((await source.read(from.offset, from.length)).toString('latin1'), 'base64');
      const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
      expect(info).toMatchObject({ ...size, channels: 3 });
      expect(difference(data, openslide(path, name))).toBeLessThanOrEqual(2);
    }
  });
});

/** All pixels of a file as sharp shows them. */
function decoded(input: Buffer | string): Promise<Buffer> {
  return sharp(input).toColourspace('srgb').raw().toBuffer();
}

describe('a recipe rebuilds an image that sharp decodes to what vips decodes', () => {
  const slides = [
    'tiff/bigtiff/BigTIFF.tif',
    'tiff/bigtiff/BigTIFFLong8Tiles.tif',
    'tiff/cog/big_cog.tiff',
    'tiff/cog/rgba8_tiled.tiff',
    'tiff/cantaloupe/tif-rgb-1res-64x56x8-tiled-zip.tif',
    'tiff/image-tiff/planar-rgb-u8.tif',
    'tiff/image-tiff/tiled-rect-rgb-u8.tif',
    'tiff/image-tiff/tiled-jpeg-rgb-u8.tif',
    'tiff/pillow/child_ifd.tiff',
    'tiff/pillow/tiff_tiled_ycbcr_jpeg_2x2_sampling.tif',
    'derived/tiff/open_cmu_pyr_lzw.tif',
    'derived/tiff/open_cmu_pyr_deflate_pred.tif',
  ];
  it.each(slides)('%s', async (path) => {
    const source = slideSource(path);
    const { size, image } = (await parseSlide(source)).levels[0]!;
    const ours = await sharp(await rebuilt(source, recipeOf(image)))
      .raw()
      .toBuffer();
    expect(
      difference(ours, vips(join(slidesFolder, path), { left: 0, top: 0, ...size })),
    ).toBeLessThanOrEqual(2);
  });

  it('of planar tiles, which libvips does not read, plane by plane', async () => {
    const path = 'tiff/pillow/tiff_tiled_planar_raw.tif';
    const source = slideSource(path);
    const { image } = (await parseSlide(source)).levels[0]!;
    expect([image.planes, image.columns, image.rows]).toEqual([3, 9, 12]);
    const whole = openslide(path, { left: 0, top: 0, width: 278, height: 374 });
    for (const plane of [0, 1, 2])
      for (const [column, row] of [
        [0, 0],
        [4, 6],
        [7, 10],
      ] as const) {
        const i = (plane * image.rows + row) * image.columns + column;
        const tile = await source.read(image.offsets[i] ?? 0, image.lengths[i] ?? 0);
        const theirs = Buffer.from(
          tile.map(
            (_, p) =>
              whole[((row * 32 + Math.floor(p / 32)) * 278 + column * 32 + (p % 32)) * 3 + plane] ?? 0,
          ),
        );
        expect(difference(tile, theirs)).toBe(0);
      }
  });

  /** Kinds of TIFF that none of the slides is, made by ImageMagick from a photo-like pattern. */
  it.each([
    ['a palette', ['-colors', '32', '-type', 'Palette', '-compress', 'LZW']],
    ['one bit, CCITT G4', ['-monochrome', '-compress', 'Group4']],
    ['grey of 16 bits', ['-colorspace', 'Gray', '-depth', '16', '-compress', 'Zip']],
    ['CMYK', ['-colorspace', 'CMYK', '-compress', 'LZW']],
    ['big-endian RGB', ['-endian', 'MSB', '-compress', 'none']],
    ['PackBits', ['-compress', 'RLE']],
    ['JPEG strips', ['-compress', 'JPEG', '-quality', '90']],
  ])('%s', async (name, options) => {
    const file = join(folder, 'made.tif');
    execFileSync('convert', ['-size', '300x200', '-depth', '8', 'plasma:red-green', ...options, file]);
    const source = memorySource(basename(file), readFileSync(file));
    const { levels, properties } = await parseSlide(source);
    expect(properties.size).toEqual({ width: 300, height: 200 });
    expect(levels[0]?.notServable).toBeDefined();
    const ours = await decoded(await rebuilt(source, recipeOf(levels[0]!.image)));
    expect(difference(ours, await decoded(file)), name).toBeLessThanOrEqual(2);
  });
});
