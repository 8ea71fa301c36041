import { describe, expect, it } from 'vitest';
import { bandOf, SeenMap } from './seen-map.ts';
import { tissueIn, unseenPart } from './tissue.ts';

/** 128 × 64 cells of 100 px. */
const size = { width: 12_800, height: 6400 };
const cell = (column: number, row: number) => row * 128 + column;

describe('SeenMap', () => {
  it('counts the cells whose middle is on the screen, in the band of the magnification', () => {
    const map = new SeenMap(size);
    expect([map.columns, map.rows]).toEqual([128, 64]);
    expect(map.add({ x: 1000, y: 1000, width: 200, height: 100, degrees: 0 }, 10, 2)).toBe(true);
    const seen = [...map.seconds[2]!.keys()].filter((at) => map.seconds[2]![at] === 2);
    expect(seen).toEqual([cell(9, 9), cell(10, 9), cell(9, 10), cell(10, 10)]);
    expect(map.secondsFrom(3, cell(9, 9))).toBe(0);
    expect(map.secondsFrom(0, cell(9, 9))).toBe(2);
  });

  it('knows that the screen is turned', () => {
    const map = new SeenMap(size);
    map.add({ x: 1050, y: 1050, width: 500, height: 100, degrees: 90 }, 40, 1);
    const seen = [...map.seconds[3]!.keys()].filter((at) => map.seconds[3]![at] === 1);
    expect(seen).toEqual([8, 9, 10, 11, 12].map((row) => cell(10, row)));
  });

  it('counts nothing below the first band, or beside the slide', () => {
    const map = new SeenMap(size);
    expect(map.add({ x: 6400, y: 3200, width: 20_000, height: 20_000, degrees: 0 }, 1, 5)).toBe(false);
    map.add({ x: -5000, y: 0, width: 1000, height: 1000, degrees: 0 }, 20, 5);
    expect(map.toWire().bands).toEqual(['', '', '', '']);
  });

  it('comes back from the service as it went, to a step of 1.4, and takes over what is longer', () => {
    const map = new SeenMap(size);
    map.add({ x: 50, y: 50, width: 90, height: 90, degrees: 0 }, 20, 10);
    map.add({ x: 150, y: 50, width: 90, height: 90, degrees: 0 }, 20, 0.5);
    const wire = map.toWire();
    expect(atob(wire.bands[3]!).charCodeAt(0)).toBe(0x92);
    const other = new SeenMap(size);
    other.add({ x: 50, y: 50, width: 90, height: 90, degrees: 0 }, 20, 30);
    other.merge(wire);
    expect(other.seconds[3]![0]).toBe(30);
    expect(other.seconds[3]![1]).toBe(0.5);
  });
});

describe('bandOf', () => {
  it.each([
    [2.3, -1],
    [2.5, 0],
    [9.9, 2],
    [10, 2],
    [19, 2],
    [40, 3],
  ])('%s× is in %s', (magnification, band) => {
    expect(bandOf(magnification)).toBe(band);
  });
});

describe('tissue', () => {
  /** White glass with a pink quarter, upper left. */
  const data = new Uint8ClampedArray(8 * 8 * 4).fill(240);
  for (let y = 0; y < 4; y++) for (let x = 0; x < 4; x++) data.set([220, 150, 190, 255], (y * 8 + x) * 4);
  const picture = { width: 8, height: 8, data };

  it('is what has colour', () => {
    const tissue = tissueIn(picture, 4, 4);
    expect([...tissue.keys()].filter((at) => tissue[at])).toEqual([0, 1, 4, 5]);
    expect(tissueIn(picture, 16, 16).filter(Boolean)).toHaveLength(64);
  });

  it('is unseen as far as it was not looked at for long enough', () => {
    const tissue = tissueIn(picture, 4, 4);
    expect(unseenPart(tissue, (at) => (at < 2 ? 1 : 0.1), 0.5)).toBe(0.5);
    expect(unseenPart([false, false], () => 0, 0.5)).toBe(0);
  });
});
