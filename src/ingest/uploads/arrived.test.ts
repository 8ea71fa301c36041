import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivedRuns, hasArrived } from './arrived.ts';

describe('hasArrived', () => {
  const runs = arrivedRuns([
    { start: 100, length: 50, received: 50 },
    { start: 0, length: 100, received: 30 },
    { start: 150, length: 100, received: 10 },
    { start: 250, length: 9, received: 0 },
  ]);

  it('joins spans that touch', () => expect([...runs]).toEqual([0, 30, 100, 160]));

  it.each([
    [0, 30, true],
    [0, 31, false],
    [30, 1, false],
    [99, 2, false],
    [100, 60, true],
    [140, 20, true],
    [159, 2, false],
    [250, 1, false],
    [400, 0, true],
  ])('of bytes %i + %i: %s', (offset, length, expected) =>
    expect(hasArrived(runs, offset, length)).toBe(expected),
  );

  it('says the same as looking at every byte', () => {
    const spans = fc.array(fc.record({ length: fc.integer({ min: 1, max: 9 }), part: fc.nat(9) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(spans, fc.nat(100), fc.integer({ min: 1, max: 20 }), (parts, offset, length) => {
        let at = 0;
        const bytes = new Set<number>();
        const all = parts.map(({ length: size, part }) => {
          const span = { start: at, length: size, received: Math.min(size, part) };
          for (let i = 0; i < span.received; i += 1) bytes.add(at + i);
          at += size;
          return span;
        });
        const expected = Array.from({ length }, (_, i) => bytes.has(offset + i)).every(Boolean);
        expect(hasArrived(arrivedRuns(all), offset, length)).toBe(expected);
      }),
    );
  });
});
