import { describe, expect, it } from 'vitest';
import { areaText, bytesText, durationText, grouped, sizeText } from './wording.ts';

describe('bytesText', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_938_955, '1.9 MB'],
    [9_960_000, '10 MB'],
    [999_600, '1.0 MB'],
    [2_500_000_000, '2.5 GB'],
    [3_200_000_000_000, '3.2 TB'],
  ])('%d is %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});

describe('grouped', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [46_000, '46\u202f000'],
    [1_234_567, '1\u202f234\u202f567'],
  ])('%d is %s', (count, text) => {
    expect(grouped(count)).toBe(text);
  });
});

describe('sizeText and areaText', () => {
  it('tell pixels and millimetres', () => {
    const size = { width: 46_000, height: 32_914 };
    expect(sizeText(size)).toBe('46\u202f000 × 32\u202f914 px');
    expect(areaText(size, { x: 0.25, y: 0.25 })).toBe('11.5 × 8.23 mm');
  });
});

describe('durationText', () => {
  it.each([
    [0.2, '1 s'],
    [40, '40 s'],
    [61, '1 min'],
    [3599, '1 h 0 min'],
    [4800, '1 h 20 min'],
  ])('%d s is %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});
