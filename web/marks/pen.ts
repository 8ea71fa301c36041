import type OpenSeadragon from 'openseadragon';
import type { SlideViewer } from '../viewer/slide-viewer.ts';
import type { Desk } from './desk.ts';
import { pointsOf, withHandleAt } from './draft.ts';
import { projectionOf, toScreen, toSlide, type Projection } from './projection.ts';
import { moverOf, shownHandles } from './sketch.ts';
import { movedBy, type Mark, type Position } from './shape.ts';

/** How near is near enough, CSS px: of a mouse or pen, of a finger. */
const reachOf = { fine: 8, finger: 20 } as const;
/** Less than this is a click, CSS px. */
const leastDrag = 4;

/** What a drag that began here does. */
type Grip =
  | { readonly kind: 'draw' }
  | { readonly kind: 'handle'; readonly mark: Mark; readonly at: number }
  | { readonly kind: 'whole'; readonly mark: Mark; readonly from: Position };

/** How the slide lies on the stage at this moment. */
export function projectionNow(viewer: SlideViewer): Projection {
  const { x, y } = viewer.osd.viewport.getContainerSize();
  return projectionOf(viewer.view(), x, y);
}

/**
 * Lets pointers draw, select and move marks, by the viewer's own gestures: what no tool and no mark wants moves the
 * slide as ever, and two fingers and the wheel always do.
 *
 * @returns stops that
 */
export function startPen(viewer: SlideViewer, desk: Desk): () => void {
  const pen = new Pen(viewer, desk);
  const { osd } = viewer;
  osd.addHandler('canvas-press', pen.press);
  osd.addHandler('canvas-drag', pen.drag);
  osd.addHandler('canvas-drag-end', pen.release);
  osd.addHandler('canvas-click', pen.click);
  osd.addHandler('canvas-double-click', pen.doubleClick);
  osd.addHandler('canvas-pinch', pen.pinch);
  osd.canvas.addEventListener('pointermove', pen.hover);
  return () => {
    osd.removeHandler('canvas-press', pen.press);
    osd.removeHandler('canvas-drag', pen.drag);
    osd.removeHandler('canvas-drag-end', pen.release);
    osd.removeHandler('canvas-click', pen.click);
    osd.removeHandler('canvas-double-click', pen.doubleClick);
    osd.removeHandler('canvas-pinch', pen.pinch);
    osd.canvas?.removeEventListener('pointermove', pen.hover);
  };
}

class Pen {
  readonly #viewer: SlideViewer;
  readonly #desk: Desk;
  #grip: Grip | undefined;
  #pressedAt: Position | undefined;
  #reach: number = reachOf.fine;

  constructor(viewer: SlideViewer, desk: Desk) {
    this.#viewer = viewer;
    this.#desk = desk;
  }

  readonly press = ({ position, pointerType }: OpenSeadragon.CanvasPressEvent): void => {
    this.#reach = reachOf[pointerType === 'touch' ? 'finger' : 'fine'];
    this.#pressedAt = [position.x, position.y];
    this.#grip = this.#gripAt(this.#pressedAt);
  };

  readonly drag = (event: OpenSeadragon.CanvasDragEvent): void => {
    if (this.#grip === undefined || this.#pressedAt === undefined) return;
    event.preventDefaultAction = true;
    const now: Position = [event.position.x, event.position.y];
    const { kind } = this.#grip;
    if (kind === 'draw') this.#draw(this.#pressedAt, now);
    else this.#move(this.#grip, now);
  };

  readonly release = (event: Omit<OpenSeadragon.CanvasDragEvent, 'delta'>): void => {
    const grip = this.#grip;
    if (grip === undefined) return;
    this.#grip = undefined;
    event.preventDefaultAction = true;
    if (grip.kind !== 'draw') return this.#desk.drop();
    const { draft } = this.#desk;
    if (draft === undefined) return undefined;
    if (draft.kind === 'freehand') return this.#desk.finish(1 / this.#viewer.view().zoom);
    this.#desk.setPoint(this.#slideAt([event.position.x, event.position.y]));
    return undefined;
  };

  readonly click = (event: OpenSeadragon.CanvasClickEvent): void => {
    if (!event.quick) return;
    const place: Position = [event.position.x, event.position.y];
    const desk = this.#desk;
    if (desk.tool === undefined) {
      const mark = desk.marks.set.at(this.#slideAt(place), this.#reach / this.#viewer.view().zoom);
      desk.select(mark?.id);
      return;
    }
    event.preventDefaultAction = true;
    if (desk.tool === 'freehand') return;
    const [first] = desk.draft?.points ?? [];
    const isClosing =
      desk.tool === 'polygon' &&
      first !== undefined &&
      (desk.draft?.points.length ?? 0) > 2 &&
      away(toScreen(this.#now(), first), place) <= this.#reach;
    if (isClosing) desk.finish();
    else desk.setPoint(this.#slideAt(place));
  };

  /** The second click of two has set a point already. */
  readonly doubleClick = (event: OpenSeadragon.CanvasDoubleClickEvent): void => {
    if (this.#desk.tool === undefined) return;
    event.preventDefaultAction = true;
    if (this.#desk.draft?.kind === 'polygon') this.#desk.finish();
  };

  /** Two fingers move the slide: what the first one began is not meant. */
  readonly pinch = (): void => {
    if (this.#grip === undefined) return;
    this.#grip = undefined;
    this.#desk.cancel();
  };

  readonly hover = (event: PointerEvent): void => {
    const { left, top } = this.#viewer.osd.canvas.getBoundingClientRect();
    const place: Position = [event.clientX - left, event.clientY - top];
    if (event.pointerType !== 'touch' && this.#grip === undefined) this.#desk.hover(this.#slideAt(place));
    this.#viewer.osd.canvas.style.cursor = this.#cursorAt(place);
  };

  #cursorAt(place: Position): string {
    if (this.#desk.tool !== undefined) return 'crosshair';
    if (this.#gripAt(place) !== undefined) return 'move';
    const reach = reachOf.fine / this.#viewer.view().zoom;
    return this.#desk.marks.set.at(this.#slideAt(place), reach) === undefined ? '' : 'pointer';
  }

  #gripAt(place: Position): Grip | undefined {
    const { tool, selected, canChange } = this.#desk;
    if (tool !== undefined) {
      const isDragged = tool === 'freehand' || pointsOf(tool) === 2;
      return isDragged ? { kind: 'draw' } : undefined;
    }
    if (selected === undefined || !canChange) return undefined;
    const now = this.#now();
    const reach = this.#reach + 3;
    const handle = shownHandles(now, selected.geometry).find((one) => away(one.place, place) <= reach);
    if (handle !== undefined) return { kind: 'handle', mark: selected, at: handle.at };
    if (selected.geometry.type === 'Point' || away(moverOf(now, selected.geometry), place) > reach)
      return undefined;
    return { kind: 'whole', mark: selected, from: this.#slideAt(place) };
  }

  #draw(from: Position, now: Position): void {
    const desk = this.#desk;
    if (desk.draft === undefined) {
      if (away(from, now) < leastDrag && desk.tool !== 'freehand') return;
      desk.setPoint(this.#slideAt(from));
    }
    if (desk.tool === 'freehand') desk.setPoint(this.#slideAt(now));
    else desk.hover(this.#slideAt(now));
  }

  #move(grip: Exclude<Grip, { kind: 'draw' }>, now: Position): void {
    const { mark } = grip;
    const place = this.#slideAt(now);
    if (grip.kind === 'handle') this.#desk.move(mark, withHandleAt(mark.kind, mark.geometry, grip.at, place));
    else this.#desk.move(mark, movedBy(mark.geometry, place[0] - grip.from[0], place[1] - grip.from[1]));
  }

  #now(): Projection {
    return projectionNow(this.#viewer);
  }

  #slideAt(place: Position): Position {
    return toSlide(this.#now(), place);
  }
}

function away([ax, ay]: Position, [bx, by]: Position): number {
  return Math.hypot(ax - bx, ay - by);
}
