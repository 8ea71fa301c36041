import { useMemo } from 'preact/hooks';
import type { Operation, OperationStep } from '../api/operation.ts';
import { bytesText, grouped } from '../wording.ts';
import type { PlotShape } from './drawn-plot.ts';
import { Plot } from './plot.tsx';
import { hitRate, lineOf, perMinute, perSecond, quantile, timesOf, total, type Line } from './series.ts';

interface PlotPlan {
  readonly title: string;
  readonly shape: PlotShape;
  readonly lines: readonly (readonly [
    name: string,
    of: (step: OperationStep, bounds: readonly number[]) => number | null,
  ])[];
}

/** All that was done and needed in the last ten minutes, as plots. */
export function Plots({ operation: { steps, bounds } }: { operation: Operation }) {
  const times = useMemo(() => timesOf(steps), [steps]);
  return (
    <section class="plots" aria-label="The last ten minutes">
      {plans.map(({ title, shape, lines }) => {
        const drawn: Line[] = lines.map(([name, of]) => lineOf(times, name, (step) => of(step, bounds)));
        return <Plot key={title} title={title} shape={shape} times={times} lines={drawn} />;
      })}
    </section>
  );
}

const milliseconds = (share: number) => (step: OperationStep, bounds: readonly number[]) => {
  const seconds = quantile(bounds, step.latency, share);
  return seconds === null ? null : seconds * 1000;
};

const perSecondText = (value: number) => `${numberText(value)}/s`;
const perMinuteText = (value: number) => `${numberText(value)} per min`;

const plans: readonly PlotPlan[] = [
  {
    title: 'Tiles sent',
    shape: {
      format: perSecondText,
      isStacked: true,
      atLeast: 10,
      colours: ['--plot-blue', '--plot-green', '--plot-orange', '--plot-grey'],
    },
    lines: [
      ['untouched', (step) => perSecond(step.tiles['passthrough'], step)],
      ['converted', (step) => perSecond(step.tiles['converted'], step)],
      ['rendered', (step) => perSecond(step.tiles['rendered'], step)],
      ['empty', (step) => perSecond(step.tiles['background'], step)],
    ],
  },
  {
    title: 'Time to answer a tile',
    shape: {
      format: millisecondsText,
      decades: [0.1, 10_000],
      colours: ['--plot-blue', '--plot-orange', '--plot-red'],
    },
    lines: [
      ['p50', milliseconds(0.5)],
      ['p95', milliseconds(0.95)],
      ['p99', milliseconds(0.99)],
    ],
  },
  {
    title: 'Tiles found in memory',
    shape: { format: (value) => `${Math.round(value)} %`, atLeast: 100 / 1.1, colours: ['--plot-blue'] },
    lines: [['found', (step) => percent(hitRate(step))]],
  },
  {
    title: 'Renderings',
    shape: { format: numberText, atLeast: 8, colours: ['--plot-blue', '--plot-red'] },
    lines: [
      ['waiting', ({ waiting }) => waiting],
      ['sent back', ({ rejected }) => rejected],
    ],
  },
  {
    title: 'Conversion',
    shape: {
      format: (value) => `${numberText(value)} MP/s`,
      axis: numberText,
      atLeast: 10,
      colours: ['--plot-blue'],
    },
    lines: [['converted', (step) => perSecond(step.megapixels, step)]],
  },
  {
    title: 'Jobs ended',
    shape: {
      format: perMinuteText,
      axis: numberText,
      atLeast: 10,
      colours: ['--plot-blue', '--plot-red'],
    },
    lines: [
      ['done', (step) => perMinute(step.jobs['done'], step)],
      ['failed', (step) => perMinute(step.jobs['failed'], step)],
    ],
  },
  {
    title: 'Errors of the service',
    shape: { format: perMinuteText, axis: numberText, atLeast: 10, colours: ['--plot-red'] },
    lines: [['errors', (step) => perMinute(total(step.errors), step)]],
  },
  {
    title: 'Memory',
    shape: { format: bytesText, atLeast: 5e8, colours: ['--plot-blue'] },
    lines: [['memory', ({ memory }) => memory]],
  },
  {
    title: 'Processor',
    shape: {
      format: (value) => `${value.toFixed(value < 10 ? 2 : 0)} cores`,
      axis: (value) => String(Number(value.toFixed(2))),
      atLeast: 1,
      colours: ['--plot-blue'],
    },
    lines: [['processor', (step) => perSecond(step.processor, step)]],
  },
];

function percent(share: number | null): number | null {
  return share === null ? null : 100 * share;
}

/** A number with as many places as say something. */
function numberText(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return grouped(Math.round(value));
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

function millisecondsText(value: number): string {
  if (value >= 1000) return `${numberText(value / 1000)} s`;
  return `${value < 1 ? Number(value.toFixed(2)) : numberText(value)} ms`;
}
