import { describe, expect, it } from 'vitest';
import type { ParsedLevel, ParsedSlide } from '../formats/format.ts';
import { buildIndex, emptyIndex, withConvertedLevels } from './build-index.ts';
import type { IndexedLevel } from './tile-index.ts';

const size = { width: 500, height: 400 };
const tileSize = { width: 256, height: 256 };
const prefix = Buffer.from([0xff, 0xd8]);

/** 2 × 2 tiles, the last one not stored. */
const level: ParsedLevel = {
  size,
  downsample: 1,
  jpegPrefix: prefix,
  image: {
    where: 'IFD 0',
    size,
    isTiled: true,
    segmentSize: tileSize,
    columns: 2,
    rows: 2,
    planes: 1,
    compression: 7,
    photometric: 6,
    samplesPerPixel: 3,
    bitsPerSample: [8, 8, 8],
    sampleFormat: 1,
    subfileType: 0,
    orientation: 1,
    decodeFields: [],
    offsets: Float64Array.of(5_000_000_000, 5_000_001_000, 5_000_002_000, 77),
    lengths: Float64Array.of(1000, 1000, 500, 0),
  },
};

const slide: ParsedSlide = {
  properties: { format: 'f', vendor: 'v', size, background: [255, 255, 255] },
  levels: [level],
  associated: [{ name: 'macro', size, source: { kind: 'base64', offset: 1, length: 2 } }],
  icc: Buffer.from('profile'),
};

const original = { name: 'original/0', size: 5_000_003_000 };
const pyramid = { name: 'pyramid.tif', size: 1000 };

function converted(downsample: number): Omit<IndexedLevel, 'object'> {
  const own = { size: { width: 500 / downsample, height: 400 / downsample }, tileSize, columns: 1, rows: 1 };
  const tables = { offsets: Float64Array.of(16), lengths: Uint32Array.of(100) };
  return { ...own, downsample, prefix, origin: 'converted', ...tables };
}

const downsamples = (levels: readonly IndexedLevel[]) => levels.map((one) => [one.downsample, one.object]);

describe('buildIndex', () => {
  it("points at the tiles in the slide's own file", () => {
    const index = buildIndex(slide, [original]);
    expect(index).toMatchObject({
      properties: slide.properties,
      objects: [original],
      made: [],
      icc: slide.icc,
    });
    expect(index.associated).toBe(slide.associated);
    expect(index.levels).toHaveLength(1);
    expect(index.levels[0]).toMatchObject({
      size,
      tileSize,
      columns: 2,
      rows: 2,
      object: 0,
      origin: 'scanner',
      prefix,
    });
    expect(index.levels[0]?.lengths).toEqual(Uint32Array.of(1000, 1000, 500, 0));
  });

  it('gives a tile that is not stored the offset 0', () => {
    const index = buildIndex(slide, [original]);
    expect(index.levels[0]?.offsets).toEqual(Float64Array.of(5_000_000_000, 5_000_001_000, 5_000_002_000, 0));
    expect(level.image.offsets[3]).toBe(77);
  });

  it('takes the first plane only', () => {
    const planes = { planes: 2, offsets: new Float64Array(8), lengths: new Float64Array(8).fill(9) };
    const index = buildIndex({ ...slide, levels: [{ ...level, image: { ...level.image, ...planes } }] }, [
      original,
    ]);
    expect(index.levels[0]?.lengths).toHaveLength(4);
    expect(index.levels[0]?.offsets).toHaveLength(4);
  });

  it('refuses a level that has to be converted, and says why', () => {
    const { jpegPrefix: _, ...rest } = level;
    const jp2k = { ...rest, notServable: 'JPEG 2000' };
    expect(() => buildIndex({ ...slide, levels: [level, jp2k] }, [original])).toThrow(
      expect.objectContaining({
        kind: 'unsupported',
        message: expect.stringMatching(/slide level 1 .*JPEG 2000/),
      }),
    );
  });

  it('refuses a tile of 4 GiB', () => {
    const image = { ...level.image, lengths: Float64Array.of(2 ** 32, 1, 1, 1) };
    expect(() => buildIndex({ ...slide, levels: [{ ...level, image }] }, [original])).toThrow(
      expect.objectContaining({ kind: 'damaged' }),
    );
  });
});

describe('withConvertedLevels', () => {
  it('all: a slide none of whose levels could be served', () => {
    const levels = [converted(1), converted(2)];
    const index = withConvertedLevels(emptyIndex(slide, [original]), { object: pyramid, levels }, 'all');
    expect(index.objects).toEqual([original, pyramid]);
    expect(downsamples(index.levels)).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(index.made).toEqual([]);
    expect(index.icc).toBe(slide.icc);
  });

  it('coarser: a giant of one level keeps it, and gets coarser ones; order is by size, not by origin', () => {
    const base = buildIndex({ ...slide, levels: [level, { ...level, downsample: 4 }] }, [original]);
    const levels = [converted(2), converted(8)];
    const index = withConvertedLevels(base, { object: pyramid, levels }, 'coarser');
    expect(downsamples(index.levels)).toEqual([
      [1, 0],
      [2, 1],
      [4, 0],
      [8, 1],
    ]);
    expect(index.made).toEqual([]);
  });

  it("made: the slide's levels keep their numbers", () => {
    const base = buildIndex({ ...slide, levels: [level, { ...level, downsample: 4 }] }, [original]);
    const index = withConvertedLevels(base, { object: pyramid, levels: [converted(2)] }, 'made');
    expect(index.levels).toBe(base.levels);
    expect(downsamples(index.made)).toEqual([[2, 1]]);
  });

  it('made again: the object of the same name is replaced, not listed twice', () => {
    const once = withConvertedLevels(
      buildIndex(slide, [original]),
      { object: pyramid, levels: [converted(2)] },
      'made',
    );
    const larger = { ...pyramid, size: 2000 };
    const twice = withConvertedLevels(once, { object: larger, levels: [converted(2), converted(4)] }, 'made');
    expect(twice.objects).toEqual([original, larger]);
    expect(downsamples(twice.made)).toEqual([
      [2, 1],
      [4, 1],
    ]);
  });

  it('changes nothing of what it was given', () => {
    const base = buildIndex(slide, [original]);
    withConvertedLevels(base, { object: pyramid, levels: [converted(2)] }, 'made');
    expect(base.objects).toEqual([original]);
    expect(base.made).toEqual([]);
  });
});
