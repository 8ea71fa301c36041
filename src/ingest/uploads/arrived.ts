import type { UploadSpan } from './upload-record.ts';

/** Bytes of a file that have arrived, as few runs, in the order of the file: starts and ends in turn. */
export type ArrivedRuns = Float64Array;

/** What has arrived of an upload. */
export function arrivedRuns(spans: readonly Omit<UploadSpan, 'id'>[]): ArrivedRuns {
  const found: number[] = [];
  for (const { start, received } of spans.toSorted((a, b) => a.start - b.start)) {
    if (received === 0) continue;
    if (found.at(-1) === start) found.pop();
    else found.push(start);
    found.push(start + received);
  }
  return Float64Array.from(found);
}

/** Whether all bytes of a range are there. Costs a binary search. */
export function hasArrived(runs: ArrivedRuns, offset: number, length: number): boolean {
  if (length === 0) return true;
  let low = 0;
  let high = runs.length / 2;
  // The last run that starts at or before the offset.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[2 * middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low > 0 && offset + length <= (runs[2 * low - 1] ?? 0);
}
