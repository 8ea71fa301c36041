import { describe, expect, it } from 'vitest';
import { bytesPerMinute, LineSpeed } from './line-speed.ts';

const mebi = 2 ** 20;

describe('LineSpeed', () => {
  it('counts time in which several came at once once, and pauses not at all', () => {
    let now = 0;
    const line = new LineSpeed(() => now);
    const first = line.begin();
    const second = line.begin();
    now = 500;
    first(mebi);
    now = 1000;
    second(mebi);
    now = 60_000;
    const third = line.begin();
    now = 61_000;
    third(2 * mebi);
    expect(line.bytesPerSecond).toBe(2 * mebi);
  });

  it('does not know a line that little came through', () => {
    const line = new LineSpeed(() => 0);
    line.begin()(1000);
    expect(line.bytesPerSecond).toBeUndefined();
    expect(line.isFast).toBeUndefined();
    expect(line.allowance()).toBe(6 * mebi);
  });

  it.each([
    [900_000, false],
    [1_100_000, true],
  ])('is fast or not at %i B/s', (bytes, isFast) => {
    let now = 0;
    const line = new LineSpeed(() => now);
    const ended = line.begin();
    now = 1000;
    ended(bytes);
    expect(line.isFast).toBe(isFast);
  });

  it('gives back after a minute what was used', () => {
    let now = 0;
    const line = new LineSpeed(() => now);
    line.noteAhead(4 * mebi);
    expect(line.allowance()).toBe(2 * mebi);
    now = 59_000;
    line.noteAhead(3 * mebi);
    expect(line.allowance()).toBe(0);
    now = 61_000;
    expect(line.allowance()).toBe(3 * mebi);
  });
});

describe('bytesPerMinute', () => {
  it.each([
    [undefined, 6 * mebi],
    [100_000, 1_500_000],
    [100 * mebi, 40 * mebi],
  ])('%s B/s', (speed, allowed) => {
    expect(bytesPerMinute(speed)).toBe(allowed);
  });
});
