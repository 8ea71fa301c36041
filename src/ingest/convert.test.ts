import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSlide } from '../formats/registry.ts';
import { recipeOf } from '../formats/tiff/read-image.ts';
import { jpegSize, standaloneJpeg } from '../formats/tiff/jpeg.ts';
import { turnedSize } from '../pyramid/orientation.ts';
import type { ConvertedLevel } from '../pyramid/build-index.ts';
import { openFileSource } from '../storage/sources.ts';
import { meanDifference, slides, tool, vipsPixels } from './convert-oracle.ts';
import { makePyramid, type PyramidJob } from './convert.ts';
import type { ConversionPool } from './conversion-pool.ts';
import { startDecoderPool } from './decoder-pool.ts';

let pool: ConversionPool;
let folder: string;
let outPath: string;

beforeAll(async () => {
  pool = await startDecoderPool({ threads: 2 });
  folder = await mkdtemp(join(tmpdir(), 'telepath-convert-'));
  outPath = join(folder, 'pyramid.tif');
});
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

/** Converts a file as a whole, its orientation applied. */
async function convert(path: string, options: Partial<PyramidJob> = {}): Promise<ConvertedLevel[]> {
  await using bytes = await openFileSource(path);
  const slide = await parseSlide(bytes);
  const source = { kind: 'file', path, name: bytes.name } as const;
  const [base] = slide.levels;
  const orientation = base?.image.isTiled === false ? base.image.orientation : 1;
  return await makePyramid({
    stages: [
      {
        input:
          base === undefined
            ? { kind: 'picture', source }
            : { kind: 'tiff', source, recipe: recipeOf(base.image), orientation },
        size: base === undefined ? slide.properties.size : turnedSize(base.size, orientation),
        baseDownsample: 1,
        emit: 'all',
      },
    ],
    tileSize: 256,
    quality: 95,
    background: [255, 255, 255],
    workFolder: folder,
    outPath,
    pool,
    ...options,
  });
}

/** A picture with detail, 1501 × 1500 px, written in another way by `vips tiffsave`. */
async function saved(name: string, ...options: string[]): Promise<string> {
  const path = join(folder, name);
  await tool('vips', 'tiffsave', join(slides, 'derived/image/open_cmu_1501x1500.png'), path, ...options);
  return path;
}

describe('makePyramid', () => {
  it.each([
    ['tiff/image-tiff/tiled-rect-rgb-u8.tif', 'tiles of 32×128 px, none'],
    ['tiff/image-tiff/planar-rgb-u8.tif', 'strips in planes, LZW'],
    ['tiff/cantaloupe/tif-rgb-1res-64x56x8-tiled-zip.tif', 'deflate'],
    ['tiff/cantaloupe/tif-rgb-3res-64x56x16-tiled-uncompressed.tif', '16 bits'],
    ['tiff/cog/big_cog.tiff', 'BigTIFF'],
    ['tiff/cog/rgba8_tiled.tiff', 'WebP with transparency'],
    ['tiff/bigtiff/Classic.tif', 'one strip'],
    ['tiff/yb10kx5k.zstd.tiff', 'zstd, 10,000×5,000 px'],
    ['tiff/pillow/tiff_tiled_ycbcr_jpeg_2x2_sampling.tif', 'JPEG'],
    ['derived/tiff/open_cmu_pyr_deflate_pred.tif', 'deflate with predictor'],
    ['derived/tiff/open_cmu_pyr_lzw.tif', 'LZW'],
    ['derived/image/open_cmu_1501x1500.png', 'PNG'],
  ])('shows %s (%s) as libvips does', async (file) => {
    await convert(join(slides, file));
    const expected = await vipsPixels(join(slides, file));
    const made = await vipsPixels(outPath);
    expect([made.width, made.height]).toEqual([expected.width, expected.height]);
    expect(meanDifference(made.pixels, expected.pixels)).toBeLessThan(2);
  });

  it.each(['tiff_tiled_planar_lzw.tiff', 'tiff_tiled_planar_raw.tif'])(
    'shows %s (tiles in planes, which libvips refuses) as libtiff does',
    async (file) => {
      const rgba = join(folder, 'rgba.tif');
      await tool('tiff2rgba', join(slides, 'tiff/pillow', file), rgba);
      await convert(join(slides, 'tiff/pillow', file));
      expect(
        meanDifference((await vipsPixels(outPath)).pixels, (await vipsPixels(rgba)).pixels),
      ).toBeLessThan(2);
    },
  );

  it.each([
    ['low strips', ['--compression', 'lzw', '--predictor', 'horizontal']],
    ['one compressed strip', ['--compression', 'deflate', '--tile-height', '1500']],
    ['one plain strip', ['--compression', 'none', '--tile-height', '1500']],
    ['16 bits, plain', ['--compression', 'none']],
    ['one bit', ['--bitdepth', '1']],
  ])('reads %s', async (name, options) => {
    const path = join(folder, 'strips.tif');
    const png = join(slides, 'derived/image/open_cmu_1501x1500.png');
    const input = join(folder, 'input.v');
    if (name.startsWith('16')) await tool('vips', 'colourspace', png, input, 'rgb16');
    else if (name.startsWith('one bit')) await tool('vips', 'colourspace', png, input, 'b-w');
    else await tool('vips', 'copy', png, input);
    await tool('vips', 'tiffsave', input, path, ...options);
    await convert(path);
    const [made, expected] = [await vipsPixels(outPath), await vipsPixels(path)];
    expect(meanDifference(made.pixels, expected.pixels)).toBeLessThan(2);
  });

  it('makes the levels that vips dzsave makes, to within its JPEG loss', async () => {
    const path = join(slides, 'derived/image/open_cmu_giant_11100x11868.jpg');
    const reported: number[] = [];
    const levels = await convert(path, { onProgress: (done, total) => reported.push(done / total) });
    expect(levels.map(({ size }) => `${size.width}×${size.height}`)).toEqual([
      '11100×11868',
      '5550×5934',
      '2775×2967',
      '1388×1484',
      '694×742',
      '347×371',
      '174×186',
    ]);
    await tool(
      'vips',
      'dzsave',
      path,
      join(folder, 'dz'),
      '--overlap',
      '0',
      '--tile-size',
      '256',
      '--suffix',
      '.jpg[Q=95]',
    );
    for (const [exponent, level] of levels.entries())
      for (const tile of ['0_0', '1_0', `${level.columns - 1}_${level.rows - 1}`]) {
        const [column = 0, row = 0] = tile.split('_').map(Number);
        if (column >= level.columns) continue;
        const expected = join(folder, 'dz_files', String(14 - exponent), `${tile}.jpg`);
        const { width, height, pixels } = await vipsPixels(expected);
        const own = await sharp(await tileOf(level, column, row))
          .extract({ left: 0, top: 0, width, height })
          .raw()
          .toBuffer();
        expect(meanDifference(own, pixels), `level ${exponent}, tile ${tile}`).toBeLessThan(3);
      }
    expect(reported).toEqual(reported.toSorted((a, b) => a - b));
    expect(reported.at(-1)).toBe(1);
  });

  it('writes a BigTIFF that OpenSlide, libtiff and libvips read, and leaves no scratch file', async () => {
    const icc = (
      await sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
        .withIccProfile('srgb')
        .png()
        .toBuffer()
        .then((png) => sharp(png).metadata())
    ).icc!; // it was given one
    const levels = await convert(await saved('source.tif'), { quality: 80, icc, mpp: { x: 0.25, y: 0.5 } });
    const openslide = await tool('openslide-show-properties', outPath);
    expect(openslide).toMatch(/openslide.level-count: '4'/);
    expect(openslide).toMatch(/openslide.level\[3\].width: '188'/);
    expect(openslide).toMatch(/tiff.XResolution: '40000'/); // 10,000 µm / 0.25 µm
    const libtiff = await tool('tiffinfo', outPath);
    expect(libtiff.match(/TIFF Directory/g)).toHaveLength(4);
    expect(libtiff).toMatch(/JPEG Tables: \(574 bytes\)/);
    expect(libtiff).toMatch(/YCbCr Subsampling: 2, 2/);
    expect(libtiff).toMatch(/Software: Telepath/);
    expect(await tool('vipsheader', '-f', 'n-pages', outPath)).toBe('4\n');
    expect((await sharp(outPath).metadata()).icc?.equals(icc)).toBe(true);
    expect(levels.map(({ downsample }) => downsample)).toEqual([1, 2, 4, 8]);
    for (const level of levels)
      expect(jpegSize(await tileOf(level, 0, 0))).toEqual({ width: 256, height: 256 });
    expect((await readdir(folder)).filter((name) => name.startsWith('pyramid'))).toEqual(['pyramid.tif']);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'applies orientation %i of an image without tiles',
    async (orientation) => {
      const path = join(folder, 'turned.tif');
      const png = join(slides, 'derived/image/open_cmu_1501x1500.png');
      await sharp(png)
        .extract({ left: 300, top: 300, width: 700, height: 400 })
        .withMetadata({ orientation })
        .tiff({ compression: 'lzw' })
        .toFile(path);
      await tool('vips', 'autorot', path, join(folder, 'upright.v'));
      await convert(path);
      const [made, expected] = [await vipsPixels(outPath), await vipsPixels(join(folder, 'upright.v'))];
      expect([made.width, made.height]).toEqual([expected.width, expected.height]);
      expect(meanDifference(made.pixels, expected.pixels)).toBeLessThan(2);
    },
  );

  it('makes only the levels that are asked for, in the sizes of the canvas', async () => {
    const path = await saved('tiled.tif', '--tile', '--compression', 'deflate');
    await using bytes = await openFileSource(path);
    const { image } = (await parseSlide(bytes)).levels[0]!; // it has one
    const source = { kind: 'file', path, name: 'tiled.tif' } as const;
    const input = { kind: 'tiff', source, recipe: recipeOf(image) } as const;
    const stages = [{ input, size: { width: 1503, height: 1501 }, baseDownsample: 4, emit: [1, 3] }];
    const levels = await convert(path, { stages });
    expect(levels.map(({ size, downsample }) => [size.width, size.height, downsample])).toEqual([
      [752, 751, 8],
      [188, 188, 32],
    ]);
  });

  it('says which file is damaged and where, and leaves nothing', async () => {
    const path = await saved('damaged.tif', '--tile', '--compression', 'deflate');
    await using file = await open(path, 'r+');
    await using bytes = await openFileSource(path);
    const { image } = (await parseSlide(bytes)).levels[0]!; // it has one
    await file.write(Buffer.alloc(200, 0x55), 0, 200, (image.offsets[7] ?? 0) + 20);
    await rm(outPath, { force: true });
    await expect(convert(path)).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringMatching(/^damaged\.tif: 1501×1500 px at 0,0: /),
    });
    expect(existsSync(outPath)).toBe(false);
    expect((await readdir(folder)).filter((name) => name.startsWith('pyramid'))).toEqual([]);
  });

  it('stops when it is told to, and leaves nothing', async () => {
    const path = join(folder, 'giant.jpg');
    await copyFile(join(slides, 'derived/image/open_cmu_giant_11100x11868.jpg'), path);
    await rm(outPath, { force: true });
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('changed my mind'));
    await expect(convert(path, { signal: stop.signal, onProgress })).rejects.toThrow('changed my mind');
    expect((await readdir(folder)).filter((name) => name.startsWith('pyramid'))).toEqual([]);
  });

  it('goes on when the decoder dies', async () => {
    const onProgress = (done: number) => {
      if (killed === undefined && done > 0) process.kill((killed = pool.pid!), 'SIGKILL'); // it is at work
    };
    let killed: number | undefined;
    await convert(join(slides, 'tiff/yb10kx5k.zstd.tiff'), { onProgress });
    expect(killed).not.toBe(pool.pid);
    const [made, expected] = await Promise.all([
      vipsPixels(outPath),
      vipsPixels(join(slides, 'tiff/yb10kx5k.zstd.tiff')),
    ]);
    expect(meanDifference(made.pixels, expected.pixels)).toBeLessThan(2);
  });
});

/** A tile of what was made, as a JPEG of its own. */
async function tileOf(level: ConvertedLevel, column: number, row: number): Promise<Buffer> {
  const tile = row * level.columns + column;
  await using file = await openFileSource(outPath);
  return standaloneJpeg(level.prefix, await file.read(level.offsets[tile] ?? 0, level.lengths[tile] ?? 0));
}
