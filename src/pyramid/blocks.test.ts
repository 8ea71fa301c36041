import { describe, expect, it } from 'vitest';
import { bandRows, exponentsToOneTile, passesOf } from './blocks.ts';

describe('exponentsToOneTile', () => {
  it.each([
    [256, 256, 0],
    [257, 1, 1],
    [513, 512, 2], // 257, then 129
    [46_000, 33_000, 8], // 46000 / 2^8 = 179.7
  ])('%i × %i px', (width, height, expected) => {
    expect(exponentsToOneTile({ width, height }, 256)).toBe(expected);
  });
});

describe('passesOf', () => {
  it('cuts squares of 4096 px and hands 1/32 to the next pass', () => {
    const passes = passesOf({ width: 10_000, height: 5000 }, 256, [0, 1, 2, 3, 4, 5, 6], 'squares');
    expect(passes.map(({ exponent, halvings, emit }) => ({ exponent, halvings, emit }))).toEqual([
      { exponent: 0, halvings: 5, emit: [0, 1, 2, 3, 4] },
      { exponent: 5, halvings: 2, emit: [5, 6] },
    ]);
    expect(passes[0]?.reduced).toEqual({ width: 313, height: 157 });
    expect(passes[1]?.reduced).toBeUndefined();
    expect(passes[0]?.blocks).toHaveLength(6);
    expect(passes[0]?.blocks.at(-1)).toEqual({ left: 8192, top: 4096, width: 1808, height: 904 });
  });

  it('cuts bands as high as 80 MiB of pixels allow, whole tiles high', () => {
    expect(bandRows(46_000, 256)).toBe(512); // 1024 rows would be 135 MiB
    expect(bandRows(500_000, 256)).toBe(256); // a row of tiles at least
    const [first] = passesOf({ width: 46_000, height: 2000 }, 256, [0, 1, 2, 3], 'bands');
    expect(first?.blocks).toEqual([
      { left: 0, top: 0, width: 46_000, height: 512 },
      { left: 0, top: 512, width: 46_000, height: 512 },
      { left: 0, top: 1024, width: 46_000, height: 512 },
      { left: 0, top: 1536, width: 46_000, height: 464 },
    ]);
    expect(first).toMatchObject({ halvings: 2, emit: [0, 1], reduced: { width: 11_500, height: 500 } });
  });

  it('makes no pass that nothing wants', () => {
    expect(passesOf({ width: 100_000, height: 100_000 }, 256, [1], 'squares')).toHaveLength(1);
  });
});
