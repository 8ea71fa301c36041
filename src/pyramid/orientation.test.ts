import { describe, expect, it } from 'vitest';
import { rasterOf } from './box-shrink.ts';
import { storedRect, turned, turnedSize } from './orientation.ts';

// Stored:  1 2 3
//          4 5 6
const stored = rasterOf(
  { width: 3, height: 2 },
  Uint8Array.from([1, 2, 3, 4, 5, 6].flatMap((value) => [value, value, value])),
);

/** TIFF 6.0, tag 274: where the 0th row and the 0th column of the stored image stand in the upright one. */
const upright = [
  [1, 'top, left', [1, 2, 3, 4, 5, 6]],
  [2, 'top, right', [3, 2, 1, 6, 5, 4]],
  [3, 'bottom, right', [6, 5, 4, 3, 2, 1]],
  [4, 'bottom, left', [4, 5, 6, 1, 2, 3]],
  [5, 'left, top', [1, 4, 2, 5, 3, 6]],
  [6, 'right, top', [4, 1, 5, 2, 6, 3]],
  [7, 'right, bottom', [6, 3, 5, 2, 4, 1]],
  [8, 'left, bottom', [3, 6, 2, 5, 1, 4]],
] as const;

describe('turned', () => {
  it.each(upright)('orientation %i: %s', (orientation, _, expected) => {
    const raster = turned(stored, orientation);
    expect([...raster.pixels].filter((_, i) => i % 3 === 0)).toEqual(expected);
    expect(raster.width).toBe(orientation >= 5 ? 2 : 3);
  });
});

describe('storedRect', () => {
  it.each(upright)(
    'orientation %i: each upright pixel is found where it is stored',
    (orientation, _, expected) => {
      const { width, height } = turnedSize(stored, orientation);
      const found: number[] = [];
      for (let top = 0; top < height; top++)
        for (let left = 0; left < width; left++) {
          const rect = storedRect({ left, top, width: 1, height: 1 }, stored, orientation);
          found.push(1 + rect.top * 3 + rect.left);
        }
      expect(found).toEqual(expected);
    },
  );
});
