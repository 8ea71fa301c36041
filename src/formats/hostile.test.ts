import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { array, assert, asyncProperty, nat, option, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../core/errors.ts';
import { parseSlide } from './registry.ts';
import { readTiff } from './tiff/reader.ts';
import { cpuMs, memorySource, slidesFolder, slideSource } from './test-source.ts';

const files = readdirSync(join(slidesFolder, 'hostile'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(slidesFolder.length + 1))
  .toSorted();

/** `parsed`, or the kind of the refusal; anything else that is thrown fails the test. */
async function verdict(name: string, bytes: Uint8Array): Promise<string> {
  try {
    await parseSlide(memorySource(name, bytes));
    return 'parsed';
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    expect(error.message).toContain(name);
    return error.kind;
  }
}

describe('hostile files', () => {
  it('are there', () => expect(files.length).toBeGreaterThanOrEqual(120));

  it.each(files)('%s is refused or read within a second', async (path) => {
    const { name, size } = slideSource(path);
    const bytes = readFileSync(join(slidesFolder, path));
    expect(bytes.length).toBe(size);
    let found = '';
    const took = await cpuMs(async () => {
      found = await verdict(name, bytes);
    });
    expect(['parsed', 'damaged', 'unsupported', 'too-large']).toContain(found);
    expect(took).toBeLessThan(1000);
  });

  it.each([
    ['open_ifd_chain_30000.tif', 'too-large'],
    ['open_ifd_self_loop.svs', 'damaged'],
    ['open_pixel_flood_same_tile.svs', 'too-large'],
    ['open_imagewidth_huge.svs', 'too-large'],
    ['open_tileoffsets_count_4g.svs', 'damaged'],
    ['open_tileoffsets_count_short.svs', 'damaged'],
    ['open_tiles_beyond_eof.svs', 'damaged'],
    ['open_bytecounts_zero.svs', 'damaged'],
    ['open_desc_count_2g.svs', 'damaged'],
    ['open_bigtiff_entrycount_2e40.tif', 'too-large'],
    ['open_compression_unknown.svs', 'unsupported'],
    ['open_trunc_tail_of_valid.svs', 'damaged'],
    ['open_trunc_0.svs', 'damaged'],
    ['open_ome_xxe.ome.tif', 'damaged'],
    ['open_philips_billion_laughs.tiff', 'damaged'],
    ['open_png_bomb_100000x100000_1bit.png', 'too-large'],
    ['open_png_header_only_2e31.png', 'damaged'],
    ['open_jpeg_sof_65500.jpg', 'damaged'],
    ['open_jp2k_tile_siz_huge.svs', 'unsupported'],
    ['open_ome_filename_traversal.ome.tif', 'parsed'],
  ])('%s is %s', async (name, kind) => {
    const bytes = readFileSync(join(slidesFolder, 'hostile/derived', name));
    expect(await verdict(name, bytes)).toBe(kind);
  });

  it.each(['open_jpeg_tile_sof_65500.svs', 'open_jpeg_tile_sof_small.svs'])(
    '%s is not served as it is',
    async (name) => {
      const slide = await parseSlide(slideSource(`hostile/derived/${name}`));
      expect(slide.levels[0]?.jpegPrefix).toBeUndefined();
      expect(slide.levels[0]?.notServable).toMatch(/^damaged: a tile of \d+×\d+ px where 128×128 belong$/);
    },
  );

  it.each(['open_mpp_nan.svs', 'open_mpp_zero.svs'])('%s has no µm per pixel', async (name) => {
    const slide = await parseSlide(slideSource(`hostile/derived/${name}`));
    expect(slide.properties.mpp).toBeUndefined();
  });
});

/** Structure of a slide: everything but the tiles, where a flip changes pixels at most. */
const cases = [
  ['derived/svs/open_cmu_jpeg_pyramid.svs', 'a.svs'],
  ['derived/philips/open_cmu_philips.tiff', 'a.tiff'],
  ['derived/ometiff/open_cmu_rgb_jpeg_subifd.ome.tif', 'a.ome.tif'],
  ['tiff/CMU-1-small.tiff', 'b.tiff'],
  ['image/yb10kx5k.png', 'a.png'],
  ['derived/vms/open_cmu/open_cmu_macro.jpg', 'a.jpg'],
] as const;

describe('damage at random', () => {
  it.each(cases)('of %s is refused by a ServiceError or read', async (path, name) => {
    const original = readFileSync(join(slidesFolder, path));
    // Bytes that a parse looks at, directories above all: flips elsewhere would test nothing.
    const source = slideSource(path);
    if (path.includes('tif') || path.endsWith('.svs')) await readTiff(source);
    else await parseSlide(source);
    const looked = source.reads;
    const flip = tuple(nat({ max: looked.length - 1 }), nat(), nat({ max: 255 })).map(([i, at, value]) => ({
      at: (looked[i]?.offset ?? 0) + (at % (looked[i]?.length ?? 1)),
      value,
    }));
    const truncation = option(nat({ max: original.length }), { freq: 5 });
    await assert(
      asyncProperty(array(flip, { maxLength: 20 }), truncation, async (flips, length) => {
        const bytes = Buffer.from(length === null ? original : original.subarray(0, length));
        for (const { at, value } of flips) if (at < bytes.length) bytes[at] = value;
        expect(['parsed', 'damaged', 'unsupported', 'too-large']).toContain(await verdict(name, bytes));
      }),
      { numRuns: 400 },
    );
  });
});
