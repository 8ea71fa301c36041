import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ParsedSlide } from './format.ts';
import { formatNames, parseSlide } from './registry.ts';
import { slidesFolder, slideSource } from './test-source.ts';

type Expected = readonly [
  path: string,
  format: string,
  levels: string,
  mpp?: number | undefined,
  objective?: number | undefined,
  associated?: string,
];

/**
 * What each slide holds, taken from openslide-show-properties, tiffinfo and vipsheader: format, levels as
 * `width×height/downsample`, `*` where tiles are served as they are, µm per pixel, objective, associated images.
 */
const expected: readonly Expected[] = [
  [
    'svs/CMU-1-Small-Region.svs',
    'aperio-svs',
    '2220×2967/1*',
    0.499,
    20,
    'label 387×463, macro 1280×431, thumbnail 574×768',
  ],
  [
    'derived/svs/open_cmu_jpeg_pyramid.svs',
    'aperio-svs',
    '2220×2967/1* 555×741/4*',
    0.499,
    20,
    'label 387×463, macro 1280×431, thumbnail 575×768',
  ],
  [
    'derived/philips/open_cmu_philips.tiff',
    'philips-tiff',
    '2560×3072/1* 1280×1536/2* 640×768/4* 320×384/8*',
    0.499,
    undefined,
    'label 387×463, macro 1280×431',
  ],
  [
    'derived/ometiff/open_cmu_rgb_jpeg_subifd.ome.tif',
    'ome-tiff',
    '2220×2967/1* 1110×1483/2* 555×741/4* 277×370/8*',
    0.499,
    20,
  ],
  [
    'derived/tiff/open_cmu_pyr_jpeg_bigtiff.tif',
    'generic-tiff',
    '2220×2967/1* 1110×1483/2* 555×741/4* 277×370/8* 138×185/16*',
  ],
  ['derived/tiff/open_cmu_pyr_jpeg_subifd.tif', 'generic-tiff', '901×833/1* 450×416/2* 225×208/4*'],
  ['derived/tiff/open_cmu_pyr_deflate_pred.tif', 'generic-tiff', '901×833/1 450×416/2 225×208/4'],
  ['derived/tiff/open_cmu_pyr_lzw.tif', 'generic-tiff', '901×833/1 450×416/2 225×208/4'],
  ['tiff/CMU-1-small.tiff', 'generic-tiff', '718×514/1* 359×257/2* 179×128/4*', 3.194888],
  ['tiff/yb10kx5k.zstd.tiff', 'generic-tiff', '10000×5000/1 5000×2500/2 2500×1250/4 1250×625/8 625×312/16'],
  ['tiff/bigtiff/BigTIFF.tif', 'generic-tiff', '64×64/1'],
  ['tiff/bigtiff/BigTIFFLong8Tiles.tif', 'generic-tiff', '64×64/1'],
  ['tiff/bigtiff/BigTIFFSubIFD4.tif', 'generic-tiff', '64×64/1 32×32/2'],
  ['tiff/bigtiff/Classic.tif', 'generic-tiff', '64×64/1'],
  ['tiff/cantaloupe/tif-rgb-1res-64x56x8-tiled-jpeg.tif', 'generic-tiff', '64×56/1*'],
  ['tiff/cantaloupe/tif-rgb-1res-64x56x8-tiled-zip.tif', 'generic-tiff', '64×56/1'],
  ['tiff/cantaloupe/tif-rgb-3res-64x56x16-tiled-uncompressed.tif', 'generic-tiff', '64×56/1 32×28/2 16×14/4'],
  ['tiff/cog/big_cog.tiff', 'generic-tiff', '64×64/1 32×32/2 16×16/4 8×8/8 4×4/16'],
  ['tiff/cog/rgba8_tiled.tiff', 'generic-tiff', '64×64/1 32×32/2 16×16/4 8×8/8 4×4/16'],
  ['tiff/image-tiff/planar-rgb-u8.tif', 'generic-tiff', '374×499/1'],
  ['tiff/image-tiff/tiled-jpeg-rgb-u8.tif', 'generic-tiff', '374×499/1*'],
  ['tiff/image-tiff/tiled-rect-rgb-u8.tif', 'generic-tiff', '490×367/1'],
  ['tiff/orient/test_orient1.tif', 'generic-tiff', '120×180/1* 60×90/2* 30×45/4*'],
  ['tiff/orient/test_orient3.tif', 'generic-tiff', '120×180/1* 60×90/2* 30×45/4*'],
  ['tiff/orient/test_orient6.tif', 'generic-tiff', '120×180/1* 60×90/2* 30×45/4*'],
  ['tiff/orient/test_orient8.tif', 'generic-tiff', '120×180/1* 60×90/2* 30×45/4*'],
  ['tiff/pillow/child_ifd.tiff', 'generic-tiff', '32×32/1 16×16/2 8×8/4'],
  ['tiff/pillow/tiff_tiled_planar_lzw.tiff', 'generic-tiff', '278×374/1'],
  ['tiff/pillow/tiff_tiled_planar_raw.tif', 'generic-tiff', '278×374/1'],
  ['tiff/pillow/tiff_tiled_ycbcr_jpeg_2x2_sampling.tif', 'generic-tiff', '480×360/1*'],
  ['image/yb10kx5k.png', 'png', ''],
  ['derived/image/open_cmu_1501x1500.png', 'png', ''],
  ['derived/image/open_cmu_giant_11100x11868.jpg', 'jpeg', ''],
];

const sides = ({ width, height }: { width: number; height: number }): string => `${width}×${height}`;

describe('parseSlide', () => {
  it.each(expected.map((row) => ({ row })))('$row.0 is $row.1: $row.2', async ({ row }) => {
    const [path, format, levels, mpp, objective, associated = ''] = row;
    const slide = await parseSlide(slideSource(path));
    expect(slide.properties.format).toBe(format);
    expect(
      slide.levels.map((l) => `${sides(l.size)}/${l.downsample}${l.jpegPrefix ? '*' : ''}`).join(' '),
    ).toBe(levels);
    if (mpp === undefined) expect(slide.properties.mpp).toBeUndefined();
    else expect(slide.properties.mpp?.x).toBeCloseTo(mpp, 6);
    expect(slide.properties.objectivePower).toBe(objective);
    const found = slide.associated.map(({ name, size }) => `${name} ${sides(size)}`);
    expect(found.toSorted().join(', ')).toBe(associated);
    expect(slide.properties.background).toEqual([255, 255, 255]);
  });

  it.each([
    ['image/yb10kx5k.png', 'png', 10_000, 5000],
    ['derived/image/open_cmu_1501x1500.png', 'png', 1501, 1500],
    ['derived/image/open_cmu_giant_11100x11868.jpg', 'jpeg', 11_100, 11_868],
  ] as [string, string, number, number][])('%s is a %s of %d × %d px', async (path, kind, width, height) => {
    const slide = await parseSlide(slideSource(path));
    expect(slide.picture).toEqual({ kind, size: { width, height } });
    expect(slide.properties.size).toEqual({ width, height });
  });

  it.each([
    [
      'derived/svs/open_cmu_jp2k33003_444.svs',
      'compression 33003 (JPEG 2000, YCbCr) in level 0 cannot be read',
    ],
    ['derived/svs/open_cmu_jp2k33005.svs', 'compression 33005 (JPEG 2000, RGB) in level 0'],
    ['derived/tiff/open_cmu_pyr_jp2k.tif', 'compression 33004 (JPEG 2000) in level 0'],
    ['derived/ndpi/open_cmu_brightfield.ndpi', 'Hamamatsu NDPI'],
    ['ndpi/test3-DAPI-2-(387).ndpi', 'Hamamatsu NDPI'],
    ['derived/scn/open_cmu.scn', 'Leica SCN'],
    ['derived/bif/open_cmu.bif', 'Ventana BIF'],
    ['derived/trestle/open_cmu_trestle.tif', 'Trestle TIFF'],
    ['derived/mrxs/open_cmu/open_cmu.mrxs', '3DHISTECH MIRAX (MRXS)'],
    ['derived/vms/open_cmu/open_cmu.vms', 'Hamamatsu VMS'],
    ['derived/dicom/open_cmu_tiled_full_jpeg/level0.dcm', 'DICOM'],
    ['derived/zip/open_cmu_dicom.zip', 'ZIP archive'],
    ['derived/szi/open_cmu.szi', 'ZIP archive (SZI'],
    ['derived/dzi/open_cmu.dzi', 'Deep Zoom (DZI)'],
    ['hostile/derived/open_svg_as_tiff.tiff', 'SVG'],
    ['hostile/derived/open_html_polyglot.svs', 'HTML'],
    ['ometiff/viv-multi-channel.ome.tif', '3 channels with 1 sample(s) per pixel (fluorescence'],
    ['ometiff/viv-multifile/multifile-Z1.ome.tiff', 'companion file'],
    [
      'derived/mrxs/open_cmu/open_cmu/Slidedat.ini',
      `none of the formats read here (${formatNames.join(', ')})`,
    ],
  ])('refuses %s: %s', async (path, message) => {
    await expect(parseSlide(slideSource(path))).rejects.toMatchObject({
      name: 'ServiceError',
      kind: 'unsupported',
      message: expect.stringContaining(message),
    });
  });

  it('refuses a sparse file none of whose tiles is stored', async () => {
    await expect(parseSlide(slideSource('tiff/cog/sparse.tiff'))).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringContaining('level 0 has 1600 tiles or strips and none is stored'),
    });
  });

  it('gives the ICC profile once, where it is RGB', async () => {
    const slide = await parseSlide(slideSource('tiff/cantaloupe/tif-rgb-1res-64x56x8-tiled-jpeg.tif'));
    expect(slide.icc?.length).toBe(3144);
    expect(slide.icc?.toString('latin1', 36, 40)).toBe('acsp');
    expect(slide.levels[0]?.image.decodeFields.some(({ code }) => code === 34_675)).toBe(false);
  });
});

/** openslide-show-properties as a map; quotes removed. */
function openslide(path: string): Map<string, string> {
  const out = execFileSync('openslide-show-properties', [join(slidesFolder, path)], { encoding: 'utf8' });
  return new Map([...out.matchAll(/^([^:\n]+): '(.*)'$/gm)].map(([, key = '', value = '']) => [key, value]));
}

describe('OpenSlide says the same', () => {
  it.each([
    'svs/CMU-1-Small-Region.svs',
    'derived/svs/open_cmu_jpeg_pyramid.svs',
    'derived/philips/open_cmu_philips.tiff',
    'derived/tiff/open_cmu_pyr_jpeg_bigtiff.tif',
    'derived/tiff/open_cmu_pyr_deflate_pred.tif',
    'derived/tiff/open_cmu_pyr_lzw.tif',
    'tiff/CMU-1-small.tiff',
  ])('of %s', async (path) => {
    const theirs = openslide(path);
    const slide = await parseSlide(slideSource(path));
    expect(Number(theirs.get('openslide.level-count'))).toBe(slide.levels.length);
    for (const [i, level] of slide.levels.entries()) {
      const their = (key: string): number => Number(theirs.get(`openslide.level[${i}].${key}`));
      expect(level.size).toEqual({ width: their('width'), height: their('height') });
      expect(level.image.segmentSize).toEqual({ width: their('tile-width'), height: their('tile-height') });
      expect(Math.abs(level.downsample / their('downsample') - 1)).toBeLessThan(0.01);
    }
    const mpp = theirs.get('openslide.mpp-x');
    if (mpp !== undefined) expect(slide.properties.mpp?.x).toBeCloseTo(Number(mpp), 9);
    expect(slide.properties.objectivePower?.toString()).toBe(theirs.get('openslide.objective-power'));
    expect(slide.properties.vendor.toLowerCase()).toBe(theirs.get('openslide.vendor')?.replace('-tiff', ''));
  });
});

/** What every format owes its callers. */
function contract(slide: ParsedSlide, fileSize: number): void {
  expect(formatNames).toContain(slide.properties.format);
  expect(slide.levels.length === 0).toBe(slide.picture !== undefined);
  const { size } = slide.properties;
  expect(slide.levels[0]?.size ?? size).toEqual(size);
  expect(slide.levels[0]?.downsample ?? 1).toBe(1);
  expect(slide.levels.map((l) => l.downsample)).toEqual(
    slide.levels.map((l) => l.downsample).toSorted((a, b) => a - b),
  );
  for (const { size: level, image, jpegPrefix, notServable } of slide.levels) {
    expect((jpegPrefix === undefined) !== (notServable === undefined)).toBe(true);
    const { columns, rows, planes, segmentSize, offsets, lengths } = image;
    expect(columns * segmentSize.width).toBeGreaterThanOrEqual(level.width);
    expect(rows * segmentSize.height).toBeGreaterThanOrEqual(level.height);
    expect([offsets.length, lengths.length]).toEqual([columns * rows * planes, columns * rows * planes]);
    for (const [i, length] of lengths.entries())
      if (length > 0) expect((offsets[i] ?? 0) + length).toBeLessThanOrEqual(fileSize);
    expect(image.decodeFields.map(({ code }) => code)).toEqual(
      expect.arrayContaining([258, 259, 262, 277, 284]),
    );
  }
  const text = JSON.stringify({
    properties: slide.properties,
    associated: slide.associated.map((a) => a.name),
  });
  expect(text).not.toMatch(/ScanScope|CPAPERIOCS|b414003d|CMU-1|FMT0000|T1BFTi0wMDAx|2020/);
}

describe('every format keeps the contract', () => {
  it.each(expected.map(([path]) => path))('%s', async (path) => {
    const source = slideSource(path);
    contract(await parseSlide(source), source.size);
    expect(source.reads.length).toBeLessThanOrEqual(8);
  });
});
