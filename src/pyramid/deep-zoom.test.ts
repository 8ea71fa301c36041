import { describe, expect, it } from 'vitest';
import type { ErrorKind } from '../core/errors.ts';
import { alignedLevel, deepZoomOf, deepZoomTileSize, dziXml, tilePath } from './deep-zoom.ts';
import type { IndexedLevel, TileIndex } from './tile-index.ts';

/** A level without tiles: only its geometry is asked for. */
function level(
  width: number,
  height: number,
  downsample: number,
  tile: [number, number] = [240, 240],
): IndexedLevel {
  const tileSize = { width: tile[0], height: tile[1] };
  const columns = Math.ceil(width / tileSize.width);
  const rows = Math.ceil(height / tileSize.height);
  const tables = { offsets: new Float64Array(columns * rows), lengths: new Uint32Array(columns * rows) };
  const origin = { object: 0, prefix: Buffer.alloc(0), origin: 'scanner' } as const;
  return { size: { width, height }, tileSize, columns, rows, downsample, ...origin, ...tables };
}

function indexOf(levels: IndexedLevel[], made: IndexedLevel[] = []): TileIndex {
  const size = levels[0]?.size ?? { width: 1, height: 1 };
  const properties = { format: 'f', vendor: 'v', size, background: [255, 255, 255] } as const;
  return { properties, objects: [], levels, made, associated: [] };
}

const kind = (expected: ErrorKind): unknown => expect.objectContaining({ kind: expected });

describe('deepZoomOf', () => {
  it.each([
    [1, 1, 0],
    [2, 1, 1],
    [3, 2, 2],
    [4, 4, 2],
    [5, 4, 3],
    [1, 256, 8],
    [257, 1, 9],
    [46_000, 32_893, 16],
    [65_536, 1, 16],
    [65_537, 1, 17],
    [2 ** 29, 3, 29],
    [2 ** 29 + 1, 3, 30],
  ])('%i×%i px have Deep Zoom levels 0–%i', (width, height, maxLevel) => {
    const geometry = deepZoomOf({ width, height }, 256);
    expect(geometry.maxLevel).toBe(maxLevel);
    expect(geometry.levelSize(0)).toEqual({ width: 1, height: 1 });
    expect(geometry.levelSize(maxLevel)).toEqual({ width, height });
  });

  it('rounds every level up from the full size', () => {
    const { levelSize } = deepZoomOf({ width: 2220, height: 2967 }, 256);
    expect([11, 10, 9, 8].map(levelSize)).toEqual([
      { width: 1110, height: 1484 },
      { width: 555, height: 742 },
      { width: 278, height: 371 },
      { width: 139, height: 186 },
    ]);
  });

  it.each([
    [512, 256, 2, 1],
    [513, 257, 3, 2],
    [511, 255, 2, 1],
  ])('%i×%i px in 256 px tiles are %i columns and %i rows', (width, height, columns, rows) => {
    const geometry = deepZoomOf({ width, height }, 256);
    expect(geometry.grid(geometry.maxLevel)).toMatchObject({ columns, rows });
  });

  it.each([-1, 13, 1.5, Number.NaN])('has no level %d of 0–12', (missing) => {
    const { levelSize } = deepZoomOf({ width: 2220, height: 2967 }, 256);
    expect(() => levelSize(missing)).toThrow(kind('not-found'));
  });

  it.each([
    [0, 5, 256],
    [5, -1, 256],
    [5, 5, 0],
    [5.5, 5, 256],
  ])('refuses %d×%d px in tiles of %d', (width, height, tileSize) => {
    expect(() => deepZoomOf({ width, height }, tileSize)).toThrow(kind('invalid'));
  });
});

describe('deepZoomTileSize', () => {
  it("is the side of the slide's own tiles when they are square, else 256", () => {
    expect(deepZoomTileSize(indexOf([level(1000, 800, 1)]))).toBe(240);
    expect(deepZoomTileSize(indexOf([level(1000, 800, 1, [240, 256])]))).toBe(256);
    expect(deepZoomTileSize(indexOf([]))).toBe(256);
  });
});

describe('alignedLevel', () => {
  const base = level(46_001, 32_893, 1); // Deep Zoom levels 0–16; level 14 is 11501×8224 px

  it('is slide level 0 for the full size', () => {
    expect(alignedLevel(indexOf([base]), 16)).toBe(base);
  });

  it('is nothing where the slide has no such level', () => {
    expect(alignedLevel(indexOf([base, level(11_500, 8223, 4)]), 15)).toBeUndefined();
  });

  it.each([
    ['rounded down on both axes', level(11_500, 8223, 4), true],
    ['rounded up', level(11_501, 8224, 4), true],
    ['rounded up on one axis', level(11_501, 8223, 4), true],
    ['2 px short', level(11_499, 8223, 4), false],
    ['1 px longer', level(11_502, 8224, 4), false],
    ['in tiles of another size', level(11_500, 8223, 4, [256, 256]), false],
    ['in tiles that are not square', level(11_500, 8223, 4, [240, 256]), false],
    ['said to be 4.0003 times smaller', level(11_500, 8223, 4.0003), false],
    ['said to be 8 times smaller', level(11_500, 8223, 8), false],
  ])('takes or leaves a level %s', (_what, quarter, isTaken) => {
    expect(alignedLevel(indexOf([base, quarter]), 14)).toBe(isTaken ? quarter : undefined);
  });

  it('finds levels that were made later, but prefers those of the slide', () => {
    const own = level(11_500, 8223, 4);
    const made = level(11_501, 8224, 4);
    expect(alignedLevel(indexOf([base], [made]), 14)).toBe(made);
    expect(alignedLevel(indexOf([base, own], [made]), 14)).toBe(own);
  });

  it('does not mind a grid larger than the level, as Philips writes it', () => {
    const padded = { ...level(11_500, 8223, 4), columns: 64, rows: 64 };
    expect(alignedLevel(indexOf([base, padded]), 14)).toBe(padded);
  });

  it('finds nothing in a slide whose own tiles are not square', () => {
    const oblong = level(46_001, 32_893, 1, [240, 256]);
    expect(alignedLevel(indexOf([oblong]), 16)).toBeUndefined();
  });

  it('knows no level 17 of 0–16', () => {
    expect(() => alignedLevel(indexOf([base]), 17)).toThrow(kind('not-found'));
  });
});

describe('dziXml', () => {
  it('has every attribute of the format', () => {
    const xml = dziXml({ size: { width: 2220, height: 2967 }, tileSize: 240 });
    expect(xml).toContain('xmlns="http://schemas.microsoft.com/deepzoom/2008"');
    expect(xml).toMatch(/<Image [^>]*Format="jpg" Overlap="0" TileSize="240">/);
    expect(xml).toContain('<Size Width="2220" Height="2967"/>');
  });
});

describe('tilePath', () => {
  it('names level, column and row', () => {
    expect(tilePath(12, 3, 45)).toBe('12/3_45.jpg');
  });
});
