import { describe, expect, it } from 'vitest';
import { snap } from './whole-pixels.ts';

describe('snap', () => {
  it('lets neighbours meet on a whole pixel, whatever the zoom', () => {
    const left = { position: { x: -10.3, y: 4.5 }, size: { x: 100.4, y: 50 } };
    const right = { position: { x: 90.1, y: 4.5 }, size: { x: 100.4, y: 50 } };
    snap(left, 1);
    snap(right, 1);
    expect(left.position).toEqual({ x: -10, y: 5 });
    expect(left.position.x + left.size.x).toBe(right.position.x);
    expect(right.size.x).toBe(101);
  });

  it('lets neighbours meet half way between two pixels, where sums are a hair too small', () => {
    const upper = { position: { x: 0, y: -51.5 }, size: { x: 64, y: 63.999_999_999_99 } };
    const lower = { position: { x: 0, y: 12.5 }, size: { x: 64, y: 64 } };
    snap(upper, 1);
    snap(lower, 1);
    expect(upper.position.y + upper.size.y).toBe(lower.position.y);
  });

  it('keeps the size of a tile that is drawn one to one', () => {
    const tile = { position: { x: 0.4, y: -0.4 }, size: { x: 240, y: 240 } };
    snap(tile, 1);
    expect(tile.size).toEqual({ x: 240, y: 240 });
  });

  it('counts device pixels on a dense screen', () => {
    const tile = { position: { x: 0.3, y: 0 }, size: { x: 10, y: 10 } };
    snap(tile, 2);
    expect(tile.position.x).toBe(0.5);
  });
});
