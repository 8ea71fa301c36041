import { describe, expect, it } from 'vitest';
import { alignmentText, pictureWords, stretchText } from './words.ts';

describe('alignmentText', () => {
  it.each([
    [{ x: 0, y: 0, degrees: 0 }, 'not moved'],
    [{ x: 1.25, y: -0.4, degrees: 12.5 }, '1.25 mm right, 0.40 mm up, turned 12.5° clockwise'],
    [{ x: -0.0123, y: 0.00001, degrees: -90 }, '12.3 µm left, turned 90° anticlockwise'],
    [{ x: 0, y: 2, degrees: 0.01 }, '2.00 mm down'],
  ])('%o', (alignment, text) => {
    expect(alignmentText(alignment, true)).toBe(text);
  });
  it('names no length where no scale is known', () => {
    expect(alignmentText({ x: 1, y: -1, degrees: 5 }, false)).toBe(
      'moved right, moved up, turned 5° clockwise',
    );
  });
});

describe('stretchText', () => {
  it.each([
    [0.004, undefined],
    [0.02, 'On B the marks are 2 % further apart: their middle was laid together.'],
    [-0.25, 'On B the marks are 25 % closer together: their middle was laid together.'],
  ])('%d', (stretch, text) => {
    expect(stretchText('B', stretch)).toBe(text);
  });
});

describe('pictureWords', () => {
  it.each([
    [false, 'applied', undefined],
    [false, 'missing', undefined],
    [true, 'missing', 'image adjusted'],
    [true, 'off', 'image adjusted, colour profile off'],
    [false, 'unusable', 'colour profile off'],
  ] as const)('adjusted: %s, profile: %s', (isAdjusted, profileUse, words) => {
    expect(pictureWords({ isAdjusted, profileUse })).toBe(words);
  });
});
