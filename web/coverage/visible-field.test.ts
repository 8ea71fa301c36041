import { describe, expect, it } from 'vitest';
import { visibleField } from './visible-field.ts';

const stage = { left: 50, top: 50, right: 1050, bottom: 850 };
const view = { x: 5000, y: 4000, zoom: 0.5, degrees: 0 };

describe('visibleField', () => {
  it('is all of the stage when no panel is open', () => {
    expect(visibleField(view, stage, undefined)).toEqual({
      x: 5000,
      y: 4000,
      width: 2000,
      height: 1600,
      degrees: 0,
    });
  });

  it('ends at a panel beside it, and above one below', () => {
    const beside = visibleField(view, stage, { left: 690, top: 50, right: 1050, bottom: 850 });
    expect(beside).toMatchObject({ x: 4640, y: 4000, width: 1280, height: 1600 });
    const below = visibleField(view, stage, { left: 50, top: 450, right: 1050, bottom: 850 });
    expect(below).toMatchObject({ x: 5000, y: 3600, width: 2000, height: 800 });
  });

  it('lies towards another side of the slide when that is turned', () => {
    const panel = { left: 690, top: 50, right: 1050, bottom: 850 };
    const turned = visibleField({ ...view, degrees: 90 }, stage, panel);
    // Clockwise by 90°: what is left on the screen is below on the slide.
    expect(turned.x).toBeCloseTo(5000);
    expect(turned.y).toBeCloseTo(4360);
  });
});
