import type { MarkSet } from './mark-set.ts';
import { shownBox, toScreen, type Projection } from './projection.ts';
import { boxOf, pathsOf, type Box, type Mark, type Position } from './shape.ts';

/** What is painted, and on what. */
export interface Painting {
  readonly context: CanvasRenderingContext2D;
  readonly projection: Projection;
  /** What of the screen is painted, CSS px. */
  readonly area: Box;
  readonly marks: MarkSet;
  /** Painted elsewhere: what is selected or being changed. */
  readonly without: string | undefined;
}

/** Below this size on the screen a shape is a dot, CSS px. */
const dotPx = 3;
/** Below this size its line is thinner, CSS px. */
const smallPx = 14;
/** Points of a shape nearer than this on the screen are one, CSS px. */
const nearPx = 1;
/** With more shapes in view than this they have no dark edge, which takes as long as themselves. */
const mostEdged = 400;
/** Shapes painted between two looks at the clock. */
const stride = 32;

/**
 * Paints all marks in view, in steps between which the page can do something else.
 *
 * Small ones are dots, one for each place; of the others, points that fall on one pixel are left out.
 *
 * @returns how many are in view
 */
export function* paint(painting: Painting): Generator<void, number> {
  const { context, projection, area, marks, without } = painting;
  const shown = marks.within(shownBox(projection, area)).filter(({ id }) => id !== without);
  const dots = new Dots(context, area);
  context.lineJoin = 'round';
  context.lineCap = 'round';
  const isEdged = shown.length <= mostEdged;
  for (let i = 0; i < shown.length; i++) {
    const mark = shown[i]!; // i < length
    const { left, top, right, bottom } = boxOf(mark.geometry);
    const size = Math.max(right - left, bottom - top) * projection.zoom;
    if (mark.geometry.type !== 'Point' && size < dotPx)
      dots.add(toScreen(projection, [(left + right) / 2, (top + bottom) / 2]), mark.colour);
    else if (mark.geometry.type === 'Point' && !isEdged)
      dots.add(toScreen(projection, mark.geometry.coordinates), mark.colour, 5);
    else paintMark(context, projection, mark, isEdged, size < smallPx ? 1.25 : 2.25);
    if (i % stride === stride - 1) yield;
  }
  return shown.length;
}

/** Paints one mark: its line, with a dark or light edge so that it shows on any stain. */
export function paintMark(
  context: CanvasRenderingContext2D,
  projection: Projection,
  mark: Pick<Mark, 'kind' | 'geometry' | 'colour'>,
  isEdged: boolean,
  widthPx = 2.25,
): void {
  context.beginPath();
  trace(context, projection, mark);
  if (isEdged) {
    context.strokeStyle = edgeOf(mark.colour);
    context.lineWidth = 2 * widthPx;
    context.stroke();
  }
  context.strokeStyle = mark.colour;
  context.lineWidth = widthPx;
  context.stroke();
  if (mark.geometry.type === 'Point') {
    context.fillStyle = mark.colour;
    context.fill();
  }
}

/** Black around what is light, white around what is dark; half transparent. */
export function edgeOf(colour: string): string {
  const value = Number.parseInt(colour.slice(1), 16);
  const light = 0.3 * (value >> 16) + 0.59 * ((value >> 8) & 255) + 0.11 * (value & 255);
  return light > 110 ? 'rgb(0 0 0 / 55%)' : 'rgb(255 255 255 / 75%)';
}

function trace(
  context: CanvasRenderingContext2D,
  projection: Projection,
  { kind, geometry }: Pick<Mark, 'kind' | 'geometry'>,
): void {
  if (geometry.type === 'Point') {
    const [x, y] = toScreen(projection, geometry.coordinates);
    context.moveTo(x + 5, y);
    context.arc(x, y, 5, 0, 2 * Math.PI);
  } else if (kind === 'ellipse') traceEllipse(context, projection, boxOf(geometry));
  else {
    for (const path of pathsOf(geometry)) tracePath(context, projection, path);
    if (kind === 'arrow') traceHead(context, projection, pathsOf(geometry)[0] ?? []);
    if (kind === 'line') traceEnds(context, projection, pathsOf(geometry)[0] ?? []);
  }
}

function tracePath(
  context: CanvasRenderingContext2D,
  { a, b, c, d, e, f }: Projection,
  path: readonly Position[],
): void {
  let [lastX, lastY] = [Infinity, Infinity];
  for (let i = 0; i < path.length; i++) {
    const [px, py] = path[i]!; // i < length
    const x = a * px + c * py + e;
    const y = b * px + d * py + f;
    const isLast = i === path.length - 1;
    if (!isLast && Math.abs(x - lastX) < nearPx && Math.abs(y - lastY) < nearPx) continue;
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
    [lastX, lastY] = [x, y];
  }
}

function traceEllipse(context: CanvasRenderingContext2D, projection: Projection, box: Box): void {
  const { left, top, right, bottom } = box;
  const [x, y] = toScreen(projection, [(left + right) / 2, (top + bottom) / 2]);
  const turn = Math.atan2(projection.b, projection.a);
  const [rx, ry] = [((right - left) / 2) * projection.zoom, ((bottom - top) / 2) * projection.zoom];
  context.moveTo(x + rx * Math.cos(turn), y + rx * Math.sin(turn));
  context.ellipse(x, y, rx, ry, turn, 0, 2 * Math.PI);
}

/** The head of an arrow, as long as 14 px of the screen. */
function traceHead(context: CanvasRenderingContext2D, projection: Projection, path: readonly Position[]) {
  const [from, to] = [path.at(-2), path.at(-1)];
  if (from === undefined || to === undefined) return;
  const [[ax, ay], [bx, by]] = [toScreen(projection, from), toScreen(projection, to)];
  const angle = Math.atan2(by - ay, bx - ax);
  for (const side of [-1, 1]) {
    context.moveTo(bx, by);
    context.lineTo(bx - 14 * Math.cos(angle + side * 0.45), by - 14 * Math.sin(angle + side * 0.45));
  }
}

/** Short strokes across both ends of a ruler. */
function traceEnds(context: CanvasRenderingContext2D, projection: Projection, path: readonly Position[]) {
  for (const [at, next] of [
    [path[0], path[1]],
    [path.at(-1), path.at(-2)],
  ]) {
    if (at === undefined || next === undefined) continue;
    const [[ax, ay], [bx, by]] = [toScreen(projection, at), toScreen(projection, next)];
    const across = Math.atan2(by - ay, bx - ax) + Math.PI / 2;
    context.moveTo(ax - 6 * Math.cos(across), ay - 6 * Math.sin(across));
    context.lineTo(ax + 6 * Math.cos(across), ay + 6 * Math.sin(across));
  }
}

/** Dots, of which each place of the screen gets one only, however many shapes lie there. */
class Dots {
  readonly #context: CanvasRenderingContext2D;
  readonly #area: Box;
  readonly #columns: number;
  readonly #taken: Uint8Array;

  constructor(context: CanvasRenderingContext2D, area: Box) {
    this.#context = context;
    this.#area = area;
    this.#columns = Math.ceil((area.right - area.left) / 2) + 1;
    this.#taken = new Uint8Array(this.#columns * (Math.ceil((area.bottom - area.top) / 2) + 1));
  }

  add([x, y]: Position, colour: string, size = dotPx): void {
    const column = Math.floor((x - this.#area.left) / 2);
    const place = Math.floor((y - this.#area.top) / 2) * this.#columns + column;
    if (this.#taken[place] === 1) return;
    this.#taken[place] = 1;
    this.#context.fillStyle = colour;
    this.#context.fillRect(x - size / 2, y - size / 2, size, size);
  }
}
