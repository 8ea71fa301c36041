import { beforeAll, describe, expect, it } from 'vitest';
import { readTraces, replay, replayOnce, samplesOf, type Trace } from './traces.ts';

const recorded = { size: { width: 46_000, height: 33_000 }, tileSize: 256 };
let traces: Trace[];
beforeAll(async () => {
  traces = await readTraces();
});

describe('the recorded traces', () => {
  it('are three, each with hundreds of tiles that lie on the slide they were recorded on', () => {
    expect(traces.map(({ name }) => name)).toEqual(['diagnosis', 'search', 'survey']);
    for (const trace of traces) {
      const places = replay(trace, recorded);
      expect(places).toEqual(
        trace.moves.flatMap(({ tiles }) => tiles.map(([level, column, row]) => ({ level, column, row }))),
      );
      expect(places.length).toBeGreaterThan(300);
    }
  });
});

describe('replay', () => {
  it('keeps to the grid of a smaller slide: 12,288 × 8,192 px has 48 × 32 tiles at level 14', () => {
    const places = traces.flatMap((trace) =>
      replay(trace, { size: { width: 12_288, height: 8192 }, tileSize: 256 }),
    );
    const finest = places.filter(({ level }) => level === 14);
    expect(finest.length).toBeGreaterThan(300);
    expect(places.every(({ level }) => level <= 14)).toBe(true);
    expect(Math.max(...finest.map(({ column }) => column))).toBeLessThan(48);
    expect(Math.max(...finest.map(({ row }) => row))).toBeLessThan(32);
  });
});

describe('replayOnce', () => {
  it.each([
    [0, 180 * 129],
    [1, 90 * 65],
  ])('asks at depth %d for each tile once, all of them if need be: %d', (depth, count) => {
    const places = replayOnce(traces, recorded, { depth, most: 100_000 });
    const named = new Set(places.map(({ level, column, row }) => `${level}/${column}_${row}`));
    expect(named.size).toBe(places.length);
    expect(places.length).toBe(count);
    expect(places.every(({ level }) => level === 16 - depth)).toBe(true);
  });
});

describe('samplesOf', () => {
  it('takes at most four tiles of each level', () => {
    const places = Array.from({ length: 100 }, (_, i) => ({ level: i % 3, column: i, row: 0 }));
    const samples = samplesOf(places);
    expect(samples).toHaveLength(12);
    expect(new Set(samples.map(({ level }) => level)).size).toBe(3);
  });
});
