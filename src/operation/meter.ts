import type { Metrics } from '../tiles/metrics.ts';
import type { Sample } from './sample.ts';

/** What is counted from the start of a process on; a step is the difference of two. */
export interface Totals {
  readonly tiles: Readonly<Record<string, number>>;
  /** Cumulative over time, not over bounds; see `Sample.latency`. */
  readonly latency: readonly number[];
  readonly hits: number;
  readonly misses: number;
  readonly rejected: number;
  readonly megapixels: number;
  readonly jobs: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  /** Processor time, s. */
  readonly processor: number;
}

/** Requests for tiles and pictures, by how {@link Metrics.seconds} names them. */
const tileRoutes = /^tile|_files|\/levels\//;

/** The state of a process' metrics. */
export async function totalsOf(metrics: Metrics): Promise<Totals> {
  const [tiles, cache, rejected, megapixels, jobs, seconds] = await Promise.all([
    metrics.tiles.get(),
    metrics.cache.get(),
    metrics.rejected.get(),
    metrics.megapixels.get(),
    metrics.jobs.get(),
    metrics.seconds.get(),
  ]);
  const { user, system } = process.cpuUsage();
  const cached = summed(cache.values, ({ outcome }) => outcome);
  const counts = seconds.values.filter(({ metricName }) => metricName?.endsWith('_count') === true);
  return {
    tiles: summed(tiles.values, ({ path }) => path),
    latency: latencyOf(seconds.values),
    hits: cached['hit'] ?? 0,
    misses: cached['miss'] ?? 0,
    rejected: total(rejected.values),
    megapixels: total(megapixels.values),
    jobs: summed(jobs.values, ({ outcome }) => outcome),
    errors: summed(counts, ({ status }) => (Number(status) >= 500 ? status : undefined)),
    processor: (user + system) / 1e6,
  };
}

/** What happened between two states. */
export function stepOf(before: Totals, after: Totals, seconds: number, waiting: number): Sample {
  return {
    seconds,
    tiles: difference(after.tiles, before.tiles),
    latency: after.latency.map((count, i) => count - (before.latency[i] ?? 0)),
    hits: after.hits - before.hits,
    misses: after.misses - before.misses,
    waiting,
    rejected: after.rejected - before.rejected,
    megapixels: after.megapixels - before.megapixels,
    jobs: difference(after.jobs, before.jobs),
    errors: difference(after.errors, before.errors),
    memory: process.memoryUsage.rss(),
    processor: after.processor - before.processor,
  };
}

type Labels = Partial<Record<string, string | number>>;
interface Value {
  readonly value: number;
  readonly labels: Labels;
  readonly metricName?: string;
}

/** Values added up by what a label says; those without it are left out. */
function summed(
  values: readonly Value[],
  keyOf: (labels: Labels) => string | number | undefined,
): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { value, labels } of values) {
    const key = keyOf(labels);
    if (key !== undefined) sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}

function total(values: readonly Value[]): number {
  return values.reduce((sum, { value }) => sum + value, 0);
}

/** What was added under each key; what was not is left out. */
function difference(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  const steps = Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)] as const);
  return Object.fromEntries(steps.filter(([, value]) => value > 0));
}

/** Answers to requests for tiles that took as long as each bound allows, and no shorter one. */
function latencyOf(values: readonly Value[]): number[] {
  const upTo = new Map<number, number>();
  for (const { value, labels, metricName } of values) {
    if (metricName?.endsWith('_bucket') !== true || !tileRoutes.test(String(labels['route']))) continue;
    const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
    upTo.set(bound, (upTo.get(bound) ?? 0) + value);
  }
  const bounds = [...upTo].sort(([a], [b]) => a - b);
  return bounds.map(([, count], i) => count - (bounds[i - 1]?.[1] ?? 0));
}
