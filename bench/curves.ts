import type { Curves, Line } from './result.ts';
import { colours, line, picture, plain, text } from './svg.ts';

const width = 960;
const height = 420;
const frame = { left: 70, right: 220, top: 60, bottom: 56 };

/** An axis: where a value lies, and where its marks are. */
interface Axis {
  readonly at: (value: number) => number;
  readonly marks: readonly number[];
}

/** Curves over one pair of axes. */
export function curvesPlot({ title, x, y, log, lines }: Curves): string {
  const points = lines.flatMap((one) => one.points);
  const xs = axis(
    points.map(([value]) => value),
    log.includes('x'),
    frame.left,
    width - frame.right,
  );
  const ys = axis(
    points.map(([, value]) => value),
    log.includes('y'),
    height - frame.bottom,
    frame.top,
  );
  const bottom = height - frame.bottom;
  const end = width - frame.right;
  return picture(width, height, title, [
    text(20, 32, title, { size: 18, isBold: true }),
    ...ys.marks.map((mark) => line([frame.left, ys.at(mark)], [end, ys.at(mark)], colours.grid)),
    ...ys.marks.map((mark) =>
      text(frame.left - 8, ys.at(mark) + 4, plain(mark), { anchor: 'end', size: 11, colour: colours.faint }),
    ),
    ...xs.marks.map((mark) => line([xs.at(mark), bottom], [xs.at(mark), bottom + 4], colours.faint)),
    ...xs.marks.map((mark) =>
      text(xs.at(mark), bottom + 18, plain(mark), { anchor: 'middle', size: 11, colour: colours.faint }),
    ),
    line([frame.left, bottom], [end, bottom], colours.faint),
    text((frame.left + end) / 2, height - 14, x, { anchor: 'middle', size: 12 }),
    text(frame.left - 8, frame.top - 10, y, { anchor: 'end', size: 12 }),
    ...lines.map((one, i) => curve(one, i, xs, ys)),
  ]);
}

/** A line with its name at the right. */
function curve({ name, points }: Line, i: number, xs: Axis, ys: Axis): string {
  const isOurs = name.startsWith('Telepath');
  const colour = isOurs && i === 0 ? colours.ours : (colours.peers[i % colours.peers.length] ?? colours.ink);
  const path = points.map(
    ([x, y], at) => `${at === 0 ? 'M' : 'L'}${xs.at(x).toFixed(1)} ${ys.at(y).toFixed(1)}`,
  );
  const dots = points.map(([x, y]) => `<circle cx="${xs.at(x)}" cy="${ys.at(y)}" r="2.5" fill="${colour}"/>`);
  const key = frame.top + 10 + i * 24;
  const keyLeft = width - frame.right + 24;
  return [
    `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...dots,
    `<rect x="${keyLeft}" y="${key - 9}" width="14" height="4" rx="2" fill="${colour}"/>`,
    text(keyLeft + 20, key - 2, name, { size: 12 }),
  ].join('');
}

/** An axis over values, in powers of ten or in even steps from 0. */
function axis(values: readonly number[], isLog: boolean, from: number, to: number): Axis {
  const positive = values.filter((value) => value > 0);
  if (isLog && positive.length > 0) {
    const low = Math.floor(Math.log10(Math.min(...positive)));
    const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive))));
    const marks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
    const at = (value: number) =>
      from + ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * (to - from);
    return { at, marks };
  }
  const most = Math.max(...values, 1e-9);
  const step = niceStep(most / 5);
  const marks = Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
  const end = marks.at(-1) ?? 1;
  return { at: (value) => from + (value / end) * (to - from), marks };
}

/** The next of 1, 2, 5 × a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= least) ?? least;
}
