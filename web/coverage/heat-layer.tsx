import { useEffect, useRef } from 'preact/hooks';
import type { PartProps } from '../viewer/part.ts';
import { useCoverage } from './coverage-context.tsx';
import { bands, leastSeconds, type SeenMap } from './seen-map.ts';

/** Light to dark with magnification, apart for every kind of colour vision; red, green, blue. */
const colours = [
  [253, 231, 37],
  [94, 201, 98],
  [33, 145, 140],
  [59, 82, 139],
] as const;

/** Colours over what was looked at, by the strongest magnification it was seen at. */
export function HeatLayer({ slide, opened }: PartProps) {
  const { isShown, map, kept } = useCoverage();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { view } = opened.shown;
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, map, { ...view, ...slide.size });
  }, [isShown, map, kept.revision, view.x, view.y, view.zoom, view.degrees, slide]);
  if (!isShown) return null;
  return (
    <>
      <canvas
        ref={canvas}
        class="coverage-heat"
        role="img"
        aria-label="Colours over what you have looked at"
      />
      <div class="coverage-legend">
        <Legend />
      </div>
    </>
  );
}

/** Which colour stands for which magnification. */
export function Legend() {
  return (
    <ul class="coverage-colours" aria-label="Colours by magnification">
      {bands.map((from, band) => (
        <li key={from}>
          <i style={{ background: `rgb(${(colours[band] ?? colours[0]).join(' ')})` }} />
          {`${from}×${band === bands.length - 1 ? ' or more' : ''}`}
        </li>
      ))}
    </ul>
  );
}

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  readonly degrees: number;
  readonly width: number;
  readonly height: number;
}

function draw(canvas: HTMLCanvasElement, map: SeenMap, at: Placed): void {
  const { clientWidth, clientHeight } = canvas;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(clientWidth * ratio);
  canvas.height = Math.round(clientHeight * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  context.translate(clientWidth / 2, clientHeight / 2);
  context.rotate((at.degrees * Math.PI) / 180);
  context.scale(at.zoom, at.zoom);
  context.translate(-at.x, -at.y);
  context.imageSmoothingEnabled = false;
  context.drawImage(heatOf(map), 0, 0, at.width, at.height);
}

/** One pixel a cell. */
function heatOf(map: SeenMap): OffscreenCanvas {
  const { columns, rows } = map;
  const canvas = new OffscreenCanvas(columns, rows);
  const context = canvas.getContext('2d');
  if (context === null) return canvas;
  const pixels = context.createImageData(columns, rows);
  for (let cell = 0; cell < columns * rows; cell++) {
    const band = strongest(map, cell);
    const colour = colours[band];
    if (colour === undefined) continue;
    // Longer looks are stronger, and never hide what is below.
    const strength = Math.min(1, Math.log2(1 + map.secondsFrom(band, cell)) / 5);
    pixels.data.set([...colour, Math.round(70 + 60 * strength)], cell * 4);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** The strongest band in which a cell was looked at; −1 for none. */
function strongest(map: SeenMap, cell: number): number {
  for (let band = bands.length - 1; band >= 0; band--)
    if (map.secondsFrom(band, cell) >= leastSeconds) return band;
  return -1;
}
