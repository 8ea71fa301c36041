import { describe, expect, it } from 'vitest';
import { readPad, stepFrom, untouched, type PadState } from './gamepad.ts';

/** A controller with 17 buttons, some of them held. */
function pad(axes: readonly number[] = [0, 0, 0, 0], held: Readonly<Record<number, number>> = {}): PadState {
  const buttons = Array.from({ length: 17 }, (_, n) => ({
    pressed: (held[n] ?? 0) > 0.5,
    value: held[n] ?? 0,
  }));
  return { axes, buttons };
}

const motionOf = (state: PadState) => readPad(state, untouched, 0).motion;

describe('readPad', () => {
  it('does nothing while nobody touches it, though sticks never rest at 0', () => {
    expect(motionOf(pad([0.1, -0.08, 0.02, 0.14]))).toEqual({ right: 0, down: 0, zoom: 0, commands: [] });
  });
  it('pans with the left stick, gently at first', () => {
    expect(motionOf(pad([1, 0])).right).toBeCloseTo(0.7, 9);
    // Half way between dead zone and end: a quarter of the speed.
    expect(motionOf(pad([0, -0.575])).down).toBeCloseTo(-0.7 / 4, 9);
    expect(motionOf(pad([0.8, 0.6]))).toMatchObject({
      right: expect.closeTo(0.56, 9) as number,
      down: expect.closeTo(0.42, 9) as number,
    });
  });
  it('is three times as fast after 1.2 seconds at the end, and slow again after letting go', () => {
    let memory = untouched;
    for (let i = 0; i < 6; i++) ({ memory } = readPad(pad([1, 0]), memory, 0.1));
    expect(readPad(pad([1, 0]), memory, 0).motion.right).toBeCloseTo(0.7 * 2, 9);
    for (let i = 0; i < 20; i++) ({ memory } = readPad(pad([1, 0]), memory, 0.1));
    expect(readPad(pad([1, 0]), memory, 0).motion.right).toBeCloseTo(0.7 * 3, 9);
    ({ memory } = readPad(pad(), memory, 0.1));
    expect(readPad(pad([1, 0]), memory, 0).motion.right).toBeCloseTo(0.7, 9);
  });
  it('zooms with the right stick and the triggers, at most twice in half a second', () => {
    expect(Math.exp(motionOf(pad([0, 0, 0, -1])).zoom / 2)).toBeCloseTo(2, 9);
    expect(Math.exp(motionOf(pad([], { 7: 1 })).zoom / 2)).toBeCloseTo(2, 9);
    expect(Math.exp(motionOf(pad([], { 6: 1 })).zoom / 2)).toBeCloseTo(0.5, 9);
    expect(motionOf(pad([0, 0, 0, -1], { 7: 1 })).zoom).toBeCloseTo(2 * Math.log(2), 9);
  });
  it('takes a button once, however long it is held', () => {
    const first = readPad(pad([], { 5: 1, 14: 1 }), untouched, 0.1);
    expect(first.motion.commands).toEqual(['stronger', 'previous-slide']);
    const held = readPad(pad([], { 5: 1 }), first.memory, 0.1);
    expect(held.motion.commands).toEqual([]);
    const again = readPad(pad([], { 14: 1, 5: 1 }), held.memory, 0.1);
    expect(again.motion.commands).toEqual(['previous-slide']);
  });
  it('takes a controller with fewer axes and buttons as it is', () => {
    expect(motionOf({ axes: [], buttons: [] })).toEqual({ right: 0, down: 0, zoom: 0, commands: [] });
  });
});

describe('stepFrom', () => {
  const zooms = [0.1, 0.2, 0.5, 1];
  it.each([
    [0.3, 1, 2],
    [0.3, -1, 1],
    [0.2, 1, 2],
    [0.201, 1, 2],
    [0.2, -1, 0],
    [1, 1, undefined],
    [0.05, -1, undefined],
    [0.05, 1, 0],
  ] as const)('from %d, %d leads to %s', (zoom, way, step) => {
    expect(stepFrom(zoom, zooms, way)).toBe(step);
  });
});
