import { describe, expect, it } from 'vitest';
import { drawnPlaces } from './tray-of.ts';
import { nextMagnification, nextView, noteLeft } from './next-view.ts';

const mpp = (micron: number) => ({ x: micron, y: micron });
const view = { x: 5, y: 6, zoom: 0.5, degrees: 30 };
const next = { id: 'b', size: { width: 8000, height: 6000 }, mpp: mpp(0.5) };

describe('nextView', () => {
  it('keeps the magnification from a 40× scan to a 20× scan', () => {
    // 0.5 CSS px per 0.25 µm are 20×, which a scan of 0.5 µm shows at 1 CSS px per px.
    const leaving = { slide: { mpp: mpp(0.25) }, view, home: 0.1 };
    expect(nextMagnification(leaving)).toBeCloseTo(20);
    expect(nextView(leaving, next)).toEqual({ x: 4000, y: 3000, zoom: 1, degrees: 0 });
  });

  it('goes back to where a slide was left', () => {
    noteLeft('c', { ...view, x: 100, y: 200 });
    const leaving = { slide: { mpp: mpp(0.25) }, view, home: 0.1 };
    expect(nextView(leaving, { ...next, id: 'c' })).toMatchObject({ x: 100, y: 200, zoom: 1 });
  });

  it.each([
    ['seen whole', { slide: { mpp: mpp(0.25) }, view, home: 0.5 }, next],
    ['without a scale', { slide: {}, view, home: 0.1 }, next],
    [
      'before one without a scale',
      { slide: { mpp: mpp(0.25) }, view, home: 0.1 },
      { id: 'd', size: next.size },
    ],
  ])('shows all of it after a slide %s', (_, leaving, after) => {
    expect(nextView(leaving, after)).toBeUndefined();
  });
});

describe('drawnPlaces', () => {
  it.each([
    [7, 3, 0, 7],
    [5000, 0, 0, 61],
    [5000, 2500, 2440, 2561],
    [5000, 4999, 4939, 5000],
  ])('of %d slides at %d: from %d to %d', (count, at, from, to) => {
    expect(drawnPlaces(count, at)).toEqual({ from, to });
  });
});
