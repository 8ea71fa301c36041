import { describe, expect, it } from 'vitest';
import { adjusted, isUnadjusted, unadjusted, type Adjustments } from './adjustments.ts';
import { colourChange, type Look } from './colour-change.ts';
import { bakeCube } from './colour-cube.ts';
import type { Triple } from './triple.ts';
import { shownColour } from './image-layer.ts';

const some = (change: Partial<Adjustments>): Adjustments => ({ ...unadjusted, ...change });
const rounded = (rgb: Triple) => rgb.map((value) => Math.round(value * 255));

describe('adjusted', () => {
  it('leaves every colour as it is when nothing is adjusted', () => {
    expect(isUnadjusted(unadjusted)).toBe(true);
    for (let value = 0; value < 256; value++)
      expect(rounded(adjusted([value / 255, 0.5, 1 - value / 255], unadjusted))).toEqual([
        value,
        128,
        255 - value,
      ]);
  });

  it.each<[string, Partial<Adjustments>, Triple, Triple]>([
    ['brightness is added', { brightness: 0.2 }, [0.1, 0.5, 0.9], [0.3, 0.7, 1]],
    ['contrast spreads around the middle', { contrast: 2 }, [0.25, 0.5, 0.7], [0, 0.5, 0.9]],
    ['gamma 2 is the square root', { gamma: 2 }, [0.25, 0.49, 1], [0.5, 0.7, 1]],
    ['gamma 0.5 is the square', { gamma: 0.5 }, [0.5, 0.3, 0], [0.25, 0.09, 0]],
    ['saturation 0 is the light alone', { saturation: 0 }, [1, 0, 0], [0.2126, 0.2126, 0.2126]],
    [
      'saturation 2 doubles the way from grey',
      { saturation: 2 },
      [0.5, 0.4, 0.4],
      [0.57874, 0.37874, 0.37874],
    ],
    [
      'contrast comes before brightness, gamma after both',
      { contrast: 2, brightness: 0.09, gamma: 2 },
      [0.45, 0.2, 0.7],
      [0.7, 0, 0.994987],
    ],
  ])('%s', (_what, change, from, to) => {
    adjusted(from, some(change)).forEach((value, i) => expect(value).toBeCloseTo(to[i] ?? 0, 5));
  });

  it('makes the chosen white white, and what is half as light half as light', () => {
    const glass: Triple = [0.9, 0.8, 0.85];
    expect(adjusted(glass, unadjusted, glass)).toEqual([1, 1, 1]);
    adjusted([0.45, 0.4, 0.425], unadjusted, glass).forEach((value) => expect(value).toBeCloseTo(0.5, 6));
  });
});

describe('colourChange', () => {
  const cube = bakeCube(([r, g, b]) => [r ** 1.8 * 0.9 + g ** 1.8 * 0.1, g ** 2.4, b ** 2 * 1.1 - g * 0.05]);
  const white: Triple = [0.93, 0.9, 0.95];
  const strong = some({ brightness: 0.1, contrast: 1.4, gamma: 1.6, saturation: 1.5 });
  it.each<[string, Look]>([
    ['adjustments', { adjustments: strong }],
    ['a white point', { adjustments: unadjusted, white }],
    ['a colour profile', { adjustments: unadjusted, cube }],
    ['all of them', { adjustments: strong, white, cube }],
  ])('gives the same colours as the formulas: %s', (_what, look) => {
    const change = colourChange(look);
    let largest = 0;
    for (let r = 0; r < 256; r += 15)
      for (let g = 0; g < 256; g += 15)
        for (let b = 0; b < 256; b += 15) {
          const packed = change(r, g, b);
          const wanted = rounded(shownColour([r / 255, g / 255, b / 255], look));
          const shown = [packed & 255, (packed >> 8) & 255, packed >> 16];
          shown.forEach((value, i) => (largest = Math.max(largest, Math.abs(value - (wanted[i] ?? 0)))));
        }
    expect(largest).toBeLessThanOrEqual(1);
  });
});
