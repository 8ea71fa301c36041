import { describe, expect, it } from 'vitest';
import { BoxTree } from './box-tree.ts';
import { isInside, missOf } from './hit.ts';
import { lengthOf, measuredArea, measuredLength, measuresOf, measuresText } from './measure.ts';
import { boxGeometry, boxOf, movedBy, type Box, type Geometry, type Position } from './shape.ts';

const quarter = { x: 0.25, y: 0.25 };

/** A square from a corner on the diagonal. */
function square(x: number, side: number): Position[] {
  return [
    [x, x],
    [x + side, x],
    [x + side, x + side],
    [x, x + side],
    [x, x],
  ];
}

/** From 0 to 1: a fixed sequence that looks random, by multiplication with 7,919 modulo a prime. */
function part(i: number): number {
  return ((i * 7919) % 10_007) / 10_007;
}

/** A box on a field of 1,000 × 1,000, up to so large. */
function boxAt(i: number, size: number): Box {
  const [left, top] = [part(3 * i) * 1000, part(5 * i + 1) * 1000];
  return { left, top, right: left + part(7 * i + 2) * size, bottom: top + part(11 * i + 3) * size };
}

describe('measuresOf', () => {
  it('measures a line along its points: 300 and 400 px, then 100, at 0.25 µm', () => {
    const path: Position[] = [
      [1000, 1000],
      [1300, 1400],
      [1300, 1500],
    ];
    expect(lengthOf(path, quarter)).toBeCloseTo(125 + 25, 9);
    expect(measuresOf('line', { type: 'LineString', coordinates: path }, quarter)).toEqual({ length: 150 });
  });

  it('takes each direction by its own scale', () => {
    expect(
      lengthOf(
        [
          [0, 0],
          [6, 4],
        ],
        { x: 0.5, y: 1 },
      ),
    ).toBeCloseTo(5, 9);
    const box = boxGeometry([0, 0], [6, 4]);
    expect(measuresOf('rectangle', box, { x: 0.5, y: 1 })).toEqual({ perimeter: 14, area: 12 });
  });

  it('measures an area without its holes, far from the slide’s corner too', () => {
    const geometry: Geometry = { type: 'Polygon', coordinates: [square(100_000, 40), square(100_010, 10)] };
    const { area, perimeter } = measuresOf('polygon', geometry, quarter);
    expect(area).toBeCloseTo(1500 / 16, 6);
    expect(perimeter).toBeCloseTo(50, 6);
  });

  it('measures a triangle of 30 × 40 px: half of its box, and its sides', () => {
    const geometry: Geometry = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [30, 0],
          [0, 40],
          [0, 0],
        ],
      ],
    };
    expect(measuresOf('freehand', geometry, { x: 1, y: 1 })).toEqual({ perimeter: 120, area: 600 });
  });

  it('measures a circle of 20 µm exactly, and an ellipse of 20 × 10 µm', () => {
    const circle = measuresOf('ellipse', boxGeometry([0, 0], [80, 80]), quarter);
    expect(circle.area).toBeCloseTo(Math.PI * 100, 9);
    expect(circle.perimeter).toBeCloseTo(Math.PI * 20, 9);
    // Semi-axes 10 and 5: the elliptic integral gives 48.44224.
    const ellipse = measuresOf('ellipse', boxGeometry([0, 0], [80, 40]), quarter);
    expect(ellipse.perimeter).toBeCloseTo(48.44224, 3);
    expect(ellipse.area).toBeCloseTo(Math.PI * 50, 9);
  });

  it('has nothing to say of a point', () => {
    expect(measuresText(measuresOf('point', { type: 'Point', coordinates: [1, 2] }, quarter))).toBe('');
  });
});

describe('what is measured, for people', () => {
  it.each([
    [0.04, '0 µm'],
    [12.345, '12.3 µm'],
    [456.7, '457 µm'],
    [1234.4, '1.234 mm'],
    [25_000, '25 mm'],
    [123_456, '123.5 mm'],
  ])('%d µm reads %s', (microns, text) => {
    expect(measuredLength(microns)).toBe(text);
  });

  it.each([
    [3.12, '3.1 µm²'],
    [314.2, '314 µm²'],
    [125_000, '0.125 mm²'],
    [2_345_678, '2.346 mm²'],
  ])('%d µm² reads %s', (area, text) => {
    expect(measuredArea(area)).toBe(text);
  });
});

describe('missOf', () => {
  const box = { kind: 'rectangle', geometry: boxGeometry([100, 100], [200, 160]) } as const;
  const ellipse = { kind: 'ellipse', geometry: boxGeometry([100, 100], [200, 160]) } as const;

  it.each([
    ['on its line', [100, 130], 0],
    ['5 px beside it', [95, 130], 0.5],
    ['well inside', [150, 130], 2],
    ['outside', [80, 130], undefined],
    ['beside a corner, diagonally', [91, 91], undefined],
  ] as const)('a rectangle, %s', (_what, place, miss) => {
    expect(missOf(box, place, 10)).toEqual(miss);
  });

  it('an ellipse by its curve, not by its box', () => {
    expect(missOf(ellipse, [200, 130], 10)).toBeCloseTo(0, 9);
    expect(missOf(ellipse, [150, 130], 10)).toBe(2);
    expect(missOf(ellipse, [104, 102], 4)).toBeUndefined();
  });

  it('a line near its segments only, and a point near itself', () => {
    const line = {
      kind: 'line',
      geometry: {
        type: 'LineString',
        coordinates: [
          [0, 0],
          [100, 0],
        ],
      },
    } as const;
    expect(missOf(line, [50, 5], 10)).toBe(0.5);
    expect(missOf(line, [105, 0], 10)).toBe(0.5);
    expect(missOf(line, [50, 11], 10)).toBeUndefined();
    const point = { kind: 'point', geometry: { type: 'Point', coordinates: [7, 7] } } as const;
    expect(missOf(point, [7, 17], 10)).toBe(1);
  });

  it('nothing in a hole', () => {
    const rings = [boxGeometry([0, 0], [100, 100]), boxGeometry([40, 40], [60, 60])].flatMap((one) =>
      one.type === 'Polygon' ? one.coordinates : [],
    );
    expect(isInside([50, 50], rings)).toBe(false);
    expect(isInside([30, 50], rings)).toBe(true);
  });
});

describe('BoxTree', () => {
  it('finds what looking at all finds, of 1,000 boxes and 200 windows', () => {
    const boxes = Array.from({ length: 1000 }, (_, i) => boxAt(i, 30));
    const tree = new BoxTree(boxes);
    for (let i = 0; i < 200; i++) {
      const w = boxAt(i + 5000, 300);
      const touching = boxes.flatMap((b, at) =>
        b.left <= w.right && b.right >= w.left && b.top <= w.bottom && b.bottom >= w.top ? [at] : [],
      );
      expect(tree.search(w).sort((a, b) => a - b)).toEqual(touching);
    }
  });

  it.each([0, 1, 16, 17, 257])('holds %i boxes', (count) => {
    const boxes = Array.from({ length: count }, (_, i) => ({ left: i, top: 0, right: i, bottom: 0 }));
    const all = { left: -1, top: -1, right: 1000, bottom: 1 };
    expect(new BoxTree(boxes).search(all)).toHaveLength(count);
  });
});

describe('movedBy', () => {
  it('moves every point, to a hundredth', () => {
    const moved = movedBy(boxGeometry([0, 0], [10, 20]), 0.125, -5);
    expect(boxOf(moved)).toEqual({ left: 0.13, top: -5, right: 10.13, bottom: 15 });
  });
});
