import uPlot from 'uplot';
import { labelPlaces } from './label-places.ts';
import { layersOf } from './plot-words.ts';
import type { Line, Times } from './series.ts';
import { shownMs } from './use-operation.ts';

/** How a plot looks. */
export interface PlotShape {
  /** A value with its unit. */
  readonly format: (value: number) => string;
  /** A value at the axis; default: as `format`. */
  readonly axis?: (value: number) => string;
  /** Parts of a whole, one on the other. */
  readonly isStacked?: boolean;
  /** The axis runs in powers of ten between these. */
  readonly decades?: readonly [number, number];
  /** Highest value the axis shows at least; beyond it grows. */
  readonly atLeast?: number;
  /** Names of colours of the page (`--plot-…`), one for each line. */
  readonly colours: readonly string[];
}

interface DrawnPlotParts {
  readonly shape: PlotShape;
  readonly names: readonly string[];
  /** Told where the pointer is: the index of a time; undefined when it has left. */
  readonly onPoint: (index: number | undefined) => void;
}

const heightPx = 168;
const labelsPx = 92;
const edgePx = 12;
const fontPx = 12;
const leastSeconds = 60;

/** A plot in an element, which follows the element's width and the page's colours. */
export class DrawnPlot {
  readonly #plot: uPlot;
  readonly #parts: DrawnPlotParts;
  readonly #resizes: ResizeObserver;
  readonly #style: CSSStyleDeclaration;
  #isPointing = false;

  constructor(place: HTMLElement, parts: DrawnPlotParts) {
    this.#parts = parts;
    this.#style = getComputedStyle(place);
    const empty: uPlot.AlignedData = [[], ...parts.names.map(() => [])];
    this.#plot = new uPlot(this.#options(place.clientWidth), empty, place);
    const follow = () => this.#plot.setSize({ width: place.clientWidth, height: heightPx });
    this.#resizes = new ResizeObserver(follow);
    this.#resizes.observe(place);
    // Only the words beside it speak.
    this.#plot.root.setAttribute('aria-hidden', 'true');
  }

  /** Draws lines over times. */
  show(times: Times, lines: readonly Line[]): void {
    const values = this.#parts.shape.isStacked === true ? layersOf(lines, times.length) : lines.map(copied);
    // The highest layer is drawn first, the others over it.
    const ordered = this.#parts.shape.isStacked === true ? values.toReversed() : values;
    this.#plot.setData([times.map(({ seconds }) => seconds), ...ordered]);
  }

  /** Marks a time by its index; none for undefined. */
  point(index: number | undefined): void {
    if (this.#isPointing) return;
    const seconds = index === undefined ? undefined : this.#plot.data[0][index];
    const left = seconds === undefined ? -10 : this.#plot.valToPos(seconds, 'x');
    this.#plot.setCursor({ left, top: 0 }, false);
  }

  /** Takes it away. */
  remove(): void {
    this.#resizes.disconnect();
    this.#plot.destroy();
  }

  #options(width: number): uPlot.Options {
    const { shape } = this.#parts;
    const line = this.#colour('--line');
    const axis = { stroke: this.#colour('--quiet'), font: this.#font(), ticks: { show: false } };
    const valueOf = shape.axis ?? shape.format;
    return {
      width,
      height: heightPx,
      padding: [8, this.#parts.names.length === 1 ? edgePx : labelsPx, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { range: timesShown }, y: this.#heights() },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 24,
          space: 90,
          incrs: wholeMinutes,
          values: (_, all) => all.map(minuteText),
        },
        {
          ...axis,
          grid: { stroke: line, width: 1 },
          size: 58,
          space: 34,
          values: (_, all) => all.map((value) => (value === null ? '' : valueOf(value))),
          ...(shape.decades && {
            splits: decadesOf(shape.decades),
            filter: (_: uPlot, all: number[]) => all,
          }),
        },
      ],
      series: [{}, ...this.#series()],
      hooks: { draw: [(plot) => this.#label(plot)], setCursor: [(plot) => this.#pointed(plot)] },
    };
  }

  #heights(): uPlot.Scale {
    const { decades, atLeast = 1 } = this.#parts.shape;
    if (decades !== undefined) return { distr: 3, log: 10, range: [decades[0], decades[1]] };
    return { range: (_, _low, high) => [0, Math.max(atLeast, (high ?? 0) * 1.1)] };
  }

  #series(): uPlot.Series[] {
    const { shape } = this.#parts;
    const all = shape.colours.map((name, i): uPlot.Series => {
      const stroke = this.#colour(name);
      const dash = shape.isStacked === true ? [] : (dashes[i] ?? []);
      const fill = shape.isStacked === true ? { fill: stroke } : {};
      return { stroke, width: 2, dash, ...fill, points: { show: isShort, size: 5, fill: stroke } };
    });
    return shape.isStacked === true ? all.toReversed() : all;
  }

  /** Writes each line's name at its end, so that no key has to be looked up. */
  #label(plot: uPlot): void {
    const { names, shape } = this.#parts;
    const { ctx, bbox } = plot;
    const values = plot.data.slice(1).map((each) => each.at(-1) ?? null);
    const tops = shape.isStacked === true ? values.toReversed() : values;
    const wanted = tops.flatMap((top, i) => {
      const below = shape.isStacked === true && i > 0 ? (tops[i - 1] ?? 0) : undefined;
      // A layer of no height has no name.
      if (top === null || (below ?? (shape.isStacked === true ? 0 : -1)) === top) return [];
      const value = shape.isStacked === true ? (top + (below ?? 0)) / 2 : top;
      const y = Math.max(bbox.top, Math.min(bbox.top + bbox.height, plot.valToPos(value, 'y', true)));
      return [{ name: names[i] ?? '', colour: shape.colours[i] ?? '--ink', y }];
    });
    if (names.length === 1) return;
    const ratio = devicePixelRatio;
    const places = labelPlaces(
      wanted.map(({ y }) => y),
      { least: bbox.top + 6 * ratio, most: bbox.top + bbox.height - 4 * ratio, apart: 15 * ratio },
    );
    ctx.save();
    ctx.font = `600 ${fontPx * ratio}px ${this.#style.fontFamily}`;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    const left = bbox.left + bbox.width + 6 * ratio;
    for (const [i, { name, colour }] of wanted.entries()) {
      const y = places[i] ?? 0;
      ctx.fillStyle = this.#colour(colour);
      ctx.fillRect(left, y - 4 * ratio, 4 * ratio, 8 * ratio);
      ctx.fillStyle = this.#colour('--ink');
      ctx.fillText(name, left + 9 * ratio, y);
    }
    ctx.restore();
  }

  #pointed(plot: uPlot): void {
    const { left, idx, event } = plot.cursor;
    // Set by the keyboard: who set it knows.
    if (event === undefined || event === null) return;
    this.#isPointing = left !== undefined && left >= 0;
    this.#parts.onPoint(this.#isPointing ? (idx ?? undefined) : undefined);
  }

  #colour(name: string): string {
    return this.#style.getPropertyValue(name).trim();
  }

  #font(): string {
    return `${fontPx}px ${this.#style.fontFamily}`;
  }
}

/** Between two times at the axis, s. */
const wholeMinutes = [60, 120, 300];

/** Lines differ by more than their colours. */
const dashes: readonly number[][] = [[], [8, 4], [2, 3]];

const copied = ({ values }: Line): (number | null)[] => [...values];

/** Times that are few are drawn as points, too: one alone makes no line. */
const isShort = (plot: uPlot) => plot.data[0].length < 4;

/** The last ten minutes; less while less is known. */
function timesShown(_: uPlot, first: number | null, last: number | null): [number, number] {
  const end = last ?? Date.now() / 1000;
  const known = Math.max(leastSeconds, end - (first ?? end));
  return [end - Math.min(known, shownMs / 1000), end];
}

function minuteText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, { timeStyle: 'short' });
}

function decadesOf([from, to]: readonly [number, number]) {
  const count = Math.round(Math.log10(to / from)) + 1;
  const all = Array.from({ length: count }, (_, i) => from * 10 ** i);
  return () => all;
}
