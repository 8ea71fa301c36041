import { describe, expect, it } from 'vitest';
import { drawnLevels, leastPixelRatio, placeOf, tileAt, usedPixels, wantedLevel } from './tile-geometry.ts';

const level = (number: number, width: number, height: number, downsample: number, tile = 256) => ({
  level: number,
  width,
  height,
  downsample,
  tileWidth: tile,
  tileHeight: tile,
  columns: Math.ceil(width / tile),
  rows: Math.ceil(height / tile),
  origin: 'scanner',
});

/** An Aperio slide: 46,000 × 32,914 px, steps of 4, sizes rounded down. */
const aperio = {
  id: 'a1',
  size: { width: 46_000, height: 32_914 },
  levels: [level(0, 46_000, 32_914, 1), level(1, 11_500, 8228, 4.0001), level(2, 2875, 2057, 16.0005)],
  deepZoom: { tileSize: 256, maxLevel: 16, stored: [12, 14, 16] },
};

/** One level of 240 px tiles only: CMU-1-Small-Region. */
const small = {
  id: 'b2',
  size: { width: 2220, height: 2967 },
  levels: [level(0, 2220, 2967, 1, 240)],
  deepZoom: { tileSize: 240, maxLevel: 12, stored: [12] },
};

describe('drawnLevels', () => {
  it('puts Deep Zoom levels below the slide’s own, down to one tile', () => {
    expect(drawnLevels(aperio).map(({ width, path }) => [width, path])).toEqual([
      [180, '/slides/a1_files/8'],
      [360, '/slides/a1_files/9'],
      [719, '/slides/a1_files/10'],
      [1438, '/slides/a1_files/11'],
      [2875, '/slides/a1/levels/2'],
      [11_500, '/slides/a1/levels/1'],
      [46_000, '/slides/a1/levels/0'],
    ]);
  });

  it('puts levels made for Deep Zoom between the slide’s own, each step once', () => {
    const made = { ...aperio, deepZoom: { ...aperio.deepZoom, stored: [8, 9, 10, 11, 12, 13, 14, 15, 16] } };
    expect(drawnLevels(made).map(({ path }) => path.replace('/slides/a1', ''))).toEqual([
      '_files/8',
      '_files/9',
      '_files/10',
      '_files/11',
      '/levels/2',
      '_files/13',
      '/levels/1',
      '_files/15',
      '/levels/0',
    ]);
  });

  it('serves a slide without a pyramid the same way', () => {
    expect(drawnLevels(small).map(({ width, height }) => [width, height])).toEqual([
      [139, 186],
      [278, 371],
      [555, 742],
      [1110, 1484],
      [2220, 2967],
    ]);
  });

  it('adds nothing when the coarsest level is one tile already', () => {
    const tiny = { ...small, size: { width: 200, height: 100 }, levels: [level(0, 200, 100, 1)] };
    expect(drawnLevels(tiny).map(({ path }) => path)).toEqual(['/slides/b2/levels/0']);
  });
});

describe('usedPixels', () => {
  const own = drawnLevels(small).at(-1)!; // the fixture has levels

  it('is the whole tile inside', () => {
    expect(usedPixels(own, 0, 0)).toMatchObject({ width: 240, height: 240 });
  });

  it('leaves out the padding at the right and bottom edge', () => {
    // 2220 − 9 × 240 = 60 and 2967 − 12 × 240 = 87
    expect(usedPixels(own, 9, 12)).toMatchObject({ width: 60, height: 87 });
  });
});

describe('placeOf', () => {
  const aspect = 32_914 / 46_000;

  it.each([0, 1, 2, 3, 4, 5, 6])('covers the slide from edge to edge on level %d', (i) => {
    const drawn = drawnLevels(aperio)[i]!; // seven levels, see above
    const last = placeOf(drawn, aspect, drawn.columns - 1, drawn.rows - 1);
    expect(placeOf(drawn, aspect, 0, 0)).toMatchObject({ left: 0, top: 0 });
    expect(last.left + last.width).toBeCloseTo(1, 12);
    expect(last.top + last.height).toBeCloseTo(aspect, 12);
  });

  it('lets neighbours touch', () => {
    const own = drawnLevels(aperio).at(-1)!; // the fixture has levels
    const a = placeOf(own, aspect, 7, 3);
    expect(a.left + a.width).toBeCloseTo(placeOf(own, aspect, 8, 3).left, 12);
    expect(a.top + a.height).toBeCloseTo(placeOf(own, aspect, 7, 4).top, 12);
  });
});

describe('tileAt', () => {
  const own = drawnLevels(small).at(-1)!; // the fixture has levels
  const aspect = 2967 / 2220;

  it.each([
    [0, 0, 0, 0],
    [240 / 2220 + 1e-9, 0, 1, 0],
    [240 / 2220 - 1e-9, 0, 0, 0],
    [1, aspect, 9, 12],
    [1.5, 9, 9, 12],
    [-1, -1, 0, 0],
  ])('finds the tile at %d, %d', (x, y, column, row) => {
    expect(tileAt(own, aspect, x, y)).toEqual({ column, row });
  });
});

describe('wantedLevel', () => {
  it('asks for half a screen pixel per pixel where steps are 2, for less where they are 4', () => {
    expect(leastPixelRatio(drawnLevels(small))).toBe(0.5);
    expect(leastPixelRatio(drawnLevels(aperio))).toBeCloseTo(0.3535, 3);
  });

  it.each([
    [1, 6],
    [0.5, 6],
    [0.36, 6],
    [0.3, 5],
    [0.25, 5],
    [0.08, 4],
    [0.02, 3],
    [0.0001, 0],
  ])('at %d device px per slide px is number %d', (zoom, expected) => {
    expect(wantedLevel(drawnLevels(aperio), 46_000, zoom)).toBe(expected);
  });
});
