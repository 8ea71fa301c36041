import { describe, expect, it } from 'vitest';
import { mppFromResolution, parseDecimal, plausibleMpp, plausiblePower } from './resolution.ts';
import { memorySource } from './test-source.ts';
import { readTiff } from './tiff/reader.ts';
import { type TestField, testTiff } from './tiff/test-tiff.ts';

describe('parseDecimal', () => {
  it.each([
    ['0.4990', 0.499],
    ['0,4990', 0.499],
    [' 20 ', 20],
    ['4.99e-1', 0.499],
    ['2.', 2],
  ])('reads %j as %d', (text, value) => expect(parseDecimal(text)).toBe(value));

  it.each(['', 'nan', 'NaN', 'inf', '0', '0.0', '-1', '0x10', '1.2.3', '1 2', '1e999', '1'.repeat(10_000)])(
    'makes nothing of %j',
    (text) => expect(parseDecimal(text)).toBeUndefined(),
  );

  it('makes nothing of nothing', () => expect(parseDecimal(undefined)).toBeUndefined());
});

describe('plausibleMpp and plausiblePower', () => {
  it('take what scanners have', () => {
    expect(plausibleMpp(0.25, 0.25)).toEqual({ x: 0.25, y: 0.25 });
    expect(plausibleMpp(0, 0.25)).toBeUndefined();
    expect(plausibleMpp(0.25, 100_000)).toBeUndefined();
    expect(plausiblePower(40)).toBe(40);
    expect(plausiblePower(5000)).toBeUndefined();
  });
});

const unit = (value: number): TestField => [296, 3, value];
const both = (numerator: number, denominator: number): TestField[] => [
  [282, 5, numerator, denominator],
  [283, 5, numerator, denominator],
];

describe('mppFromResolution', () => {
  it.each<[string, TestField[], number | undefined]>([
    ['40,000 px/cm', [unit(3), ...both(40_000, 1)], 0.25],
    ['101,600 px/inch', [unit(2), ...both(101_600, 1)], 0.25],
    ['101,600 px without unit, which means inch', both(101_600, 1), 0.25],
    ['3,130 px/cm, a reduced slide', [unit(3), ...both(3130, 1)], 10_000 / 3130],
    ['72 dpi, a program that knows nothing', [unit(2), ...both(72, 1)], undefined],
    ['300 dpi, a print', [unit(2), ...both(300, 1)], undefined],
    ['2,400 dpi, a flatbed scanner', [unit(2), ...both(2400, 1)], undefined],
    ['20 px/cm, libvips by default', [unit(3), ...both(20, 1)], undefined],
    ['no absolute unit', [unit(1), ...both(40_000, 1)], undefined],
    ['n/0', [unit(3), ...both(1, 0)], undefined],
    ['0/1', [unit(3), ...both(0, 1)], undefined],
    ['nothing', [], undefined],
  ])('of %s is %s', async (_, fields, mpp) => {
    const bytes = testTiff({ isBig: false, isLittleEndian: true }, [[[256, 4, 1], ...fields]]);
    const file = await readTiff(memorySource('a.tif', bytes));
    const found = await mppFromResolution({ file, directory: file.directories[0]! });
    expect(found).toEqual(mpp === undefined ? undefined : { x: mpp, y: mpp });
  });
});
