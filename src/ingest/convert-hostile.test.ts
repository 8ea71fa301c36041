import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceError } from '../core/errors.ts';
import type { ParsedSlide } from '../formats/format.ts';
import { parseSlide } from '../formats/registry.ts';
import { recipeOf } from '../formats/tiff/read-image.ts';
import { openFileSource } from '../storage/sources.ts';
import { slides } from './convert-oracle.ts';
import { makePyramid } from './convert.ts';
import type { ConversionPool } from './conversion-pool.ts';
import { startDecoderPool } from './decoder-pool.ts';

const hostile = join(slides, 'hostile');
let pool: ConversionPool;
let folder: string;

beforeAll(async () => {
  pool = await startDecoderPool({ threads: 2, taskTimeoutMs: 10_000 });
  folder = await mkdtemp(join(tmpdir(), 'telepath-hostile-'));
});
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

/** The structure of a file. @returns undefined when it is refused before any pixel is decoded */
async function structureOf(path: string): Promise<ParsedSlide | undefined> {
  await using source = await openFileSource(path);
  return await parseSlide(source).catch((error: unknown) => {
    if (error instanceof ServiceError) return undefined;
    throw error;
  });
}

/** Converts it, servable or not. @returns how that ended */
async function convert(path: string, slide: ParsedSlide): Promise<string> {
  const source = { kind: 'file', path, name: relative(hostile, path) } as const;
  const [base] = slide.levels;
  const input =
    base === undefined
      ? ({ kind: 'picture', source } as const)
      : ({ kind: 'tiff', source, recipe: recipeOf(base.image) } as const);
  try {
    await makePyramid({
      stages: [{ input, size: slide.properties.size, baseDownsample: 1, emit: 'all' }],
      tileSize: 256,
      quality: 80,
      background: [255, 255, 255],
      workFolder: folder,
      outPath: join(folder, 'pyramid.tif'),
      pool,
    });
    return 'converted';
  } catch (error) {
    if (error instanceof ServiceError) return error.kind;
    throw error;
  }
}

describe('makePyramid', () => {
  it('converts or refuses every hostile file that has a structure, and its decoder outlives them', async () => {
    const entries = await readdir(hostile, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    const { pid } = pool;
    const ends = new Map<string, string>();
    for (const path of paths) {
      const slide = await structureOf(path);
      if (slide !== undefined) ends.set(relative(hostile, path), await convert(path, slide));
    }
    expect(ends.size).toBeGreaterThan(10);
    expect([...new Set(ends.values())].toSorted()).toEqual(['converted', 'damaged']);
    // Tiles whose own header contradicts the directory would be decoded to other memory than was made for them.
    expect(ends.get('derived/open_jpeg_tile_sof_65500.svs')).toBe('damaged');
    expect(ends.get('derived/open_jpeg_tile_sof_small.svs')).toBe('damaged');
    expect(ends.get('pillow/truncated_jpeg.jpg')).toBe('damaged');
    expect(pool.pid).toBe(pid);
  });
});
