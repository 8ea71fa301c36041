import { describe, expect, it } from 'vitest';
import type { Operation, OperationStep } from '../api/operation.ts';
import { troublesOf } from './health.ts';
import { labelPlaces } from './label-places.ts';

const step: OperationStep = {
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
const worker = {
  id: 'a',
  host: 'slides-1',
  kind: 'work',
  pid: 1,
  startedAt: step.at,
  seenAt: step.at,
} as const;
const well: Operation = {
  now: '2026-11-03T09:00:04.000Z',
  bounds: [],
  processes: [{ ...worker, kind: 'serve' }],
  steps: [step],
  jobs: [{ kind: 'convert', waiting: 0, running: 0 }],
  conversions: [],
  needAttention: 0,
  storage: { slides: 0, bytes: 0 },
  mail: { waiting: 0, failing: 0, givenUp: 0 },
};

describe('troublesOf', () => {
  it.each<readonly [string, Partial<Operation>, readonly string[]]>([
    ['nothing', {}, []],
    ['a bucket has no end', { storage: { slides: 1, bytes: 9e15 } }, []],
    [
      'waiting jobs and nobody who works',
      { jobs: [{ kind: 'convert', waiting: 1, running: 0 }] },
      ['Nobody takes up the 1 job that waits.'],
    ],
    [
      'waiting jobs and a worker',
      { jobs: [{ kind: 'convert', waiting: 20, running: 0 }], processes: [worker] },
      [],
    ],
    [
      'one more than 20',
      { jobs: [{ kind: 'convert', waiting: 21, running: 2 }] },
      ['21 slides wait to be prepared.'],
    ],
    ['what gives way may wait', { jobs: [{ kind: 'verify', waiting: 900, running: 1 }] }, []],
    ['19 GB left', { freeBytes: 19e9 }, ['The disk is nearly full: 19 GB left.']],
    ['21 GB left', { freeBytes: 21e9 }, []],
    [
      '4 % left',
      { freeBytes: 40e9, storage: { slides: 1, bytes: 960e9 } },
      ['The disk is nearly full: 40 GB left.'],
    ],
    [
      'errors',
      { steps: [{ ...step, errors: { '500': 1, '502': 2 } }] },
      ['3 requests failed in the last minute.'],
    ],
    [
      'errors of yesterday',
      { steps: [{ ...step, errors: { '500': 1 } }], now: '2026-11-04T09:00:00.000Z' },
      [],
    ],
    [
      'requests sent back',
      { steps: [{ ...step, rejected: 1 }] },
      ['1 request for tiles had to be sent back in the last minute: too many renderings wait.'],
    ],
  ])('%s', (_, change, expected) => {
    expect(troublesOf({ ...well, ...change }).map(({ what }) => what)).toEqual(expected);
  });
});

describe('labelPlaces', () => {
  const space = { least: 0, most: 100, apart: 15 };
  it.each([
    ['apart already', [10, 90], [10, 90]],
    ['too near, the lower moves', [50, 52], [50, 65]],
    ['at the end, the upper moves', [98, 99], [85, 100]],
    ['in the order given', [99, 10, 98], [100, 10, 85]],
  ])('%s', (_, wanted, expected) => {
    expect(labelPlaces(wanted, space)).toEqual(expected);
  });
});
