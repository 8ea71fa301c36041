/** Runs of one contender: the median, the least and the most, and each. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly values: readonly number[];
}

/** Middle of the values, the mean of the middle two when they are even in number. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/**
 * The value that `percent` of the values do not exceed, interpolated between neighbours.
 *
 * @throws when there are no values
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = ((sorted.length - 1) * percent) / 100;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) throw new Error('no values to take a percentile of');
  return low + (high - low) * (at - Math.floor(at));
}

/** Median and spread of some runs. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), values };
}

/**
 * Runs contenders in turn (A B C, A B C, …), so that what the machine does meanwhile hits all of them alike.
 *
 * @returns what each gave, in the order of the rounds
 */
export async function inTurn<K extends string, T>(
  rounds: number,
  contenders: Readonly<Record<K, () => Promise<T>>>,
): Promise<Record<K, T[]>> {
  const names = Object.keys(contenders) as K[];
  const found = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<K, T[]>;
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) found[name].push(await contenders[name]());
  return found;
}
