import { useEffect } from 'preact/hooks';
import type { Slide } from '../api.ts';
import { magnificationOf } from '../viewer/magnification.ts';
import type { SlideViewer } from '../viewer/slide-viewer.ts';
import type { SeenMap } from './seen-map.ts';
import { visibleField } from './visible-field.ts';

/** How often a look is counted, s. */
const tick = 0.25;
/** Nobody is taken to look who has touched nothing for so long, ms. */
const presentMs = 60_000;

const signs = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const;

/**
 * Counts what is looked at into `map`: only while the view is still and every tile in it sharp, and somebody is at
 * the window.
 *
 * @param isOn whether it is wanted
 * @param counted called after each look that counted
 */
export function useDwell(
  slide: Slide,
  viewer: SlideViewer | undefined,
  map: SeenMap,
  { isOn, counted }: { readonly isOn: boolean; readonly counted: () => void },
): void {
  useEffect(() => {
    const { mpp } = slide;
    if (!isOn || viewer === undefined || mpp === undefined) return undefined;
    const gone = new AbortController();
    let seenAt = performance.now();
    const note = () => {
      seenAt = performance.now();
    };
    for (const sign of signs) addEventListener(sign, note, { signal: gone.signal, passive: true });
    const timer = setInterval(() => {
      const isThere =
        document.visibilityState === 'visible' &&
        document.hasFocus() &&
        performance.now() - seenAt < presentMs;
      if (!isThere || !viewer.isSettled()) return;
      const view = viewer.view();
      const { container } = viewer.osd;
      const panel = container.closest('.stage')?.querySelector('.panel')?.getBoundingClientRect();
      const field = visibleField(view, container.getBoundingClientRect(), panel);
      if (map.add(field, magnificationOf(view.zoom, mpp), tick)) counted();
    }, tick * 1000);
    return () => {
      clearInterval(timer);
      gone.abort();
    };
  }, [slide, viewer, map, isOn, counted]);
}
