import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Slide } from '../api.ts';
import { formatHash, parseHash, type View } from './deep-link.ts';
import type { FailedTile } from './failed-tiles.ts';
import { openSlideViewer, type SlideViewer } from './slide-viewer.ts';

declare global {
  interface Window {
    /** For tests and for support over the telephone. */
    telepath?: {
      readonly viewer: SlideViewer['osd'];
      failedTiles(): readonly FailedTile[];
      isSettled(): boolean;
    };
  }
}

/** What the tool bar, the scale bar and the badge show. */
export interface Shown {
  readonly view: View;
  readonly limits: ReturnType<SlideViewer['zoomLimits']>;
  readonly failedInView: number;
  /** Tiles in view that are still being sent. */
  readonly arrivingInView: number;
  /** Absent where the slide has one focal plane. */
  readonly focus?: { readonly plane: number; readonly isLoading: boolean };
  /** Whether the coarsest level is there, which stays: from then on no part of the slide is ever blank. */
  readonly hasCoarsest: boolean;
}

/** An opened slide, and what it shows now; undefined until the slide is open. */
export interface OpenedSlide {
  readonly viewer: SlideViewer;
  readonly shown: Shown;
}

/** Opens `slide` in the two elements, at the place that the address names, and keeps the address up to date. */
export function useSlideViewer(
  slide: Slide,
  stage: RefObject<HTMLElement | null>,
  navigator: RefObject<HTMLElement | null>,
): OpenedSlide | undefined {
  const [opened, setOpened] = useState<OpenedSlide>();
  useEffect(() => {
    if (stage.current === null || navigator.current === null) return undefined;
    const around = { stage: stage.current, navigator: navigator.current, ...wishes() };
    return run(slide, around, setOpened);
  }, [slide, stage, navigator]);
  return opened;
}

/** What the address (`?drawer=canvas`, `?drawer=webgl`) and the person's system ask for. */
export function wishes() {
  const drawer = new URLSearchParams(location.search).get('drawer');
  return {
    usesCanvas: drawer === 'canvas' || (drawer !== 'webgl' && !hasFastWebGl()),
    isCalm: matchMedia('(prefers-reduced-motion: reduce)').matches,
  };
}

/**
 * Whether WebGL runs on a graphics processor. Where it is imitated in software (remote desktops, virtual machines)
 * the 2D canvas draws the same picture about ten times as fast.
 */
function hasFastWebGl(): boolean {
  const canvas = document.createElement('canvas');
  const wish: WebGLContextAttributes = { failIfMajorPerformanceCaveat: true };
  const context = canvas.getContext('webgl2', wish) ?? canvas.getContext('webgl', wish);
  if (context === null) return false;
  // Chromium does not count its own software renderer as a caveat, so its name is asked for too.
  const names = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}

function run(
  slide: Slide,
  around: Parameters<typeof openSlideViewer>[1],
  setOpened: (opened: OpenedSlide | undefined) => void,
): () => void {
  let frame = 0;
  let isOpen = false;
  let plane = slide.focus?.base;
  const changed = () => {
    if (!isOpen || frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (plane !== viewer.focus?.plane) keepAddress();
      plane = viewer.focus?.plane;
      setOpened({ viewer, shown: shownBy(viewer) });
    });
  };
  const viewer = openSlideViewer(slide, around, changed);
  const keepAddress = () => {
    // While another slide is being opened the address is that one's already.
    if (isOpen && location.pathname.includes(slide.id))
      history.replaceState(history.state, '', formatHash(viewer.destination()));
  };
  const follow = () => {
    const view = parseHash(location.hash);
    if (view !== undefined && isOpen) viewer.show(view, around.isCalm);
  };
  viewer.osd.addOnceHandler('open', () => {
    isOpen = true;
    const view = parseHash(location.hash);
    if (view !== undefined) viewer.show(view, true);
    changed();
  });
  viewer.osd.addHandler('animation-finish', keepAddress);
  const retry = () => viewer.failed.retry();
  addEventListener('hashchange', follow);
  addEventListener('online', retry);
  const { osd, failed, isSettled } = viewer;
  window.telepath = { viewer: osd, failedTiles: () => failed.list(), isSettled };
  return () => {
    cancelAnimationFrame(frame);
    removeEventListener('hashchange', follow);
    removeEventListener('online', retry);
    delete window.telepath;
    isOpen = false;
    viewer.destroy();
  };
}

/** What a viewer shows at this moment. */
export function shownBy(viewer: SlideViewer): Shown {
  const { focus } = viewer;
  return {
    ...(focus && { focus: { plane: focus.plane, isLoading: focus.isLoading } }),
    view: viewer.view(),
    limits: viewer.zoomLimits(),
    failedInView: viewer.failed.inView().length,
    arrivingInView: viewer.failed.arrivingInView(),
    hasCoarsest: viewer.hasCoarsest(),
  };
}
