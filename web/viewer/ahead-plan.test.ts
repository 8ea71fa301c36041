import { describe, expect, it } from 'vitest';
import { tilesAhead, tilesIn } from './ahead-plan.ts';
import type { DrawnLevel } from './tile-geometry.ts';

/** A square slide of `tiles` × `tiles` tiles of 100 px. */
const level = (tiles: number): DrawnLevel => ({
  width: tiles * 100,
  height: tiles * 100,
  tileWidth: 100,
  tileHeight: 100,
  columns: tiles,
  rows: tiles,
  slideLevel: 0,
  path: `/${tiles}`,
});
const levels = [level(1), level(10), level(20)];
/** The tile in column 5, row 5 of the level of ten, a hair less, so that it shows no other. */
const box = { left: 0.501, top: 0.501, width: 0.098, height: 0.098 };

describe('tilesAhead', () => {
  it('names the next field in the direction of movement first, then its sides, then the finer level, then what is around', () => {
    const plan = tilesAhead(levels, 1, { box, level: 1, way: { x: 3, y: 0 } });
    expect(plan.slice(0, 1)).toEqual([{ level: 1, column: 6, row: 5 }]);
    expect(plan.slice(1, 3)).toEqual([
      { level: 1, column: 5, row: 6 },
      { level: 1, column: 5, row: 4 },
    ]);
    expect(plan.slice(3, 7).every((tile) => tile.level === 2)).toBe(true);
    expect(new Set(plan.slice(7).map(({ column, row }) => `${column}_${row}`))).toEqual(
      new Set(['4_4', '6_4', '4_5', '4_6', '6_6']),
    );
  });

  it('knows no direction at first, and nothing finer than the finest level', () => {
    const plan = tilesAhead(levels, 1, { box, level: 2, way: { x: 0, y: 0 } });
    expect(plan.every((tile) => tile.level === 2)).toBe(true);
    expect(plan).not.toHaveLength(0);
  });

  it('never names a tile that is in view, or one outside the slide, and none twice', () => {
    const corner = { left: -0.05, top: -0.05, width: 0.1, height: 0.1 };
    const plan = tilesAhead(levels, 1, { box: corner, level: 1, way: { x: -1, y: -1 } });
    expect(plan.filter((tile) => tile.level === 1 && tile.column === 0 && tile.row === 0)).toEqual([]);
    expect(plan.every(({ column, row }) => column >= 0 && row >= 0)).toBe(true);
    expect(new Set(plan.map((tile) => JSON.stringify(tile))).size).toBe(plan.length);
  });
});

describe('tilesIn', () => {
  it.each([
    [{ left: 0, top: 0, width: 1, height: 1 }, 100],
    [{ left: 0.1, top: 0.1, width: 0.1, height: 0.1 }, 1],
    [{ left: 1.1, top: 0, width: 1, height: 1 }, 0],
    [{ left: 0.95, top: 0.95, width: 1, height: 1 }, 1],
  ])('%o', (area, count) => {
    expect(tilesIn(levels, 1, 1, area)).toHaveLength(count);
  });
});
