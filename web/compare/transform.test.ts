import { describe, expect, it } from 'vitest';
import {
  alignmentAsShown,
  alignmentByMarks,
  commonView,
  fromPlane,
  nudged,
  onScreen,
  planesOf,
  stretch,
  toPlane,
  turnedAlone,
  unaligned,
  viewOf,
  type Place,
} from './transform.ts';

/** 20 × 10 mm at 40×, and the same glass at 20×: 10 × 5 mm … twice as coarse. */
const fine = { size: { width: 80_000, height: 40_000 }, mpp: { x: 0.25, y: 0.25 } };
const coarse = { size: { width: 20_000, height: 10_000 }, mpp: { x: 0.5, y: 0.5 } };
const unknown = { size: { width: 1000, height: 4000 } };
const [a, b, c] = planesOf([fine, coarse, unknown]) as [
  ReturnType<typeof planesOf>[number],
  ReturnType<typeof planesOf>[number],
  ReturnType<typeof planesOf>[number],
];

/** Compares as far as rounding allows. */
const near = (place: Place, x: number, y: number) => {
  expect(place.x).toBeCloseTo(x, 9);
  expect(place.y).toBeCloseTo(y, 9);
};

describe('planesOf', () => {
  it('finds the middle in mm', () => {
    near(a.middle, 10, 5);
    near(b.middle, 5, 2.5);
    expect([a.isMeasured, b.isMeasured]).toEqual([true, true]);
  });
  it('takes a slide without a scale to be as long as the first that has one', () => {
    // 20 mm over 4,000 px are 5 µm per px.
    expect(c).toMatchObject({ isMeasured: false, micronsPerPx: { x: 5, y: 5 } });
    near(c.middle, 2.5, 10);
  });
  it('works where no scale is known', () => {
    const [one, other] = planesOf([unknown, { size: { width: 2000, height: 500 } }]);
    expect(one?.micronsPerPx.x).toBe(2.5);
    expect(other?.micronsPerPx.x).toBe(5);
  });
  it('keeps the two directions of a slide apart', () => {
    const [plane] = planesOf([{ size: { width: 1000, height: 1000 }, mpp: { x: 1, y: 2 } }]);
    near(plane!.middle, 0.5, 1);
    near(toPlane({ x: 600, y: 600 }, plane!, unaligned), 0.1, 0.2);
  });
});

describe('toPlane and fromPlane', () => {
  it('lay the middles together', () => {
    near(toPlane({ x: 40_000, y: 20_000 }, a, unaligned), 0, 0);
    near(toPlane({ x: 44_000, y: 20_000 }, a, unaligned), 1, 0);
    near(fromPlane({ x: 1, y: -0.5 }, b, unaligned), 12_000, 4000);
  });
  it('turn clockwise about the middle, then move', () => {
    // 2 mm right of the middle, turned by a quarter, is 2 mm below it.
    const alignment = { x: 3, y: -1, degrees: 90 };
    near(toPlane({ x: 14_000, y: 5000 }, b, alignment), 3, 1);
    near(fromPlane({ x: 3, y: 1 }, b, alignment), 14_000, 5000);
  });
});

describe('commonView and viewOf', () => {
  it('show the same millimetre at the same magnification', () => {
    const common = commonView({ x: 44_000, y: 18_000, zoom: 0.5, degrees: 0 }, a, unaligned);
    // 0.5 px of the screen per px of 0.25 µm: 2,000 px per mm.
    expect(common).toEqual({ x: 1, y: -0.5, pxPerMm: 2000, degrees: 0 });
    expect(viewOf(common, b, unaligned)).toEqual({ x: 12_000, y: 4000, zoom: 1, degrees: 0 });
  });
  it('turn a slide that lies turned', () => {
    const view = viewOf({ x: 0, y: 0, pxPerMm: 1000, degrees: 350 }, b, { x: 0, y: 0, degrees: 30 });
    expect(view).toMatchObject({ x: 10_000, y: 5000, degrees: 20 });
    expect(commonView(view, b, { x: 0, y: 0, degrees: 30 }).degrees).toBe(350);
  });
  it('link a slide without a scale by the part of it', () => {
    // A quarter of the long side right of the middle in one, a quarter of the long side in the other.
    const common = commonView({ x: 60_000, y: 20_000, zoom: 1, degrees: 0 }, a, unaligned);
    near(viewOf(common, c, unaligned), 1500, 2000);
  });
});

describe('alignmentAsShown', () => {
  it('makes the rule of what is on the screen', () => {
    const common = { x: 1, y: 2, pxPerMm: 500, degrees: 10 };
    const view = { x: 12_000, y: 5000, zoom: 0.25, degrees: 100 };
    // 1 mm right of the middle, turned by 90°, is 1 mm below: the middle lies 1 mm above what is looked at.
    const alignment = alignmentAsShown(view, b, common);
    near(alignment, 1, 1);
    expect(alignment.degrees).toBe(90);
    expect(viewOf(common, b, alignment)).toMatchObject({ degrees: 100, zoom: 0.25 });
    near(viewOf(common, b, alignment), 12_000, 5000);
  });
});

describe('alignmentByMarks', () => {
  it('moves by one pair and keeps the turn', () => {
    const alignment = alignmentByMarks([{ x: 14_000, y: 5000 }], [{ x: 5, y: 5 }], b, {
      x: 9,
      y: 9,
      degrees: 90,
    });
    near(alignment, 5, 3);
    expect(alignment.degrees).toBe(90);
  });
  it('moves and turns by two pairs', () => {
    // On the slide 2 mm from left to right, in the plane 2 mm from bottom to top: turned by −90°.
    const px = [
      { x: 8000, y: 5000 },
      { x: 12_000, y: 5000 },
    ];
    const targets = [
      { x: 3, y: 1 },
      { x: 3, y: -1 },
    ];
    const alignment = alignmentByMarks(px, targets, b, unaligned);
    expect(alignment.degrees).toBeCloseTo(-90, 9);
    near(alignment, 3, 0);
    near(toPlane(px[0]!, b, alignment), 3, 1);
    near(toPlane(px[1]!, b, alignment), 3, -1);
    expect(stretch(px, targets, b)).toBeCloseTo(0, 9);
  });
  it('lets the middles meet where tissue is stretched, and never stretches', () => {
    const px = [
      { x: 10_000, y: 5000 },
      { x: 14_000, y: 5000 },
    ];
    const targets = [
      { x: 0, y: 0 },
      { x: 1.6, y: 0 },
    ];
    const alignment = alignmentByMarks(px, targets, b, unaligned);
    // 2 mm against 1.6 mm: 0.2 mm stand over at either end.
    near(toPlane(px[0]!, b, alignment), -0.2, 0);
    near(toPlane(px[1]!, b, alignment), 1.8, 0);
    expect(stretch(px, targets, b)).toBeCloseTo(0.25, 9);
  });
});

describe('moving one slide alone', () => {
  it('nudges along the screen, however that is turned', () => {
    const common = { x: 0, y: 0, pxPerMm: 100, degrees: 90 };
    // Right on a screen turned by a quarter is up in the plane.
    near(nudged({ x: 1, y: 1, degrees: 5 }, 50, 0, common), 1, 0.5);
    expect(nudged({ x: 1, y: 1, degrees: 5 }, 50, 0, common).degrees).toBe(5);
  });
  it('turns about the middle of the screen', () => {
    const common = { x: 2, y: 0, pxPerMm: 100, degrees: 0 };
    // The slide's middle is 2 mm left of what is looked at: a quarter clockwise puts it above.
    const alignment = turnedAlone(unaligned, 90, common);
    near(alignment, 2, -2);
    expect(alignment.degrees).toBe(90);
    expect(viewOf(common, b, alignment)).toMatchObject({ degrees: 90 });
    near(viewOf(common, b, alignment), 14_000, 5000);
  });
});

describe('onScreen', () => {
  it('is the way from the middle of the screen', () => {
    near(onScreen({ x: 110, y: 100 }, { x: 100, y: 100, zoom: 2, degrees: 90 }), 0, 20);
  });
});
