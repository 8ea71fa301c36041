import type { View } from '../viewer/deep-link.ts';
import type { Box, Position } from './shape.ts';

/** Where the slide lies on the screen: screen = (a·x + c·y + e, b·x + d·y + f), CSS px from the stage's corner. */
export interface Projection {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
  /** CSS px per slide px. */
  readonly zoom: number;
}

/** How a view lies on a stage of `width` × `height` CSS px: its centre in the middle, turned clockwise. */
export function projectionOf(view: View, width: number, height: number): Projection {
  const angle = (view.degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle) * view.zoom, Math.sin(angle) * view.zoom];
  return {
    a: cos,
    b: sin,
    c: -sin,
    d: cos,
    e: width / 2 - cos * view.x + sin * view.y,
    f: height / 2 - sin * view.x - cos * view.y,
    zoom: view.zoom,
  };
}

/** Where a place of the slide is on the screen, CSS px. */
export function toScreen({ a, b, c, d, e, f }: Projection, [x, y]: Position): Position {
  return [a * x + c * y + e, b * x + d * y + f];
}

/** What place of the slide is at a point of the screen. */
export function toSlide({ a, b, c, d, e, f, zoom }: Projection, [x, y]: Position): Position {
  const [dx, dy] = [(x - e) / zoom / zoom, (y - f) / zoom / zoom];
  return [a * dx + b * dy, c * dx + d * dy];
}

/** The box on the slide around all that a part of the screen shows. */
export function shownBox(projection: Projection, { left, top, right, bottom }: Box): Box {
  const corners = (
    [
      [left, top],
      [right, top],
      [left, bottom],
      [right, bottom],
    ] as const
  ).map((corner) => toSlide(projection, corner));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

/** What moves a picture that was drawn in one projection to where it belongs in another: a CSS matrix. */
export function followed(drawn: Projection, now: Projection, margin: number): string {
  const scale = now.zoom / drawn.zoom;
  const cos = ((now.a * drawn.a + now.b * drawn.b) / drawn.zoom / now.zoom) * scale;
  const sin = ((now.b * drawn.a - now.a * drawn.b) / drawn.zoom / now.zoom) * scale;
  // The slide's corner is where the drawn one is taken to; the picture itself begins at −margin, −margin.
  const [x, y] = [drawn.e + margin, drawn.f + margin];
  const e = now.e + margin - (cos * x - sin * y);
  const f = now.f + margin - (sin * x + cos * y);
  return `matrix(${[cos, sin, -sin, cos, e, f].map((n) => Number(n.toFixed(6))).join(',')})`;
}

/** Whether two projections differ by less than can be seen. */
export function isAlike(one: Projection, other: Projection): boolean {
  return (
    Math.abs(one.a - other.a) < one.zoom * 1e-5 &&
    Math.abs(one.b - other.b) < one.zoom * 1e-5 &&
    Math.abs(one.e - other.e) < 0.05 &&
    Math.abs(one.f - other.f) < 0.05
  );
}
