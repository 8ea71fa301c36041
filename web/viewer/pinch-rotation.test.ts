import { describe, expect, it } from 'vitest';
import { followTurn } from './pinch-rotation.ts';

/** Two fingers 100 px apart, the line between them at `degrees`. */
const fingers = (degrees: number) => {
  const [x, y] = [50 * Math.cos((degrees * Math.PI) / 180), 50 * Math.sin((degrees * Math.PI) / 180)];
  return [
    { x: -x, y: -y },
    { x, y },
  ] as const;
};

/** The sum of all turns while the fingers go through `angles`. */
const total = (angles: readonly number[]) => {
  const turn = followTurn();
  return angles.reduce((sum, angle) => sum + turn(...fingers(angle)), 0);
};

describe('followTurn', () => {
  it('turns as far as the fingers do, after the first step that is beyond the dead zone', () => {
    expect(total([0, 3, 6, 9, 12, 15, 30, 36])).toBeCloseTo(36 - 9, 9);
  });

  it('takes a pinch that wavers for a pinch', () => {
    expect(total([0, 2, -3, 1, 5, -2, 0])).toBe(0);
  });

  it('goes on over the point where angles start again', () => {
    expect(total([170, 179, 181, 190])).toBeCloseTo(190 - 179, 9);
    expect(total([-170, -179, -181, -190])).toBeCloseTo(-190 + 179, 9);
  });

  it('counts a finger that did not move only once', () => {
    const turn = followTurn();
    turn(...fingers(0));
    turn(...fingers(20));
    expect(turn(...fingers(20))).toBeCloseTo(0, 9);
  });
});
