import { isLessBetter } from './bars.ts';
import { ratioOf, type Row } from './result.ts';

/** How far a ratio may fall behind the one that is kept. */
const mostBehind = 0.25;

/** What the gate says of one row. */
export interface Verdict {
  readonly row: Row;
  /** Ours divided by the peer's: the best that was measured. */
  readonly ratio: number;
  /** Absent: nothing is kept, which is a failure too. */
  readonly baseline: number | undefined;
  readonly isBehind: boolean;
}

/** Ratios by the id of their row. */
export type Ratios = Readonly<Record<string, number>>;

/**
 * Compares the best ratio of some measurements with the kept ones.
 *
 * @param kept of this kind of machine; of several kinds, where this one is not known: then the least good counts
 * @param measurements each with the same rows, in any order
 * @throws when a ratio is kept for which nothing was measured: a gate that misses a row must not pass
 */
export function compareRatios(kept: readonly Ratios[], measurements: readonly (readonly Row[])[]): Verdict[] {
  const byId = Map.groupBy(measurements.flat(), ({ id }) => id);
  const unseen = kept.flatMap((ratios) => Object.keys(ratios)).filter((id) => !byId.has(id));
  if (unseen.length > 0) throw new Error(`not measured: ${unseen.join(', ')}`);
  return [...byId].map(([id, rows]) =>
    verdictOn(
      kept.flatMap((ratios) => ratios[id] ?? []),
      rows,
    ),
  );
}

function verdictOn(kept: readonly number[], rows: readonly Row[]): Verdict {
  const [first] = rows;
  if (first === undefined) throw new Error('a verdict needs a measurement');
  const isLess = isLessBetter(first);
  const baseline = kept.length === 0 ? undefined : leastGood(first, kept);
  const best = (a: Row, b: Row) => (isBetter(b, a, isLess) ? b : a);
  const row = rows.reduce(best, first);
  const ratio = ratioOf(row) ?? Number.NaN;
  const isKept = baseline !== undefined;
  const isWithin =
    isKept && (isLess ? ratio <= baseline * (1 + mostBehind) : ratio >= baseline * (1 - mostBehind));
  return { row, ratio, baseline, isBehind: !isWithin };
}

/** The ratio that is furthest from what a row is to reach. */
export function leastGood(row: Row, ratios: readonly number[]): number {
  return isLessBetter(row) ? Math.max(...ratios) : Math.min(...ratios);
}

function isBetter(a: Row, b: Row, isLess: boolean): boolean {
  const [x = Number.NaN, y = Number.NaN] = [ratioOf(a), ratioOf(b)];
  return isLess ? x < y : x > y;
}
