import type { OperationStep } from '../api/operation.ts';

/** A value at each time; null where nothing is known. */
export type Values = readonly (number | null)[];

/** A line of a plot. */
export interface Line {
  /** Stands beside the line. */
  readonly name: string;
  readonly values: Values;
}

/** Steps with room made for those that are missing, so that no line runs across them. */
export type Times = readonly { readonly seconds: number; readonly step: OperationStep | undefined }[];

/** When each step ended, Unix time in s; two steps or more without a word leave a hole. */
export function timesOf(steps: readonly OperationStep[]): Times {
  return steps.flatMap((step, i) => {
    const seconds = Date.parse(step.at) / 1000;
    const before = steps[i - 1];
    const isAfterHole = before !== undefined && seconds - Date.parse(before.at) / 1000 > 2.5 * step.seconds;
    const hole = { seconds: seconds - step.seconds, step: undefined };
    return isAfterHole ? [hole, { seconds, step }] : [{ seconds, step }];
  });
}

/** One line of a plot. @param of its value in a step; null where it has none */
export function lineOf(times: Times, name: string, of: (step: OperationStep) => number | null): Line {
  return { name, values: times.map(({ step }) => (step === undefined ? null : of(step))) };
}

/** How often something happened in a step, per second. */
export function perSecond(count: number | undefined, { seconds }: OperationStep): number {
  return (count ?? 0) / seconds;
}

/** How often something happened in a step, per minute. */
export function perMinute(count: number | undefined, step: OperationStep): number {
  return 60 * perSecond(count, step);
}

/** All that was counted under any key. */
export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Tiles found in memory, 0–1; null when none was asked for. */
export function hitRate({ hits, misses }: Pick<OperationStep, 'hits' | 'misses'>): number | null {
  return hits + misses === 0 ? null : hits / (hits + misses);
}

/**
 * The time within which a share of the answers came, s; null when there was none. Between two bounds it is taken in
 * proportion; what took longer than the last bound counts as that.
 *
 * @param latency one count for each bound, and one for longer
 * @param share 0–1
 */
export function quantile(
  bounds: readonly number[],
  latency: readonly number[],
  share: number,
): number | null {
  const all = latency.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  let below = 0;
  for (const [i, count] of latency.entries()) {
    const upper = bounds[i];
    if (upper === undefined) break;
    const lower = bounds[i - 1] ?? 0;
    if (below + count >= share * all && count > 0)
      return lower + ((upper - lower) * (share * all - below)) / count;
    below += count;
  }
  return bounds.at(-1) ?? null;
}
