import { describe, expect, it } from 'vitest';
import { magnificationOf, magnificationSteps, magnificationText, zoomFor } from './magnification.ts';

const at = (mpp: number) => ({ x: mpp, y: mpp });

describe('magnificationOf', () => {
  it.each([
    [1, 0.25, 40],
    [0.5, 0.25, 20],
    [1, 0.5, 20],
    [2, 0.5, 40],
    [0.1, 0.25, 4],
  ])('zoom %d of a slide with %d µm per px is %d×', (zoom, mpp, expected) => {
    expect(magnificationOf(zoom, at(mpp))).toBeCloseTo(expected, 9);
  });

  it('takes the geometric mean of unequal directions', () => {
    expect(magnificationOf(1, { x: 0.2, y: 0.8 })).toBeCloseTo(25, 9);
  });

  it('is undone by zoomFor', () => {
    expect(zoomFor(magnificationOf(0.37, at(0.499)), at(0.499))).toBeCloseTo(0.37, 12);
  });
});

describe('magnificationSteps', () => {
  it('gives six steps, and marks 40× on a 20× slide as digital zoom', () => {
    const steps = magnificationSteps(at(0.499), 20);
    expect(steps.map((step) => step.label)).toEqual(['1×', '2×', '5×', '10×', '20×', '40×']);
    expect(steps.map((step) => step.isDigital)).toEqual([false, false, false, false, false, true]);
    expect(steps[4]?.zoom).toBeCloseTo(0.998, 9);
  });

  it('marks nothing on a 40× slide', () => {
    expect(magnificationSteps(at(0.2523), 40).some((step) => step.isDigital)).toBe(false);
  });

  it('believes the pixel size when the objective is not told', () => {
    expect(magnificationSteps(at(0.23)).at(-1)?.isDigital).toBe(false);
    expect(magnificationSteps(at(3.2)).find((step) => step.label === '5×')?.isDigital).toBe(true);
  });

  it('speaks of pixels when the scale is unknown', () => {
    const steps = magnificationSteps(undefined, 40);
    expect(steps.map((step) => step.label)).toEqual(['1:16', '1:8', '1:4', '1:2', '1:1', '2:1']);
    expect(steps.map((step) => step.isDigital)).toEqual([false, false, false, false, false, true]);
  });
});

describe('magnificationText', () => {
  it.each([
    [1, at(0.25), '≈ 40×'],
    [0.49, at(0.25), '≈ 19.6×'],
    [0.02, at(0.25), '≈ 0.8×'],
    [0.002, at(0.25), '≈ 0.08×'],
    [4, at(0.25), '≈ 160×'],
    [0.4, undefined, '1:2.5'],
    [1, undefined, '1:1'],
    [2, undefined, '2:1'],
  ])('zoom %d reads %s', (zoom, mpp, expected) => {
    expect(magnificationText(zoom, mpp)).toBe(expected);
  });
});
