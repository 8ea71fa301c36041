import { describe, expect, it } from 'vitest';
import { chunkLimits, nextChunkLength } from './chunk-length.ts';

const MiB = 2 ** 20;

describe('nextChunkLength', () => {
  it.each([
    ['stays where a request takes two seconds', MiB, 2000, MiB],
    ['doubles at most', MiB, 100, 2 * MiB],
    ['halves at most', 4 * MiB, 60_000, 2 * MiB],
    ['goes down in proportion', 4 * MiB, 3000, Math.round((4 * MiB * 2) / 3)],
    ['never asks for more than 8 MiB', 6 * MiB, 10, chunkLimits.most],
    ['never asks for less than 256 KiB', 300 * 1024, 9000, chunkLimits.least],
  ])('%s', (_what, length, tookMs, wanted) => {
    expect(nextChunkLength(length, tookMs)).toBe(wanted);
  });
});
