import { assert, integer, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halve, newRaster, rasterOf, repeatEdge, type Raster } from './box-shrink.ts';

/** A raster of grey values, row by row. */
function grey(width: number, values: readonly number[]): Raster {
  const pixels = Uint8Array.from(values.flatMap((value) => [value, value, value]));
  return rasterOf({ width, height: values.length / width }, pixels);
}

/** Red samples, row by row, padding included. */
function reds({ pixels }: Raster): number[] {
  return [...pixels].filter((_, i) => i % 3 === 0);
}

describe('halve', () => {
  it.each([
    // (1+2+3+4+2)>>2 = 3, (10+20+30+40+2)>>2 = 25
    ['2 × 2 blocks', 4, [1, 2, 10, 20, 3, 4, 30, 40], [3, 25]],
    // the last column stands for two: (5+5+8+8+2)>>2 = 7
    ['an odd width', 3, [0, 0, 5, 0, 0, 8], [0, 7]],
    // the last row stands for two: (1+2+1+2+2)>>2 = 2
    ['an odd height', 2, [0, 0, 0, 0, 1, 2], [0, 2]],
    ['one pixel', 1, [77], [77]],
    // (254+255+255+255+2)>>2 = 255: no overflow; (0+1+0+0+2)>>2 = 0, (0+1+1+0+2)>>2 = 1: half rounds up
    ['the ends of the scale', 6, [254, 255, 0, 1, 0, 1, 255, 255, 0, 0, 1, 0], [255, 0, 1]],
  ])('takes the mean of %s', (_, width, values, expected) => {
    expect(reds(halve(grey(width, values)))).toEqual(expected);
  });

  it('keeps the channels apart', () => {
    const pixels = Uint8Array.from([8, 80, 200, 16, 90, 210, 8, 80, 200, 16, 90, 210]);
    expect([...halve(rasterOf({ width: 2, height: 2 }, pixels)).pixels]).toEqual([12, 85, 205]);
  });

  it('gives whole tiles, the edge repeated into their padding', () => {
    const half = halve(grey(4, [1, 1, 9, 9, 1, 1, 9, 9]), 4);
    expect([half.width, half.height, half.stride, half.rows]).toEqual([2, 1, 4, 4]);
    expect(reds(half)).toEqual([1, 9, 9, 9, 1, 9, 9, 9, 1, 9, 9, 9, 1, 9, 9, 9]);
  });

  it('is the rounded mean of what it covers, for any size and alignment of the buffer', () => {
    const side = integer({ min: 1, max: 23 });
    assert(
      property(side, side, integer({ min: 0, max: 3 }), nat(), (width, height, shift, seed) => {
        const buffer = new Uint8Array(width * height * 3 + shift);
        for (let i = 0; i < buffer.length; i++) buffer[i] = Math.imul(i + seed, 2_654_435_761) >>> 24;
        const pixels = buffer.subarray(shift);
        const half = halve(rasterOf({ width, height }, pixels));
        const at = (x: number, y: number, c: number) =>
          pixels[(Math.min(y, height - 1) * width + Math.min(x, width - 1)) * 3 + c] ?? Number.NaN;
        const expected: number[] = [];
        for (let y = 0; y < height; y += 2)
          for (let x = 0; x < width; x += 2)
            for (let c = 0; c < 3; c++) {
              const mean = (at(x, y, c) + at(x + 1, y, c) + at(x, y + 1, c) + at(x + 1, y + 1, c)) / 4;
              expected.push(Math.floor(mean + 0.5));
            }
        expect([...half.pixels]).toEqual(expected);
      }),
    );
  });
});

describe('repeatEdge', () => {
  it('fills the padding to the right and below', () => {
    const raster = newRaster({ width: 1, height: 1 }, 2);
    raster.pixels.set([1, 2, 3]);
    repeatEdge(raster);
    expect([...raster.pixels]).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });
});
