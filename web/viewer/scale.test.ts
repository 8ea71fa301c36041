import { describe, expect, it } from 'vitest';
import { lengthText, roundLength, scaleBarFor } from './scale.ts';

describe('roundLength', () => {
  it.each([
    [1, 1],
    [1.99, 1],
    [2, 2],
    [4.99, 2],
    [5, 5],
    [9.99, 5],
    [10, 10],
    [0.3, 0.2],
    [37.5, 20],
    [749, 500],
    [1000, 1000],
    [123_456, 100_000],
  ])('of at most %d is %d', (limit, expected) => {
    expect(roundLength(limit)).toBeCloseTo(expected, 9);
  });
});

describe('scaleBarFor', () => {
  it.each([
    [0.25, 150, '20 µm', 80],
    [0.5, 150, '50 µm', 100],
    [10, 150, '1 mm', 100],
    [66.7, 150, '10 mm', 149.925],
  ])('at %d µm per px in %d px writes %s', (micronsPerPx, maxWidthPx, label, widthPx) => {
    const bar = scaleBarFor(micronsPerPx, maxWidthPx);
    expect(bar.label).toBe(label);
    expect(bar.widthPx).toBeCloseTo(widthPx, 2);
  });

  it('never draws more than asked, nor less than two fifths of it', () => {
    for (let micronsPerPx = 0.01; micronsPerPx < 500; micronsPerPx *= 1.07) {
      const { widthPx } = scaleBarFor(micronsPerPx, 140);
      expect(widthPx).toBeLessThanOrEqual(140 * (1 + 1e-9));
      expect(widthPx).toBeGreaterThanOrEqual(140 * 0.4 * (1 - 1e-9));
    }
  });
});

describe('lengthText', () => {
  it.each([
    [0.5, '500 nm'],
    [1, '1 µm'],
    [500, '500 µm'],
    [1000, '1 mm'],
    [2500, '2.5 mm'],
    [50_000, '50 mm'],
    [200_000, '20 cm'],
  ])('%d µm reads %s', (microns, expected) => {
    expect(lengthText(microns)).toBe(expected);
  });
});
