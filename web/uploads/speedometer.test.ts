import { describe, expect, it } from 'vitest';
import { speedometer } from './speedometer.ts';

describe('speedometer', () => {
  it('tells nothing from the first moment', () => {
    const speed = speedometer();
    expect(speed(0, 0)).toBe(0);
    expect(speed(1000, 100)).toBe(0);
  });

  it('tells a steady speed exactly', () => {
    const speed = speedometer();
    for (let ms = 0; ms < 10_000; ms += 250) speed(ms * 5000, ms);
    expect(speed(50_000_000, 10_000)).toBeCloseTo(5_000_000, 0);
  });

  it('forgets what was more than about eight seconds ago', () => {
    const speed = speedometer();
    for (let ms = 0; ms <= 5000; ms += 250) speed(ms * 1000, ms);
    // The connection stalls: no more bytes for nine seconds.
    for (let ms = 5250; ms <= 14_000; ms += 250) speed(5_000_000, ms);
    expect(speed(5_000_000, 14_250)).toBe(0);
  });
});
