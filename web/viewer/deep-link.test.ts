import { describe, expect, it } from 'vitest';
import { formatHash, normalDegrees, parseHash } from './deep-link.ts';

describe('formatHash', () => {
  it('writes centre, zoom and rotation', () => {
    expect(formatHash({ x: 1200.04, y: 3400.55, zoom: 0.998, degrees: 90 })).toBe(
      '#x=1200&y=3400.6&z=0.998&r=90',
    );
  });

  it('leaves out fractions of a pixel that is smaller than the screen’s', () => {
    expect(formatHash({ x: 23_000.4, y: 16_500.6, zoom: 0.03125, degrees: 0 })).toBe(
      '#x=23000&y=16501&z=0.03125&r=0',
    );
  });

  it('keeps the angle below 360', () => {
    expect(formatHash({ x: 0, y: 0, zoom: 1, degrees: 359.99 })).toBe('#x=0&y=0&z=1&r=0');
    expect(formatHash({ x: 0, y: 0, zoom: 1, degrees: -90 })).toBe('#x=0&y=0&z=1&r=270');
  });
});

describe('parseHash', () => {
  it('reads what formatHash wrote', () => {
    const view = { x: 1110.5, y: 1483.5, zoom: 0.75, degrees: 12.5 };
    expect(parseHash(formatHash(view))).toEqual(view);
  });

  it.each([0, 2, 99])('reads focal plane %i, and no other number', (plane) => {
    const view = { x: 1, y: 2, zoom: 3, degrees: 4, plane };
    expect(formatHash(view)).toBe(`#x=1&y=2&z=3&r=4&f=${plane}`);
    expect(parseHash(formatHash(view))).toEqual(view);
    for (const wrong of ['-1', '1.5', '100', 'x', ''])
      expect(parseHash(`#x=1&y=2&z=3&r=4&f=${wrong}`)).toEqual({ x: 1, y: 2, zoom: 3, degrees: 4 });
  });

  it('takes a missing rotation as none', () => {
    expect(parseHash('#x=1&y=2&z=3')).toEqual({ x: 1, y: 2, zoom: 3, degrees: 0 });
  });

  it('accepts a centre outside the slide', () => {
    expect(parseHash('#x=-50&y=2&z=0.5&r=0')?.x).toBe(-50);
  });

  it.each(['', '#', '#x=1&y=2', '#x=1&y=2&z=0', '#x=1&y=2&z=-1', '#x=1&y=NaN&z=1', '#x=1e9&y=0&z=1'])(
    'finds no view in %j',
    (hash) => {
      expect(parseHash(hash)).toBeUndefined();
    },
  );

  it.each(['#x=0x10&y=2&z=1', '#x=&y=2&z=1', '#x= 1&y=2&z=1', '#x=1&y=2&z=1&r=Infinity'])(
    'refuses the odd spelling %j',
    (hash) => {
      expect(parseHash(hash)).toBeUndefined();
    },
  );
});

describe('normalDegrees', () => {
  it.each([
    [0, 0],
    [360, 0],
    [-90, 270],
    [450, 90],
    [-720, 0],
  ])('%d is %d', (degrees, expected) => {
    expect(normalDegrees(degrees)).toBeCloseTo(expected, 9);
  });
});
