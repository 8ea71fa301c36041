import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rect } from '../src/core/geometry.ts';
import type { TiffRecipe } from '../src/formats/format.ts';
import { parseSlide } from '../src/formats/registry.ts';
import { recipeOf } from '../src/formats/tiff/read-image.ts';
import { tool, vipsPixels } from '../src/ingest/convert-oracle.ts';
import { copyRect, newRaster, rasterOf, type Raster } from '../src/pyramid/box-shrink.ts';
import type { ByteSource } from '../src/storage/byte-source.ts';
import { openFileSource } from '../src/storage/sources.ts';
import { readRgb, rgbBytes } from './read-rgb.ts';
import { beginTask, rasterBytes, taskRaster } from './task-memory.ts';

const size = { width: 701, height: 523 };
let folder: string;
let pixels: Buffer;

/** Runs of one colour, slopes, noise: all that LZW and its table can meet, several tables long. */
function painted(): Buffer {
  const bytes = Buffer.alloc(size.width * size.height * 3);
  for (let i = 0; i < bytes.length; i++) {
    const [x, y] = [Math.floor(i / 3) % size.width, Math.floor(i / 3 / size.width)];
    if (x < 200) bytes[i] = 255;
    else if (x < 400) bytes[i] = (x + y * (1 + (i % 3))) & 255;
    else bytes[i] = Math.imul(i, 2_654_435_761) >>> 24;
  }
  return bytes;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-rgb-'));
  await sharp(painted(), { raw: { ...size, channels: 3 } })
    .png()
    .toFile(join(folder, 'painted.png'));
  ({ pixels } = await vipsPixels(join(folder, 'painted.png')));
});
afterAll(() => rm(folder, { recursive: true }));

/** The painted picture as libvips writes it. */
async function written(name: string, ...options: string[]): Promise<string> {
  const path = join(folder, `${name}.tif`);
  await tool('vips', 'tiffsave', join(folder, 'painted.png'), path, ...options);
  return path;
}

async function recipeAt(source: ByteSource): Promise<TiffRecipe> {
  const [level] = (await parseSlide(source)).levels;
  if (level === undefined) throw new Error(`${source.name} has no level`);
  return recipeOf(level.image);
}

/** What is read of a part, into the task's memory or elsewhere. @returns undefined when it is left to libvips */
async function partOf(
  source: ByteSource,
  recipe: TiffRecipe,
  rect: Rect,
  isNear = true,
): Promise<Raster | undefined> {
  beginTask(rgbBytes(recipe) + rasterBytes(rect, 1));
  const target = isNear ? taskRaster(rect, 1) : newRaster(rect);
  return (await readRgb(source, recipe, rect, target, [9, 8, 7])) ? target : undefined;
}

/** The same part of what libvips shows. */
function expectedPart(rect: Rect): Buffer {
  const part = newRaster(rect);
  copyRect(rasterOf(size, pixels), rect, part, 0, 0);
  return Buffer.from(part.pixels);
}

const tiles = ['--tile', '--tile-width', '128', '--tile-height', '64'];
const rects: readonly Rect[] = [
  { left: 0, top: 0, ...size },
  { left: 130, top: 70, width: 300, height: 201 },
  { left: 700, top: 522, width: 1, height: 1 },
];

describe('readRgb', () => {
  it.each([
    ['lzw-strips', ['--compression', 'lzw', '--predictor', 'horizontal']],
    ['lzw-plain', ['--compression', 'lzw', '--predictor', 'none', ...tiles]],
    ['lzw-tiles', ['--compression', 'lzw', '--predictor', 'horizontal', ...tiles]],
    ['deflate-strips', ['--compression', 'deflate', '--predictor', 'none']],
    ['deflate-tiles', ['--compression', 'deflate', '--predictor', 'horizontal', ...tiles]],
    ['stored', ['--compression', 'none', ...tiles]],
  ])('reads the pixels that libvips reads: %s', async (name, options) => {
    await using source = await openFileSource(await written(name, ...options));
    const recipe = await recipeAt(source);
    for (const rect of rects)
      for (const isNear of [true, false]) {
        const part = await partOf(source, recipe, rect, isNear);
        expect(part && Buffer.compare(part.pixels, expectedPart(rect))).toBe(0);
      }
  });

  it('shows the background where nothing is stored', async () => {
    await using source = await openFileSource(await written('gap', '--compression', 'lzw', ...tiles));
    const whole = await recipeAt(source);
    const recipe = { ...whole, lengths: whole.lengths.map((length, i) => (i === 0 ? 0 : length)) };
    const part = await partOf(source, recipe, { left: 127, top: 0, width: 2, height: 1 });
    expect([...part!.pixels]).toEqual([9, 8, 7, ...pixels.subarray(128 * 3, 129 * 3)]); // it was read
  });

  it('leaves to libvips what is cut short or damaged, however it is', async () => {
    await using source = await openFileSource(
      await written('cut', '--compression', 'lzw', '--predictor', 'horizontal', ...tiles),
    );
    const recipe = await recipeAt(source);
    const [first] = rects;
    const cut = { ...recipe, lengths: recipe.lengths.map((length) => Math.min(length, 300)) };
    expect(await partOf(source, cut, first!)).toBeUndefined(); // there is one
    // The offsets of other tiles' middles: codes without their tables.
    const moved = { ...recipe, offsets: recipe.offsets.map((offset) => offset + 1) };
    expect(await partOf(source, moved, first!)).toBeUndefined(); // as above
  });

  it.each([
    ['grey', ['b-w']],
    ['16 bits', ['rgb16']],
  ])('leaves to libvips what is no RGB of 8 bits: %s', async (name, [space]) => {
    const other = join(folder, `${name}.v`);
    await tool('vips', 'colourspace', join(folder, 'painted.png'), other, space!); // given above
    const path = join(folder, `${name}.tif`);
    await tool('vips', 'tiffsave', other, path, '--compression', 'lzw');
    await using source = await openFileSource(path);
    expect(await partOf(source, await recipeAt(source), rects[0]!)).toBeUndefined(); // there is one
  });
});
