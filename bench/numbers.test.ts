import { describe, expect, it } from 'vitest';
import { compareRatios } from './gate-verdicts.ts';
import { parseStat } from './proc.ts';
import { isMet, ratioOf, type Row } from './result.ts';
import { inTurn, percentile, spreadOf } from './runs.ts';
import { plain } from './svg.ts';
import { parseResult } from './wrk.ts';

const measured = (name: string, value: number) => ({ name, spread: spreadOf([value]) });

function row(unit: string, ours: number, peer: number, target?: Row['target']): Row {
  const pair = { ours: measured('Telepath', ours), peer: measured('peer', peer) };
  return { id: 'a', what: 'a', unit, ...pair, ...(target === undefined ? {} : { target }) };
}

describe('percentile', () => {
  it.each([
    [[3], 95, 3],
    [[4, 1, 3, 2], 50, 2.5],
    [[10, 20, 30, 40, 50], 95, 48],
    [[1, 2, 3], 0, 1],
    [[1, 2, 3], 100, 3],
  ])('of %j at %d is %d', (values, percent, wanted) => {
    expect(percentile(values, percent)).toBeCloseTo(wanted, 12);
  });

  it('refuses to speak of nothing', () => {
    expect(() => percentile([], 50)).toThrow('no values');
  });
});

describe('inTurn', () => {
  it('lets contenders take turns', async () => {
    const order: string[] = [];
    const run = (name: string) => async () => order.push(name);
    expect(await inTurn(2, { a: run('a'), b: run('b') })).toEqual({ a: [1, 3], b: [2, 4] });
    expect(order).toEqual(['a', 'b', 'a', 'b']);
  });
});

describe('parseStat', () => {
  it('reads times and memory behind a name with spaces and brackets', () => {
    const fields = '12 (a) b) c) S 7 1 1 0 -1 0 0 0 0 0 150 50 300 100 20 0 1 0 5 0 1000 0';
    expect(parseStat(fields)).toEqual({ parent: 7, cpu: 2, childrenCpu: 4, rss: 4_096_000 });
  });
});

describe('parseResult', () => {
  it('gives rate, CPU and latencies: 1000 answers in 2 s for 0.5 s of CPU', () => {
    const result = parseResult('x', 'noise\nRESULT 1000 2000000 0 1500 9000\n', 0.5);
    expect(result).toEqual({ answers: 1000, perSecond: 500, cpuMicros: 500, p50: 1.5, p99: 9 });
  });

  it.each(['RESULT 1000 2000000 1 1500 9000', 'RESULT 0 2000000 0 0 0', 'nothing'])(
    'refuses %j',
    (output) => {
      expect(() => parseResult('x', output, 1)).toThrow('x');
    },
  );
});

describe('isMet', () => {
  it.each([
    [row('s', 1, 100, { of: 'ratio', atMost: 0.01 }), true],
    [row('s', 1.1, 100, { of: 'ratio', atMost: 0.01 }), false],
    [row('tiles/s', 45, 100, { of: 'ratio', atLeast: 0.45 }), true],
    [row('tiles/s', 44, 100, { of: 'ratio', atLeast: 0.45 }), false],
    [row('MiB', 1025, 1, { of: 'value', atMost: 1024 }), false],
    [row('s', 1, 1), undefined],
  ])('%#: says whether the figure is reached', (one, wanted) => {
    expect(isMet(one)).toBe(wanted);
    expect(ratioOf(one)).toBe(one.ours.spread.median / (one.peer?.spread.median ?? Number.NaN));
  });
});

describe('compareRatios', () => {
  it.each([
    ['s', 0.5, 0.624, false],
    ['s', 0.5, 0.626, true],
    ['tiles/s', 2, 1.51, false],
    ['tiles/s', 2, 1.49, true],
  ])('in %s, kept %d×, %d× is behind: %s', (unit, kept, measured, isBehind) => {
    expect(compareRatios([{ a: kept }], [[row(unit, measured, 1)]])[0]?.isBehind).toBe(isBehind);
  });

  it('takes the best of two measurements', () => {
    const [rate] = compareRatios([{ a: 2 }], [[row('tiles/s', 1, 1)], [row('tiles/s', 2, 1)]]);
    expect(rate).toMatchObject({ ratio: 2, isBehind: false });
    const [time] = compareRatios([{ a: 1 }], [[row('s', 3, 1)], [row('s', 1, 1)]]);
    expect(time).toMatchObject({ ratio: 1, isBehind: false });
  });

  it('goes by the least good of several kinds of machines', () => {
    const kinds = [{ a: 2 }, { a: 3 }];
    expect(compareRatios(kinds, [[row('tiles/s', 1.51, 1)]])[0]).toMatchObject({
      baseline: 2,
      isBehind: false,
    });
    expect(compareRatios(kinds, [[row('s', 3.7, 1)]])[0]).toMatchObject({ baseline: 3, isBehind: false });
    expect(compareRatios(kinds, [[row('s', 3.8, 1)]])[0]?.isBehind).toBe(true);
  });

  it('fails what is not kept, and throws when what is kept was not measured', () => {
    expect(compareRatios([{}], [[row('s', 1, 1)]])[0]?.isBehind).toBe(true);
    expect(() => compareRatios([{ a: 1, b: 1 }], [[row('s', 1, 1)]])).toThrow('not measured: b');
  });
});

describe('plain', () => {
  it.each([
    [0, '0'],
    [0.00012345, '0.000123'],
    [0.4567, '0.457'],
    [12.34, '12.3'],
    [98_765.4, '98,765'],
  ])('writes %d as %s', (value, wanted) => {
    expect(plain(value)).toBe(wanted);
  });
});
