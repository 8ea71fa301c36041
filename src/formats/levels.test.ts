import { describe, expect, it } from 'vitest';
import { intendedDownsample, isReduction } from './levels.ts';

const size = (width: number, height: number): { width: number; height: number } => ({ width, height });

describe('intendedDownsample', () => {
  it.each([
    ['of itself', size(2220, 2967), size(2220, 2967), 1],
    ['rounded down', size(2220, 2967), size(555, 741), 4],
    ['rounded up', size(2220, 2967), size(555, 742), 4],
    ['halved four times', size(2220, 2967), size(138, 185), 16],
    ['one pixel left', size(2220, 2967), size(1, 1), 2048],
    ['by ten', size(20_480, 20_480), size(2048, 2048), 10],
    ['by three', size(3000, 1500), size(1000, 500), 3],
  ])('%s', (_, base, level, expected) => expect(intendedDownsample(base, level)).toBe(expected));

  it('is the mean ratio where no power of two is meant', () => {
    expect(intendedDownsample(size(1000, 1000), size(300, 302))).toBeCloseTo(
      (1000 / 300 + 1000 / 302) / 2,
      12,
    );
  });
});

describe('isReduction', () => {
  it.each([
    [size(555, 741), true],
    [size(556, 742), true],
    [size(574, 768), true],
    [size(741, 555), false],
    [size(555, 400), false],
    [size(2220, 2967), false],
    [size(4440, 5934), false],
    [size(1280, 431), false],
    [size(1, 1), true],
  ])('of 2220 × 2967 px: %o is %s', (level, expected) =>
    expect(isReduction(size(2220, 2967), level)).toBe(expected),
  );
});
