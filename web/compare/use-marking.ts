import { useEffect, useRef, useState } from 'preact/hooks';
import type { OpenedSlides } from './use-comparison.ts';
import { onScreen, type Place } from './transform.ts';

/** Marking the same structures on all slides, to lay them together. */
export interface Marking {
  readonly isOn: boolean;
  /** One or two places on each slide, px of the slide. */
  readonly marks: readonly (readonly Place[])[];
  /** Structures that are marked on all slides. */
  readonly pairs: number;
  /** Why the last mark was not taken. */
  readonly trouble: string | undefined;
  readonly start: () => void;
  readonly stop: () => void;
  readonly clear: () => void;
  /** Marks what is in the middle of a slide's pane. */
  readonly markMiddle: (n: number) => void;
}

/** Second marks nearer than this to the first would turn a slide by chance, CSS px. */
const leastApart = 40;

/** A double click is one mark, ms. */
const againMs = 400;

/** Takes marks by clicks while it is on, and aligns as soon as a structure is marked on all slides. */
export function useMarking(opened: OpenedSlides | undefined, count: number): Marking {
  const [isOn, setOn] = useState(false);
  const [marks, setMarks] = useState(() => noMarks(count));
  const [trouble, setTrouble] = useState<string>();
  const last = useRef({ n: -1, at: 0 });
  const links = opened?.links;
  const mark = (n: number, px: Place) => {
    const isAgain = last.current.n === n && performance.now() - last.current.at < againMs;
    if (opened === undefined || isAgain) return;
    const at = Math.min(pairsOf(marks), 1);
    if (at === 1 && isTooNear(opened, n, marks[n]?.[0], px))
      return setTrouble('Choose a structure further away from the first.');
    last.current = { n, at: performance.now() };
    setTrouble(undefined);
    const now = marks.map((own, i) => (i === n ? [...own.slice(0, at), px] : own));
    setMarks(now);
    if (pairsOf(now) > at) opened.links.alignByMarks(now.map((own) => own.slice(0, at + 1)));
  };
  const latest = useRef(mark);
  latest.current = mark;
  const viewers = opened?.panes.map(({ viewer }) => viewer);
  useEffect(() => {
    links?.mark(isOn);
    if (!isOn) return undefined;
    const undo = viewers?.map(({ osd }, n) => {
      const take = (event: OpenSeadragon.CanvasClickEvent) => {
        if (event.quick) latest.current(n, placeAt(osd, event.position));
      };
      osd.addHandler('canvas-click', take);
      doubleClickZooms(osd, false);
      return () => {
        osd.removeHandler('canvas-click', take);
        doubleClickZooms(osd, true);
      };
    });
    return () => undo?.forEach((one) => one());
  }, [links, isOn]);
  const clear = () => {
    setMarks(noMarks(count));
    setTrouble(undefined);
  };
  return {
    isOn,
    marks,
    pairs: pairsOf(marks),
    trouble,
    clear,
    start() {
      clear();
      setOn(true);
    },
    stop() {
      clear();
      setOn(false);
    },
    markMiddle(n) {
      const view = opened?.panes[n]?.viewer.view();
      if (view !== undefined) mark(n, view);
    },
  };
}

function noMarks(count: number): readonly (readonly Place[])[] {
  return Array.from({ length: count }, () => []);
}

function pairsOf(marks: readonly (readonly Place[])[]): number {
  return Math.min(...marks.map((own) => own.length));
}

function isTooNear({ panes }: OpenedSlides, n: number, first: Place | undefined, px: Place): boolean {
  const view = panes[n]?.viewer.view();
  if (view === undefined || first === undefined) return false;
  const [a, b] = [onScreen(first, view), onScreen(px, view)];
  return Math.hypot(a.x - b.x, a.y - b.y) < leastApart;
}

function placeAt({ viewport }: OpenSeadragon.Viewer, position: OpenSeadragon.Point): Place {
  const { x, y } = viewport.viewportToImageCoordinates(viewport.pointFromPixel(position, true));
  return { x, y };
}

function doubleClickZooms(osd: OpenSeadragon.Viewer, dblClickToZoom: boolean): void {
  // The types leave these settings of a viewer out.
  for (const kind of ['gestureSettingsMouse', 'gestureSettingsTouch', 'gestureSettingsPen']) {
    const settings: unknown = Reflect.get(osd, kind);
    if (typeof settings === 'object' && settings !== null) Object.assign(settings, { dblClickToZoom });
  }
}
