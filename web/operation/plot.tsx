import { useEffect, useRef, useState } from 'preact/hooks';
import { useIsDark } from '../preferences/theme.ts';
import { DrawnPlot, type PlotShape } from './drawn-plot.ts';
import { valuesAt, wordsOf } from './plot-words.ts';
import type { Line, Times } from './series.ts';

interface PlotProps {
  readonly title: string;
  readonly times: Times;
  /** Always as many. */
  readonly lines: readonly Line[];
  /** Must stay the same object. */
  readonly shape: PlotShape;
}

/** What happened in the last ten minutes, drawn and in words. Arrow keys walk along it. */
export function Plot({ title, times, lines, shape }: PlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const drawn = useRef<DrawnPlot>(null);
  const [at, setAt] = useState<number>();
  const isDark = useIsDark();
  useEffect(() => {
    if (frame.current === null) return undefined;
    const plot = new DrawnPlot(frame.current, {
      shape,
      names: lines.map(({ name }) => name),
      onPoint: setAt,
    });
    plot.show(times, lines);
    drawn.current = plot;
    return () => plot.remove();
  }, [shape, isDark]);
  useEffect(() => drawn.current?.show(times, lines), [times]);
  useEffect(() => drawn.current?.point(at), [at]);
  const walk = (event: KeyboardEvent) => {
    const end = times.length - 1;
    const from = Math.min(at ?? end + 1, end + 1);
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: end }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to <= end) setAt(to);
  };
  const subject = { times, lines, format: shape.format, isStacked: shape.isStacked === true };
  const words = wordsOf(subject);
  return (
    <figure class={lines.length === 1 ? 'plot single' : 'plot'} data-testid="plot">
      <figcaption>{title}</figcaption>
      <p class="plot-now" aria-live={at === undefined ? 'off' : 'polite'}>
        {(at === undefined ? undefined : valuesAt(subject, at)) ?? words.now}
      </p>
      <div
        ref={frame}
        class="plot-frame"
        role="img"
        tabIndex={0}
        aria-label={`${title}: ${words.now}. ${words.range}`}
        onKeyDown={walk}
        onBlur={() => setAt(undefined)}
      />
    </figure>
  );
}
