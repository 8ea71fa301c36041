import { describe, expect, it } from 'vitest';
import { viewToFollow } from './follow.ts';

const view = { slideId: 'a', x: 100, y: 50, zoom: 0.5, degrees: 90, width: 1000, height: 500 };

describe('viewToFollow', () => {
  it.each([
    [{ width: 1000, height: 500 }, 0.5],
    [{ width: 500, height: 500 }, 0.25],
    [{ width: 2000, height: 750 }, 0.75],
  ])('on %o shows all of it at a zoom of %f', (own, zoom) => {
    expect(viewToFollow(view, own)).toEqual({ x: 100, y: 50, degrees: 90, zoom });
  });
});
