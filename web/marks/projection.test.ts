import { describe, expect, it } from 'vitest';
import { followed, projectionOf, shownBox, toScreen, toSlide } from './projection.ts';

const view = { x: 1000, y: 500, zoom: 0.5, degrees: 0 };

describe('projectionOf', () => {
  it('puts the centre of the view in the middle of the stage', () => {
    const projection = projectionOf({ ...view, degrees: 33 }, 800, 600);
    expect(toScreen(projection, [1000, 500])[0]).toBeCloseTo(400, 9);
    expect(toScreen(projection, [1000, 500])[1]).toBeCloseTo(300, 9);
  });

  it('turns clockwise: what lies to the right is below after a quarter turn', () => {
    const [x, y] = toScreen(projectionOf({ ...view, degrees: 90 }, 800, 600), [1100, 500]);
    expect([Math.round(x), Math.round(y)]).toEqual([400, 350]);
  });

  it('is undone by toSlide, turned too', () => {
    const projection = projectionOf({ ...view, zoom: 0.31, degrees: 217.5 }, 811, 601);
    const [x, y] = toSlide(projection, toScreen(projection, [1234.5, 678.9]));
    expect(x).toBeCloseTo(1234.5, 6);
    expect(y).toBeCloseTo(678.9, 6);
  });

  it('shows 1,600 × 1,200 px of the slide at half size, more when turned', () => {
    const screen = { left: 0, top: 0, right: 800, bottom: 600 };
    expect(shownBox(projectionOf(view, 800, 600), screen)).toEqual({
      left: 200,
      top: -100,
      right: 1800,
      bottom: 1100,
    });
    const turned = shownBox(projectionOf({ ...view, degrees: 45 }, 800, 600), screen);
    expect(turned.right - turned.left).toBeCloseTo(2800 / Math.SQRT2, 6);
  });
});

describe('followed', () => {
  it('takes what was drawn in one view to where it is in another', () => {
    const [drawn, now] = [
      projectionOf(view, 800, 600),
      projectionOf({ x: 900, y: 620, zoom: 0.8, degrees: 30 }, 800, 600),
    ];
    const matrix = followed(drawn, now, 160);
    const [a, b, c, d, e, f] = matrix.slice(7, -1).split(',').map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    // A point of the picture: where it was drawn, counted from the picture's own corner.
    const [sx, sy] = toScreen(drawn, [1234, 321]);
    const [px, py] = [sx + 160, sy + 160];
    const [wantX, wantY] = toScreen(now, [1234, 321]);
    expect(a * px + c * py + e - 160).toBeCloseTo(wantX, 2);
    expect(b * px + d * py + f - 160).toBeCloseTo(wantY, 2);
  });
});
