import type { View } from '../viewer/deep-link.ts';
import type { SharedView } from './live-messages.ts';

/** The view that shows all that somebody else sees, on a screen of another size, px. */
export function viewToFollow(
  { x, y, zoom, degrees, plane, width, height }: SharedView,
  own: { readonly width: number; readonly height: number },
): View {
  const fitted = zoom * Math.min(own.width / width, own.height / height);
  return { x, y, degrees, zoom: fitted, ...(plane !== undefined && { plane }) };
}

/** Calls something at most so often, the last call always. @returns it, and what ends it */
export function atMostEvery<T>(
  pauseMs: number,
  work: (value: T) => void,
): { readonly call: (value: T) => void; readonly end: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let next: { readonly value: T } | undefined;
  const run = () => {
    timer = undefined;
    if (next === undefined) return;
    work(next.value);
    next = undefined;
    timer = setTimeout(run, pauseMs);
  };
  return {
    call(value) {
      next = { value };
      if (timer === undefined) run();
    },
    end: () => clearTimeout(timer),
  };
}
