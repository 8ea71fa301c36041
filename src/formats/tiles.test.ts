import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Tiff, TiffTag } from '@cogeotiff/core';
import { describe, expect, it } from 'vitest';
import { parseSlide } from './registry.ts';
import { slidesFolder, slideSource } from './test-source.ts';

describe('tiles lie where @cogeotiff/core finds them', () => {
  it.each<[string, (level: number) => number]>([
    ['svs/CMU-1-Small-Region.svs', (i) => i],
    ['derived/svs/open_cmu_jpeg_pyramid.svs', (i) => (i === 0 ? 0 : 2)],
    ['derived/philips/open_cmu_philips.tiff', (i) => i],
    ['derived/tiff/open_cmu_pyr_jpeg_bigtiff.tif', (i) => i],
    ['derived/tiff/open_cmu_pyr_lzw.tif', (i) => i],
    ['derived/tiff/open_cmu_pyr_deflate_pred.tif', (i) => i],
    ['tiff/CMU-1-small.tiff', (i) => i],
    ['tiff/cog/big_cog.tiff', (i) => i],
    ['tiff/cog/rgba8_tiled.tiff', (i) => i],
    ['tiff/yb10kx5k.zstd.tiff', (i) => i],
    ['tiff/bigtiff/BigTIFFLong8Tiles.tif', (i) => i],
    ['tiff/image-tiff/tiled-rect-rgb-u8.tif', (i) => i],
  ])('%s', async (path, imageOf) => {
    const source = slideSource(path);
    const { levels } = await parseSlide(source);
    const bytes = readFileSync(join(slidesFolder, path));
    const tiff = await Tiff.create({
      url: new URL(`file:///${basename(path)}`),
      metadata: { size: bytes.length },
      fetch: async (at, length) => {
        const start = at < 0 ? bytes.length + at : at;
        return Uint8Array.from(bytes.subarray(start, length === undefined ? undefined : start + length))
          .buffer;
      },
    });
    let tiles = 0;
    for (const [i, { image }] of levels.entries()) {
      const theirs = tiff.images[imageOf(i)];
      for (let n = 0; n < image.columns * image.rows; n++) {
        const found = await theirs?.getTileSize(n);
        const [offset, length] = [image.offsets[n] ?? 0, image.lengths[n] ?? 0];
        if (length === 0) expect(found?.imageSize ?? 0).toBe(0);
        else {
          expect(found).toEqual({ offset, imageSize: length });
          tiles += 1;
        }
      }
    }
    expect(tiles).toBeGreaterThan(0);
    const first = levels[0]!.image;
    const stored = [...first.lengths].findIndex((length) => length > 0);
    await tiff.images[0]?.fetch(TiffTag.JpegTables);
    const whole = await tiff.images[0]?.getTile(stored % first.columns, Math.floor(stored / first.columns));
    const mine = await source.read(first.offsets[stored] ?? 0, first.lengths[stored] ?? 0);
    const prefix = levels[0]!.jpegPrefix;
    const theirs = Buffer.from(whole?.bytes ?? new ArrayBuffer());
    // They put JPEGTables in front without an Adobe marker; from there on the bytes are the tile's.
    expect(
      theirs
        .subarray(prefix === undefined ? 0 : 2 - mine.length)
        .equals(mine.subarray(prefix === undefined ? 0 : 2)),
    ).toBe(true);
  });
});
