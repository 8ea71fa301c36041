import type { View } from '../viewer/deep-link.ts';
import type { MarkSet } from './mark-set.ts';
import { paint } from './paint.ts';
import { clearPicture, newPicture, placePicture, showPicture, type Picture } from './picture.ts';
import { isAlike, projectionOf, toScreen, toSlide, type Projection } from './projection.ts';

/** Of each frame, ms; the rest belongs to the slide. */
const budgetMs = 6;
/** What takes longer than this to paint is not painted anew in every frame, ms. */
const heavyMs = 10;
/** So long after the last movement what is heavy is painted sharp, ms. */
const restMs = 120;
/** What is heavy is stretched between these, and painted anew beyond. */
const mostStretch = 1.6;

/**
 * Two pictures of all marks over the slide: one is shown, the other is painted for some milliseconds of each frame and
 * takes its place once it is done.
 *
 * Few marks are painted in the very frame in which they are needed. Where that takes too long, the picture reaches far
 * beyond the stage and is moved and stretched along with the slide, and painted anew only when the slide rests or the
 * picture's edge comes near: however many marks there are, the slide moves on.
 */
export class MarkLayer {
  readonly #host: HTMLElement;
  readonly #marks: MarkSet;
  #front: Picture;
  #back: Picture;
  /** What the front shows. */
  #drawn: Projection | undefined;
  #view: View | undefined;
  #isStale = true;
  #isHeavy = false;
  #without: string | undefined;
  #painting: { readonly steps: Generator<void, number>; readonly projection: Projection } | undefined;
  #spentMs = 0;
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** How many marks the front shows. */
  shown = 0;

  /** @param host lies over the stage, and is as large */
  constructor(host: HTMLElement, marks: MarkSet) {
    this.#host = host;
    this.#marks = marks;
    this.#front = newPicture(host);
    this.#back = newPicture(host);
  }

  /** The slide is shown so from now on: called in every frame in which it moves. */
  follow(view: View): void {
    this.#view = view;
    const now = this.#projection();
    if (now === undefined) return;
    if (this.#drawn === undefined) this.#isStale = true;
    else if (!isAlike(this.#drawn, now)) {
      placePicture(this.#front, this.#drawn, now);
      if (this.#isHeavy && this.#covers(this.#drawn, now)) this.#sharpenAtRest();
      else this.#isStale = true;
    } else placePicture(this.#front, this.#drawn, now);
    this.#advance();
  }

  /** Marks have changed. @param without one that is painted elsewhere */
  repaint(without: string | undefined): void {
    this.#without = without;
    this.#painting = undefined;
    this.#isStale = true;
    this.#schedule();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.#front.canvas.remove();
    this.#back.canvas.remove();
  }

  #projection(): Projection | undefined {
    const { clientWidth, clientHeight } = this.#host;
    if (this.#view === undefined || clientWidth === 0) return undefined;
    return projectionOf(this.#view, clientWidth, clientHeight);
  }

  /** Whether the picture, where it would be now, covers the stage, and is not stretched too far. */
  #covers(drawn: Projection, now: Projection): boolean {
    const stretch = now.zoom / drawn.zoom;
    if (stretch > mostStretch || stretch < 1 / mostStretch) return false;
    const { clientWidth: width, clientHeight: height } = this.#host;
    const { margin } = this.#front;
    return (
      [
        [0, 0],
        [width, 0],
        [0, height],
        [width, height],
      ] as const
    ).every((corner) => {
      const [x, y] = toScreen(drawn, toSlide(now, corner));
      return x >= -margin && y >= -margin && x <= width + margin && y <= height + margin;
    });
  }

  #sharpenAtRest(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      const now = this.#projection();
      // What was only moved is as sharp as before.
      if (now === undefined || this.#drawn === undefined || hasOnlyMoved(this.#drawn, now)) return;
      this.#isStale = true;
      this.#schedule();
    }, restMs);
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#advance();
    });
  }

  /** Paints on for a while; begins anew where something has changed and nothing is under way. */
  #advance(): void {
    if (this.#painting === undefined && this.#isStale) this.#begin();
    const painting = this.#painting;
    if (painting === undefined) return;
    const began = performance.now();
    for (;;) {
      const step = painting.steps.next();
      // A browser puts drawing off until it is looked at: only then is it known how long it took.
      this.#back.context.getImageData(0, 0, 1, 1);
      const spent = performance.now() - began;
      if (step.done !== true && spent < budgetMs) continue;
      this.#spentMs += spent;
      if (step.done !== true) return this.#schedule();
      this.shown = step.value;
      break;
    }
    this.#show(painting.projection);
    return undefined;
  }

  #begin(): void {
    const projection = this.#projection();
    if (projection === undefined) return;
    const { clientWidth: width, clientHeight: height } = this.#host;
    const margin = this.#isHeavy ? Math.round(Math.min(700, Math.max(width, height) / 2)) : 0;
    clearPicture(this.#back, { width, height, margin });
    const area = { left: -margin, top: -margin, right: width + margin, bottom: height + margin };
    const { context } = this.#back;
    const parts = { context, projection, area, marks: this.#marks, without: this.#without };
    this.#painting = { projection, steps: paint(parts) };
    this.#isStale = false;
    this.#spentMs = 0;
  }

  /** What was painted takes the place of what was shown. */
  #show(projection: Projection): void {
    [this.#front, this.#back] = [this.#back, this.#front];
    this.#painting = undefined;
    this.#drawn = projection;
    const now = this.#projection() ?? projection;
    placePicture(this.#front, projection, now);
    showPicture(this.#front, true);
    showPicture(this.#back, false);
    const wasHeavy = this.#isHeavy;
    this.#isHeavy = this.#spentMs > heavyMs;
    // What turns out to be heavy is painted once more, with its margin.
    if (!isAlike(projection, now) || (this.#isHeavy && !wasHeavy)) this.#isStale = true;
    if (this.#isStale) this.#schedule();
  }
}

function hasOnlyMoved(one: Projection, other: Projection): boolean {
  return Math.abs(one.a - other.a) < one.zoom * 1e-4 && Math.abs(one.b - other.b) < one.zoom * 1e-4;
}
