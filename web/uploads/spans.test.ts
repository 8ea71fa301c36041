import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merged, pieces, toBlocks, totalLength, without, type Span } from './spans.ts';

const spans = fc.array(fc.record({ start: fc.nat(200), length: fc.nat(40) }), { maxLength: 20 });

/** Every byte that spans hold. */
function bytesOf(all: readonly Span[]): Set<number> {
  return new Set(all.flatMap(({ start, length }) => Array.from({ length }, (_, i) => start + i)));
}

describe('merged', () => {
  it('joins what touches or overlaps, and what is at most the gap apart', () => {
    const some = [
      { start: 10, length: 5 },
      { start: 0, length: 4 },
      { start: 15, length: 1 },
      { start: 12, length: 2 },
    ];
    expect(merged(some)).toEqual([
      { start: 0, length: 4 },
      { start: 10, length: 6 },
    ]);
    expect(merged(some, 5)).toHaveLength(2);
    expect(merged(some, 6)).toEqual([{ start: 0, length: 16 }]);
  });

  it('holds the same bytes, each once', () => {
    fc.assert(
      fc.property(spans, (some) => {
        const result = merged(some);
        expect(bytesOf(result)).toEqual(bytesOf(some));
        expect(totalLength(result)).toBe(bytesOf(some).size);
      }),
    );
  });
});

describe('without', () => {
  it('holds what the one has and the other has not, each byte once', () => {
    fc.assert(
      fc.property(spans, spans, (some, taken) => {
        const left = without(some, taken);
        const wanted = new Set([...bytesOf(some)].filter((byte) => !bytesOf(taken).has(byte)));
        expect(bytesOf(left)).toEqual(wanted);
        expect(totalLength(left)).toBe(wanted.size);
      }),
    );
  });
});

describe('pieces', () => {
  it('cuts a span into parts of at most so much, without a gap', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 900 }),
        (start, length, most) => {
          const parts = pieces({ start, length }, most);
          expect(merged(parts)).toEqual([{ start, length }]);
          expect(totalLength(parts)).toBe(length);
          expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(most);
        },
      ),
    );
  });
});

describe('toBlocks', () => {
  it('reaches out to whole blocks, but not over the end of the file', () => {
    expect(toBlocks({ start: 70, length: 10 }, 64, 1000)).toEqual({ start: 64, length: 64 });
    expect(toBlocks({ start: 60, length: 10 }, 64, 100)).toEqual({ start: 0, length: 100 });
  });
});
