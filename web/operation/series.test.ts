import { describe, expect, it } from 'vitest';
import type { Operation, OperationStep } from '../api/operation.ts';
import { hitRate, lineOf, perMinute, quantile, timesOf } from './series.ts';
import { continued } from './use-operation.ts';

const quiet: OperationStep = {
  at: '2026-11-03T09:00:00.000Z',
  seconds: 5,
  tiles: {},
  latency: [],
  hits: 0,
  misses: 0,
  waiting: 0,
  rejected: 0,
  megapixels: 0,
  jobs: {},
  errors: {},
  memory: 0,
  processor: 0,
};
const at = (time: string): OperationStep => ({ ...quiet, at: `2026-11-03T${time}.000Z` });

const answer = (now: string, steps: readonly OperationStep[]): Operation => ({
  now: `2026-11-03T${now}.000Z`,
  bounds: [],
  processes: [],
  steps: [...steps],
  jobs: [],
  conversions: [],
  needAttention: 0,
  storage: { slides: 0, bytes: 0 },
  mail: { waiting: 0, failing: 0, givenUp: 0 },
});

describe('quantile', () => {
  const bounds = [0.001, 0.01, 0.1];
  it.each([
    // Half of 100 are 50: all within the first 80, so 50/80 of the first bound.
    ['within the first bound', [80, 10, 10, 0], 0.5, 0.000625],
    ['at the end of a bound', [80, 10, 10, 0], 0.9, 0.01],
    ['within the last bound', [80, 10, 10, 0], 0.95, 0.055],
    ['over the last bound', [0, 0, 0, 4], 0.5, 0.1],
    ['across empty bounds', [0, 0, 4, 0], 0.5, 0.055],
  ])('%s', (_, latency, share, expected) => {
    expect(quantile(bounds, latency, share)).toBeCloseTo(expected, 9);
  });

  it('is nothing when nothing was answered', () => {
    expect(quantile(bounds, [0, 0, 0, 0], 0.5)).toBeNull();
    expect(quantile(bounds, [], 0.5)).toBeNull();
  });
});

describe('lines', () => {
  it('have a hole where steps are missing', () => {
    const times = timesOf([at('09:00:00'), at('09:00:05'), at('09:00:30')]);
    expect(times.map(({ step }) => step !== undefined)).toEqual([true, true, false, true]);
    expect(lineOf(times, 'waiting', ({ waiting }) => waiting).values).toEqual([0, 0, null, 0]);
  });

  it('count per minute, and know no rate of nothing', () => {
    expect(perMinute(2, quiet)).toBe(24);
    expect(perMinute(undefined, quiet)).toBe(0);
    expect(hitRate(quiet)).toBeNull();
    expect(hitRate({ hits: 3, misses: 1 })).toBe(0.75);
  });
});

describe('continued', () => {
  it('adds what is new, once, and forgets what is older than ten minutes', () => {
    const first = continued(undefined, answer('09:00:06', [at('09:00:00'), at('09:00:05')]));
    const second = continued(first, answer('09:10:04', [at('09:00:05'), at('09:10:00')]));
    expect(second.steps.map((step) => step.at.slice(11, 19))).toEqual(['09:00:05', '09:10:00']);
  });
});
