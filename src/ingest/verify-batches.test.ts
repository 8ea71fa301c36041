import { describe, expect, it } from 'vitest';
import type { IndexedLevel, TileIndex } from '../pyramid/tile-index.ts';
import { storedBatches, storedTileCount } from './verify-batches.ts';

/** A level of `columns` × `rows` tiles of 256 px, whose tiles lie where `place` says. */
function level(
  columns: number,
  rows: number,
  place: (tile: number) => readonly [offset: number, length: number],
  object = 0,
): IndexedLevel {
  const places = Array.from({ length: columns * rows }, (_, tile) => place(tile));
  return {
    size: { width: columns * 256, height: rows * 256 },
    tileSize: { width: 256, height: 256 },
    columns,
    rows,
    downsample: 1,
    object,
    prefix: Buffer.from([0xff, 0xd8]),
    origin: 'scanner',
    offsets: Float64Array.from(places, ([offset]) => offset),
    lengths: Uint32Array.from(places, ([, length]) => length),
  };
}

function indexOf(...levels: IndexedLevel[]): TileIndex {
  const [base] = levels;
  if (base === undefined) throw new Error('no level');
  const properties = { format: 'f', vendor: 'v', size: base.size, background: [255, 255, 255] } as const;
  const objects = [
    { name: 'original/0', size: 2 ** 40 },
    { name: 'pyramid.tif', size: 2 ** 40 },
  ];
  return { properties, objects, levels, made: [], associated: [] };
}

describe('storedBatches', () => {
  it('reads 150,000 tiles of 20 kB with one read per 4 MiB, never more at once', () => {
    const index = indexOf(level(500, 300, (tile) => [8 + tile * 20_000, 20_000]));
    const batches = [...storedBatches(index)];
    const mebibytes = (150_000 * 20_000) / 2 ** 20;
    expect(batches.length).toBeLessThan(mebibytes / 3.9);
    expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(4 * 2 ** 20);
    expect(batches.flatMap(({ pieces }) => pieces).length).toBe(150_000);
  });

  it('reads levels together whose tiles lie mixed', () => {
    // Four fine tiles and the coarse one of the same place, in turn.
    const fine = level(64, 64, (tile) => [Math.floor(tile / 4) * 50_000 + (tile % 4) * 10_000, 10_000]);
    const coarse = level(32, 32, (tile) => [tile * 50_000 + 40_000, 10_000]);
    const batches = [...storedBatches(indexOf(fine, coarse))];
    expect(batches.length).toBeLessThanOrEqual(13);
    const offsets = batches.flatMap(({ pieces }) => pieces.map(({ offset }) => offset));
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect(offsets.length).toBe(64 * 64 + 32 * 32);
  });

  it('reads a file whose tiles lie in the order of their columns as well as any other', () => {
    const byColumn = level(100, 100, (tile) => [((tile % 100) * 100 + Math.floor(tile / 100)) * 1000, 1000]);
    const batches = [...storedBatches(indexOf(byColumn))];
    expect(batches.length).toBe(Math.ceil(10_000 / 1024));
    expect(batches[0]?.pieces.slice(0, 3).map(({ tiles }) => tiles)).toEqual([[0], [100], [200]]);
  });

  it('decodes tiles that share their bytes once', () => {
    const blank = level(256, 256, () => [8, 500]);
    const [batch, ...rest] = [...storedBatches(indexOf(blank))];
    expect(rest).toEqual([]);
    expect(batch?.pieces.length).toBe(1);
    expect(batch?.pieces[0]?.tiles.length).toBe(65_536);
    expect(batch?.length).toBe(500);
  });

  it('does not read what lies far between, nor across objects', () => {
    const far = level(2, 1, (tile) => [tile * 100_000, 10_000]);
    const elsewhere = level(1, 1, () => [10_000, 10_000], 1);
    const batches = [...storedBatches(indexOf(far, elsewhere))];
    expect(batches.map(({ object, offset, length }) => [object, offset, length])).toEqual([
      [0, 0, 10_000],
      [0, 100_000, 10_000],
      [1, 10_000, 10_000],
    ]);
  });

  it('leaves out what is not stored, and tiles beyond the edge of the level', () => {
    const padded = { ...level(4, 2, (tile) => [tile * 100, tile === 1 ? 0 : 100]) };
    const index = indexOf({ ...padded, size: { width: 513, height: 200 } });
    const tiles = [...storedBatches(index)].flatMap(({ pieces }) => pieces.flatMap((piece) => piece.tiles));
    expect(tiles).toEqual([0, 2]);
    expect(storedTileCount(index)).toBe(2);
  });

  it('bounds the pixels of a batch: 8 tiles of 4,096 px', () => {
    const large = { ...level(10, 1, (tile) => [tile * 1000, 1000]) };
    const tileSize = { width: 4096, height: 4096 };
    const index = indexOf({ ...large, tileSize, size: { width: 40_960, height: 4096 } });
    expect([...storedBatches(index)].map(({ pieces }) => pieces.length)).toEqual([8, 2]);
  });
});
