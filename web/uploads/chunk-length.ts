/** Least and most bytes of one request. */
export const chunkLimits = { least: 256 * 2 ** 10, most: 8 * 2 ** 20 } as const;

const aimMs = 2000;

/**
 * How many bytes the next request carries: about two seconds' worth. Then what is lost when the line is cut is
 * little, and what is confirmed is a progress that can be watched.
 *
 * @param length bytes of the request before
 * @param tookMs how long it took
 */
export function nextChunkLength(length: number, tookMs: number): number {
  const wanted = (length * aimMs) / Math.max(1, tookMs);
  const stepped = Math.min(length * 2, Math.max(length / 2, wanted));
  return Math.round(Math.min(chunkLimits.most, Math.max(chunkLimits.least, stepped)));
}
