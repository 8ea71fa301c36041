import type { Line, Times } from './series.ts';

/** What a plot shows. */
export interface PlotSubject {
  readonly times: Times;
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** Whether the lines are parts of a whole. */
  readonly isStacked: boolean;
}

/** A plot in words: its newest values, and between what they were. */
export function wordsOf(subject: PlotSubject): { readonly now: string; readonly range: string } {
  const { times, lines, format, isStacked } = subject;
  const last = lastOf(times);
  if (last === undefined) return { now: 'Waiting for the first figures', range: '' };
  const shown = isStacked ? [{ name: 'In all', values: sums(lines, times.length) }] : lines;
  const ranges = shown.flatMap(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return [];
    const range = `${format(Math.min(...known))} to ${format(Math.max(...known))}`;
    return [lines.length === 1 ? range : `${name} ${range}`];
  });
  const range = ranges.length === 0 ? '' : `Within the last ten minutes: ${ranges.join(', ')}.`;
  return { now: spoken(subject, last), range };
}

/** The values of one moment, with its time; undefined where nothing is known. */
export function valuesAt(subject: PlotSubject, index: number): string | undefined {
  const time = subject.times[index];
  if (time?.step === undefined) return undefined;
  return `${clockText(time.seconds)} · ${spoken(subject, index)}`;
}

/** A time of day to the second. @param seconds Unix time */
export function clockText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, { timeStyle: 'medium' });
}

/** Each line summed with those before it, drawn as layers. */
export function layersOf(lines: readonly Line[], count: number): (number | null)[][] {
  const heights: (number | null)[] = Array.from({ length: count }, () => null);
  return lines.map(({ values }) => {
    for (const [i, value] of values.entries()) if (value !== null) heights[i] = (heights[i] ?? 0) + value;
    return [...heights];
  });
}

function sums(lines: readonly Line[], count: number): readonly (number | null)[] {
  return layersOf(lines, count).at(-1) ?? [];
}

function spoken({ lines, times, format, isStacked }: PlotSubject, index: number): string {
  const known = lines.flatMap(({ name, values }) => {
    const value = values[index] ?? null;
    return value === null ? [] : [{ name, value }];
  });
  if (known.length === 0) return 'nothing just now';
  const only = known[0];
  if (lines.length === 1 && only !== undefined) return format(only.value);
  const parts = known.filter(({ value }) => !isStacked || value > 0);
  const named = parts.map(({ name, value }) => `${name} ${format(value)}`).join(', ');
  if (!isStacked) return named;
  const all = format(sums(lines, times.length)[index] ?? 0);
  return named === '' ? all : `${all}: ${named}`;
}

function lastOf(times: Times): number | undefined {
  const index = times.findLastIndex(({ step }) => step !== undefined);
  return index === -1 ? undefined : index;
}
