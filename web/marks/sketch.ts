import type { KnownMpp } from '../viewer/magnification.ts';
import type { Desk } from './desk.ts';
import { geometryOf, handlesOf } from './draft.ts';
import { measuresOf, measuresText } from './measure.ts';
import { edgeOf, paintMark } from './paint.ts';
import { shownBox, toScreen, type Projection } from './projection.ts';
import { boxOf, middleOf, type Geometry, type Mark, type Position } from './shape.ts';

/** Handles nearer to each other than this are left out, CSS px. */
const handleGap = 16;
/** With more marks in view than this their labels would hide the slide. */
const mostLabels = 40;

/** What is sketched over the marks. */
export interface Sketch {
  readonly context: CanvasRenderingContext2D;
  readonly projection: Projection;
  readonly width: number;
  readonly height: number;
  readonly desk: Desk;
  readonly mpp: KnownMpp;
  /** How many marks are in view. */
  readonly shown: number;
}

/** Whether there is anything to sketch. */
export function hasSketch({ selected, draft, cross }: Desk, shown: number): boolean {
  return (
    selected !== undefined || draft !== undefined || cross !== undefined || (shown > 0 && shown <= mostLabels)
  );
}

/** Paints what is being done: the selected mark with its handles, what is drawn, the cross, and labels where there is room. */
export function sketch(parts: Sketch): void {
  const { context, projection, width, height, desk, shown } = parts;
  context.clearRect(0, 0, width, height);
  context.lineJoin = 'round';
  context.lineCap = 'round';
  const { selected, moving } = desk;
  if (shown <= mostLabels) {
    const screen = { left: 0, top: 0, right: width, bottom: height };
    for (const mark of desk.marks.set.within(shownBox(projection, screen)))
      if (mark.id !== selected?.id) paintWords(parts, mark);
  }
  if (selected !== undefined)
    paintSelected(parts, { ...selected, geometry: moving?.geometry ?? selected.geometry });
  paintDraft(parts);
  if (desk.cross !== undefined) paintCross(context, toScreen(projection, desk.cross));
}

function paintSelected(parts: Sketch, mark: Mark): void {
  const { context, projection, desk } = parts;
  if (mark.geometry.type === 'Polygon') {
    context.globalAlpha = 0.18;
    context.fillStyle = mark.colour;
    context.beginPath();
    fillPath(context, projection, mark);
    context.fill('evenodd');
    context.globalAlpha = 1;
  }
  paintMark(context, projection, mark, true);
  if (desk.canChange) {
    shownHandles(projection, mark.geometry).forEach(({ at, place }) =>
      paintHandle(context, place, at === desk.handle ? mark.colour : '#fff'),
    );
    if (mark.geometry.type !== 'Point') paintMover(context, moverOf(projection, mark.geometry));
  }
  paintWords(parts, mark);
}

function fillPath(context: CanvasRenderingContext2D, projection: Projection, { kind, geometry }: Mark): void {
  if (kind === 'ellipse') {
    const box = boxOf(geometry);
    const [x, y] = toScreen(projection, middleOf(box));
    const [rx, ry] = [
      ((box.right - box.left) / 2) * projection.zoom,
      ((box.bottom - box.top) / 2) * projection.zoom,
    ];
    context.ellipse(x, y, rx, ry, Math.atan2(projection.b, projection.a), 0, 2 * Math.PI);
    return;
  }
  if (geometry.type !== 'Polygon') return;
  for (const ring of geometry.coordinates) {
    ring.forEach((position, i) => {
      const [x, y] = toScreen(projection, position);
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
  }
}

/** A handle on the screen: which point it moves, and where it is. */
export interface ShownHandle {
  readonly at: number;
  readonly place: Position;
}

/** The handles that are shown: where points lie close together, some of them. */
export function shownHandles(projection: Projection, geometry: Geometry): readonly ShownHandle[] {
  const shown: ShownHandle[] = [];
  handlesOf(geometry).forEach((position, at) => {
    const place = toScreen(projection, position);
    const last = shown.at(-1);
    if (last !== undefined && distance(last.place, place) < handleGap) return;
    shown.push({ at, place });
  });
  return shown;
}

/** Where the handle that moves a whole shape is: below its middle. */
export function moverOf(projection: Projection, geometry: Geometry): Position {
  const [x, y] = toScreen(projection, middleOf(boxOf(geometry)));
  return [x, y];
}

function paintHandle(context: CanvasRenderingContext2D, [x, y]: Position, fill: string): void {
  context.beginPath();
  context.arc(x, y, 5.5, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.strokeStyle = '#14171a';
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
}

function paintMover(context: CanvasRenderingContext2D, [x, y]: Position): void {
  context.beginPath();
  context.arc(x, y, 9, 0, 2 * Math.PI);
  context.fillStyle = '#fff';
  context.strokeStyle = '#14171a';
  context.lineWidth = 1.5;
  context.fill();
  for (const [dx, dy] of [
    [1, 0],
    [0, 1],
  ] as const) {
    context.moveTo(x - dx * 5, y - dy * 5);
    context.lineTo(x + dx * 5, y + dy * 5);
  }
  context.stroke();
}

function paintDraft(parts: Sketch): void {
  const { context, projection, desk } = parts;
  const { draft, colour } = desk;
  if (draft === undefined) return;
  const { kind } = draft;
  const isOpen = kind === 'polygon' || kind === 'freehand';
  const points = draft.next === undefined ? draft.points : [...draft.points, draft.next];
  const geometry = isOpen ? openPath(points) : geometryOf(draft);
  if (geometry !== undefined) {
    paintMark(context, projection, { kind: isOpen ? 'polygon' : kind, geometry, colour }, true);
    paintText(context, measured(parts, kind, geometryOf(draft)), beside(projection, points.at(-1)));
  }
  if (kind !== 'freehand')
    for (const point of draft.points) paintHandle(context, toScreen(projection, point), '#fff');
}

/** Points as a line that is not closed yet. */
function openPath(points: readonly Position[]): Geometry | undefined {
  return points.length < 2 ? undefined : { type: 'LineString', coordinates: points };
}

function measured({ mpp }: Sketch, kind: Mark['kind'], geometry: Geometry | undefined): string {
  if (mpp === undefined || geometry === undefined || kind === 'arrow') return '';
  return measuresText(measuresOf(kind, geometry, mpp));
}

/** Label and, of a ruler or of what is selected, how large it is. */
function paintWords(parts: Sketch, mark: Mark): void {
  const { context, projection, desk } = parts;
  const isMeasured = mark.kind === 'line' || mark.id === desk.selected?.id;
  const text = [mark.label, isMeasured ? measured(parts, mark.kind, mark.geometry) : '']
    .filter((part) => part !== '')
    .join(' · ');
  paintText(context, text, wordsPlace(projection, mark));
}

/** Right of a point or of a line's end; above the middle of anything else. */
function wordsPlace(projection: Projection, { geometry }: Mark): Position {
  if (geometry.type === 'Point') return beside(projection, geometry.coordinates);
  if (geometry.type === 'LineString') return beside(projection, geometry.coordinates.at(-1));
  const corners = handlesOf(geometry).map((position) => toScreen(projection, position));
  const top = corners.reduce((best, corner) => (corner[1] < best[1] ? corner : best));
  return [top[0], top[1] - 16];
}

function beside(projection: Projection, position: Position | undefined): Position {
  const [x, y] = toScreen(projection, position ?? [0, 0]);
  return [x + 12, y];
}

function paintText(context: CanvasRenderingContext2D, text: string, [x, y]: Position): void {
  if (text === '') return;
  const words = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  context.font = '600 13px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const { width } = context.measureText(words);
  context.fillStyle = 'rgb(255 255 255 / 90%)';
  context.beginPath();
  context.roundRect(x - 5, y - 11, width + 10, 22, 5);
  context.fill();
  context.fillStyle = '#14171a';
  context.fillText(words, x, y + 1);
}

function paintCross(context: CanvasRenderingContext2D, [x, y]: Position): void {
  for (const [style, width] of [
    [edgeOf('#ffffff'), 4],
    ['#fff', 2],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    for (const side of [-1, 1]) {
      context.moveTo(x + side * 4, y);
      context.lineTo(x + side * 18, y);
      context.moveTo(x, y + side * 4);
      context.lineTo(x, y + side * 18);
    }
    context.stroke();
  }
}

function distance([ax, ay]: Position, [bx, by]: Position): number {
  return Math.hypot(bx - ax, by - ay);
}
