import type { SlideViewer } from '../viewer/slide-viewer.ts';
import type { Desk } from './desk.ts';
import { handlesOf, isComplete, withHandleAt, withPoint } from './draft.ts';
import { projectionNow } from './pen.ts';
import { toScreen, toSlide } from './projection.ts';
import { kinds, type Kind, type Position } from './shape.ts';

/** Which letter takes which tool, while the tools are shown. */
export const toolKeys: Readonly<Record<Kind, string>> = {
  line: 'l',
  arrow: 'v',
  point: 'p',
  rectangle: 'b',
  ellipse: 'e',
  polygon: 'g',
  freehand: 'h',
  text: 't',
};

/** The keys and what they do, as the help lists them. */
export const deskHelp: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['A'], 'Draw and measure: show or hide the tools'],
  [['M'], 'List of annotations'],
  [
    ['L', 'V', 'P', 'B', 'E', 'G', 'H', 'T'],
    'While they are shown: ruler, arrow, point, box, ellipse, polygon, freehand, text',
  ],
  [
    ['←', '→', '↑', '↓', 'Enter'],
    'With a tool: move the cross, set a point; with Shift further, with Alt finely',
  ],
  [['Enter'], 'On the same place again: the outline is complete'],
  [['Backspace'], 'Take the last point back; delete what is selected'],
  [['Ctrl Z', 'Ctrl Shift Z'], 'Undo, redo'],
];

/** How far an arrow key moves the cross, CSS px: usually, with Shift, with Alt. */
const stepPx = { usual: 12, far: 60, fine: 1 } as const;
/** The cross never comes nearer to the edge of the stage: the slide moves instead, CSS px. */
const edgePx = 60;

const arrows: ReadonlyMap<string, Position> = new Map<string, Position>([
  ['ArrowLeft', [-1, 0]],
  ['ArrowRight', [1, 0]],
  ['ArrowUp', [0, -1]],
  ['ArrowDown', [0, 1]],
]);

/** Keys that are for the tools and for what is selected. @returns whether a key was */
export function readDeskKey(desk: Desk, viewer: SlideViewer, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey) return !event.altKey && readUndoKey(desk, event);
  const arrow = arrows.get(event.key);
  if (arrow !== undefined) return readArrow(desk, viewer, arrow, event);
  if (event.altKey) return false;
  if (event.key === 'Escape') return readEscape(desk);
  if (event.key === 'Enter') return !isOnControl(event.target) && readEnter(desk, viewer);
  if (event.key === 'Backspace' || event.key === 'Delete') return readDelete(desk);
  if (event.shiftKey || event.key.toLowerCase() !== 'a') return false;
  desk.open(!desk.isOpen);
  return true;
}

/** Steps that were taken back or done again are shown: the first of them is selected. */
export function undoOrRedo(desk: Desk, way: 'undo' | 'redo'): void {
  desk.cancel();
  const steps = way === 'undo' ? desk.marks.undo() : desk.marks.redo();
  const [first] = steps ?? [];
  const word = way === 'undo' ? 'undone' : 'done again';
  const count = steps?.length ?? 0;
  desk.marks.say(
    count === 0 ? `Nothing can be ${word}` : count === 1 ? `One change ${word}` : `${count} changes ${word}`,
  );
  desk.select(first?.after?.id);
}

function readUndoKey(desk: Desk, { key, shiftKey }: KeyboardEvent): boolean {
  const letter = key.toLowerCase();
  if (letter !== 'z' && letter !== 'y') return false;
  undoOrRedo(desk, letter === 'y' || shiftKey ? 'redo' : 'undo');
  return true;
}

/** Letters that take tools, while the tools are shown; then they come before those of other parts. @returns whether a key was one */
export function readToolKey(desk: Desk, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
  const kind = kinds.find((one) => toolKeys[one] === event.key.toLowerCase());
  if (kind === undefined || !desk.offers(kind)) return false;
  desk.pick(desk.tool === kind ? undefined : kind);
  return true;
}

/** One thing at a time: what is drawn, the point in hand, the tool, the selection, the tools. */
function readEscape(desk: Desk): boolean {
  if (desk.cancel()) return true;
  if (desk.handle !== undefined) desk.takeHandle(undefined);
  else if (desk.tool !== undefined) desk.pick(undefined);
  else if (desk.selected !== undefined) desk.select(undefined);
  else if (desk.isOpen) desk.open(false);
  else return false;
  return true;
}

function readDelete(desk: Desk): boolean {
  if (desk.stepBack()) return true;
  const { selected } = desk;
  if (selected === undefined || !desk.canChange) return false;
  desk.remove(selected);
  return true;
}

function readEnter(desk: Desk, viewer: SlideViewer): boolean {
  const { handle, selected, tool } = desk;
  if (handle !== undefined && selected !== undefined) {
    desk.takeHandle((handle + 1) % handlesOf(selected.geometry).length);
    return true;
  }
  if (tool === undefined) return false;
  const place = desk.cross ?? middleOfStage(viewer);
  if (desk.cross === undefined) desk.setCross(place);
  const points = desk.draft?.points ?? [];
  const next = withPoint({ kind: tool, points, next: undefined }, place);
  const [x, y] = points.at(-1) ?? [];
  const [nx, ny] = next.points.at(-1) ?? [];
  if (x === nx && y === ny && !isComplete(next)) desk.finish();
  else desk.setPoint(place);
  return true;
}

function readArrow(desk: Desk, viewer: SlideViewer, [dx, dy]: Position, event: KeyboardEvent): boolean {
  const step = event.altKey ? stepPx.fine : event.shiftKey ? stepPx.far : stepPx.usual;
  const { handle, selected } = desk;
  const now = projectionNow(viewer);
  if (handle !== undefined && selected !== undefined) {
    const at = handlesOf(selected.geometry)[handle];
    if (at === undefined) return false;
    const [x, y] = toScreen(now, at);
    const place = toSlide(now, [x + dx * step, y + dy * step]);
    desk.change(selected, { geometry: withHandleAt(selected.kind, selected.geometry, handle, place) });
    return true;
  }
  if (desk.tool === undefined) return false;
  const [x, y] = toScreen(now, desk.cross ?? middleOfStage(viewer));
  const [toX, toY] = desk.cross === undefined ? [x, y] : [x + dx * step, y + dy * step];
  desk.setCross(toSlide(now, [toX, toY]));
  keepInSight(viewer, [toX, toY]);
  return true;
}

/** Moves the slide when the cross comes near to the edge. */
function keepInSight({ osd, ...viewer }: SlideViewer, [x, y]: Position): void {
  const { x: width, y: height } = osd.viewport.getContainerSize();
  const [right, down] = [over(x, width), over(y, height)];
  if (right !== 0 || down !== 0) viewer.panBy((right * 3) / width, (down * 3) / height);
}

/** How far a place is beyond what is kept clear at both ends of a length. */
function over(at: number, length: number): number {
  return at < edgePx ? at - edgePx : Math.max(0, at - length + edgePx);
}

function middleOfStage(viewer: SlideViewer): Position {
  const { x, y } = viewer.view();
  return [x, y];
}

function isOnControl(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('button, a, summary, label, [role="option"]') !== null
  );
}
