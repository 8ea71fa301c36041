import type { Slide } from '../api.ts';
import type { View } from '../viewer/deep-link.ts';
import { magnificationOf, zoomFor } from '../viewer/magnification.ts';

/** What is looked at before another slide is opened. */
export interface Leaving {
  readonly slide: Pick<Slide, 'mpp'>;
  readonly view: View;
  /** CSS px per slide px with the whole slide in view. */
  readonly home: number;
}

/** Where slides that were left were looked at, px of their level 0: they are opened there again. */
const leftAt = new Map<string, { readonly x: number; readonly y: number }>();

/** Remembers where a slide was looked at. */
export function noteLeft(id: string, { x, y }: View): void {
  leftAt.set(id, { x, y });
}

/** Forgets where slides were looked at: the viewer is left. */
export function forgetLeft(): void {
  leftAt.clear();
}

/**
 * The magnification at which the next slide is opened: that of the last. Undefined: the whole slide, because the last
 * one was seen whole, or one of the two has no scale.
 */
export function nextMagnification({ slide, view, home }: Leaving): number | undefined {
  if (slide.mpp === undefined || view.zoom <= home * 1.02) return undefined;
  return magnificationOf(view.zoom, slide.mpp);
}

/** What of the next slide is shown: the same magnification, where it was left or around its middle. */
export function nextView(leaving: Leaving, next: Pick<Slide, 'id' | 'size' | 'mpp'>): View | undefined {
  const magnification = nextMagnification(leaving);
  if (magnification === undefined || next.mpp === undefined) return undefined;
  const middle = { x: next.size.width / 2, y: next.size.height / 2 };
  const { x, y } = leftAt.get(next.id) ?? middle;
  return { x, y, zoom: zoomFor(magnification, next.mpp), degrees: 0 };
}
