import type { Machine } from './machine.ts';
import type { Spread } from './runs.ts';

/** What one contender measured: its name as the report shows it, and its runs. */
export interface Measured {
  readonly name: string;
  readonly spread: Spread;
}

/** A figure to reach. `ratio`: ours divided by the peer's; `value`: ours alone, in the row's unit. */
export interface Target {
  readonly of: 'ratio' | 'value';
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One line of the report: ours, usually beside a peer's, in the same run. */
export interface Row {
  /** Names the row for good: the ratio gate compares by it. */
  readonly id: string;
  readonly what: string;
  /** `s`, `MiB`, `tiles/s` … */
  readonly unit: string;
  readonly ours: Measured;
  readonly peer?: Measured;
  readonly target?: Target;
  /** What a reader must know to judge the numbers. */
  readonly note?: string;
}

/** A line of a plot. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A plot of curves. */
export interface Curves {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Axes that count in powers of ten. */
  readonly log: readonly ('x' | 'y')[];
  readonly lines: readonly Line[];
}

/** All that one benchmark found; kept as `results/<name>.json`. */
export interface BenchResult {
  readonly name: string;
  readonly title: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly isQuick: boolean;
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly curves: readonly Curves[];
  /** What was checked before anything was timed. */
  readonly checks: readonly string[];
  /** Limits of the measurement, and losses. */
  readonly notes: readonly string[];
  /** Peers that are not installed, each with the command that installs it. */
  readonly missing: readonly string[];
}

/** What a benchmark itself gives; the rest is the same for all. */
export type Findings = Pick<BenchResult, 'rows' | 'curves' | 'checks' | 'notes' | 'missing'>;

/** Ours divided by the peer's, by their medians; undefined without a peer. */
export function ratioOf({ ours, peer }: Row): number | undefined {
  return peer === undefined ? undefined : ours.spread.median / peer.spread.median;
}

/** Whether a row reaches its figure; undefined when it has none. */
export function isMet(row: Row): boolean | undefined {
  const { target } = row;
  if (target === undefined) return undefined;
  const value = target.of === 'ratio' ? ratioOf(row) : row.ours.spread.median;
  if (value === undefined) return undefined;
  return value <= (target.atMost ?? Infinity) && value >= (target.atLeast ?? -Infinity);
}
