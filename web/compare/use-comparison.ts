import type { RefObject } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Slide } from '../api.ts';
import type { FailedTile } from '../viewer/failed-tiles.ts';
import { openSlideViewer, type SlideViewer } from '../viewer/slide-viewer.ts';
import { shownBy, wishes, type OpenedSlide } from '../viewer/use-slide-viewer.ts';
import { LinkedViews } from './linked-views.ts';
import { formatLink, parseLink, type ComparisonLink, type Settings } from './link.ts';
import { planesOf } from './transform.ts';

declare global {
  interface Window {
    /** For tests and for support over the telephone: a viewer for each slide. */
    telepathCompare?: {
      readonly viewers: readonly SlideViewer['osd'][];
      failedTiles(): readonly FailedTile[];
      isSettled(): boolean;
    };
  }
}

/** Slides that are open beside each other. */
export interface OpenedSlides {
  readonly links: LinkedViews;
  /** In the order of the slides. */
  readonly panes: readonly OpenedSlide[];
}

/** A comparison: what is open, how it is looked at, and how that is changed. */
export interface Comparison {
  /** Undefined until all slides are open. */
  readonly opened: OpenedSlides | undefined;
  readonly settings: Settings;
  readonly change: (settings: Partial<Settings>) => void;
}

/** How long the view must rest before the address says it, ms: browsers refuse more than 100 changes in 30 s. */
const restMs = 350;

/**
 * Opens slides in as many elements, as the address asks for, and keeps the address up to date.
 *
 * @param slides must stay the same as long as the component lives
 */
export function useComparison(
  slides: readonly Slide[],
  stages: RefObject<readonly (HTMLElement | null)[]>,
): Comparison {
  const [opened, setOpened] = useState<OpenedSlides>();
  const [settings, setSettings] = useState(() => parseLink(location.hash, slides.length).settings);
  const now = useRef({ settings, opened });
  now.current = { settings, opened };
  const write = useAddress(() => linkTo(now.current.opened, now.current.settings));
  useEffect(() => {
    const elements = (stages.current ?? []).filter((one) => one !== null);
    if (elements.length !== slides.length) return undefined;
    const follow = (link: ComparisonLink) => setSettings(link.settings);
    return run({ slides, elements, setOpened, write, follow });
  }, [slides, stages, write]);
  useEffect(() => {
    if (opened === undefined) return;
    opened.links.isSuperimposed = settings.mode !== 'side';
    write();
  }, [opened?.links, settings, write]);
  const change = useCallback(
    (changes: Partial<Settings>) => setSettings((before) => ({ ...before, ...changes })),
    [],
  );
  return { opened, settings, change };
}

/** What leads to a comparison as it will be once it has stopped gliding; undefined before it is open. */
export function linkTo(opened: OpenedSlides | undefined, settings: Settings): string | undefined {
  if (opened === undefined) return undefined;
  const { links } = opened;
  const shown = links.isLinked ? links.common(true) : links.views();
  return formatLink({ settings, alignments: links.alignments, shown });
}

/** A function that puts what `hash` gives into the address, once nothing has changed for a while. */
function useAddress(hash: () => string | undefined): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(hash);
  latest.current = hash;
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const now = latest.current();
      if (now !== undefined) history.replaceState(history.state, '', now);
    }, restMs);
  }, []);
}

interface RunParts {
  readonly slides: readonly Slide[];
  readonly elements: readonly HTMLElement[];
  readonly setOpened: (opened: OpenedSlides | undefined) => void;
  readonly write: () => void;
  readonly follow: (link: ComparisonLink) => void;
}

function run({ slides, elements, setOpened, write, follow }: RunParts): () => void {
  let frame = 0;
  let links: LinkedViews | undefined;
  let offered: readonly SlideViewer[] = [];
  const refresh = () => {
    if (links === undefined || frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (links === undefined) return;
      setOpened({ links, panes: offered.map((viewer) => ({ viewer, shown: shownBy(viewer) })) });
    });
  };
  const viewers = openViewers(slides, elements, (n) => {
    links?.moved(n);
    refresh();
  });
  const followAddress = () => {
    const link = parseLink(location.hash, slides.length);
    follow(link);
    if (links !== undefined) restore(links, link);
  };
  whenAllOpen(viewers, () => {
    const made = new LinkedViews(viewers, planesOf(slides), () => {
      refresh();
      write();
    });
    links = made;
    offered = viewers.map((viewer, n) => ({ ...viewer, fit: () => made.fit(n) }));
    made.fit(0);
    restore(made, parseLink(location.hash, slides.length));
    refresh();
  });
  for (const { osd } of viewers) osd.addHandler('animation-finish', write);
  const retry = () => viewers.forEach(({ failed }) => failed.retry());
  addEventListener('hashchange', followAddress);
  addEventListener('online', retry);
  window.telepathCompare = doorFor(viewers);
  return () => {
    cancelAnimationFrame(frame);
    removeEventListener('hashchange', followAddress);
    removeEventListener('online', retry);
    delete window.telepathCompare;
    links = undefined;
    for (const viewer of viewers) viewer.destroy();
    setOpened(undefined);
  };
}

/**
 * A viewer for each slide, without an overview. A browser keeps some eight to sixteen WebGL contexts, and each viewer
 * may take two: more than two slides are drawn by the 2D canvas.
 */
function openViewers(
  slides: readonly Slide[],
  elements: readonly HTMLElement[],
  changed: (n: number) => void,
): readonly SlideViewer[] {
  const { usesCanvas, isCalm } = wishes();
  return slides.flatMap((slide, n) => {
    const stage = elements[n];
    if (stage === undefined) return [];
    const around = { stage, isCalm, usesCanvas: usesCanvas || slides.length > 2, share: 1 / slides.length };
    return [openSlideViewer(slide, around, () => changed(n))];
  });
}

function whenAllOpen(viewers: readonly SlideViewer[], act: () => void): void {
  let waiting = viewers.length;
  for (const { osd } of viewers)
    osd.addOnceHandler('open', () => {
      waiting -= 1;
      if (waiting === 0) act();
    });
}

function restore(links: LinkedViews, { alignments, shown }: ComparisonLink): void {
  links.restore(alignments, shown === undefined || 'pxPerMm' in shown);
  if (shown !== undefined) links.show(shown);
}

function doorFor(viewers: readonly SlideViewer[]): NonNullable<Window['telepathCompare']> {
  return {
    viewers: viewers.map(({ osd }) => osd),
    failedTiles: () => viewers.flatMap(({ failed }) => failed.list()),
    isSettled: () => viewers.every(({ isSettled }) => isSettled()),
  };
}
