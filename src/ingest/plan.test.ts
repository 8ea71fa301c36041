import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ParsedLevel, ParsedSlide } from '../formats/format.ts';
import { parseSlide } from '../formats/registry.ts';
import { openFileSource } from '../storage/sources.ts';
import { slides } from './convert-oracle.ts';
import { asShown, orientationOf, planFor } from './plan.ts';

async function parsed(file: string): Promise<ParsedSlide> {
  await using source = await openFileSource(join(slides, file));
  return await parseSlide(source);
}

/** A slide whose first level is changed. */
function withBase(slide: ParsedSlide, change: (base: ParsedLevel) => ParsedLevel): ParsedSlide {
  return { ...slide, levels: slide.levels.map((level, i) => (i === 0 ? change(level) : level)) };
}

describe('planFor', () => {
  it.each([
    ['svs/CMU-1-Small-Region.svs', { kind: 'direct' }],
    ['derived/tiff/open_cmu_pyr_jpeg_bigtiff.tif', { kind: 'direct' }],
    ['derived/image/open_cmu_1501x1500.png', { kind: 'convert', reason: 'a PNG picture has no tiles' }],
    ['derived/tiff/open_cmu_pyr_lzw.tif', { kind: 'convert' }],
    ['tiff/bigtiff/Classic.tif', { kind: 'convert' }],
  ])('%s', async (file, expected) => {
    expect(planFor(await parsed(file))).toMatchObject(expected);
  });

  it('makes coarser levels where the coarsest is over 4096 px', async () => {
    const slide = await parsed('svs/CMU-1-Small-Region.svs');
    const sized = (width: number) => withBase(slide, (base) => ({ ...base, size: { width, height: 100 } }));
    expect(planFor(sized(4096)).kind).toBe('direct');
    expect(planFor(sized(4097)).kind).toBe('reduce');
  });

  it.each([
    [3, 32, /floating-point/],
    [2, 16, /signed/],
    [1, 32, /32-bit/],
  ])('refuses sample format %i of %i bits', async (sampleFormat, bits, message) => {
    const slide = await parsed('tiff/bigtiff/Classic.tif');
    const changed = withBase(slide, (base) => ({
      ...base,
      image: { ...base.image, sampleFormat, bitsPerSample: [bits, bits, bits] },
    }));
    expect(() => planFor(changed)).toThrow(message);
  });
});

describe('asShown', () => {
  it('leaves out lower levels that cannot be served, because they are rendered from finer ones', async () => {
    const slide = await parsed('derived/tiff/open_cmu_pyr_jpeg_bigtiff.tif');
    const levels = slide.levels.map((level, i) => {
      const { jpegPrefix: _, ...bare } = level;
      return i === 2 ? { ...bare, notServable: 'scrambled' } : level;
    });
    const shown = asShown({ ...slide, levels });
    expect(shown.levels.map(({ downsample }) => downsample)).toEqual([1, 2, 8, 16]);
    expect(planFor(shown)).toEqual({ kind: 'direct' });
  });

  it('turns an image without tiles upright, but no tiled one, as OpenSlide', async () => {
    const strips = await parsed('tiff/image-tiff/planar-rgb-u8.tif');
    const turned = withBase(strips, (base) => ({ ...base, image: { ...base.image, orientation: 6 } }));
    expect(asShown(turned).properties.size).toEqual({ width: 499, height: 374 });
    expect(orientationOf(turned)).toBe(6);
    const tiled = await parsed('tiff/orient/test_orient6.tif');
    expect(tiled.levels[0]?.image.orientation).toBe(6);
    expect(orientationOf(tiled)).toBe(1);
    expect(asShown(tiled).properties.size).toEqual({ width: 120, height: 180 });
  });
});
