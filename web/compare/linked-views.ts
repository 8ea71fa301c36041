import type { View } from '../viewer/deep-link.ts';
import type { SlideViewer } from '../viewer/slide-viewer.ts';
import {
  alignmentAsShown,
  alignmentByMarks,
  commonView,
  nudged,
  turnedAlone,
  unaligned,
  viewOf,
  toPlane,
  type Alignment,
  type CommonView,
  type Place,
  type SlidePlane,
} from './transform.ts';

/** How often a change of the alignment can be taken back. */
const mostRemembered = 50;

/**
 * Keeps several viewers on the same place of their slides: one leads, and the others follow it in the same frame.
 *
 * Who is touched leads. While not linked, each moves by itself; linking again makes the rule of what is then on the
 * screen. Positions are those of the slides, from 0.
 */
export class LinkedViews {
  readonly #viewers: readonly SlideViewer[];
  readonly #planes: readonly SlidePlane[];
  readonly #changed: () => void;
  #alignments: readonly Alignment[];
  #past: (readonly Alignment[])[] = [];
  #leader = 0;
  #isLinked = true;
  #isMarking = false;
  /** Slides lie over each other: followers are drawn at once, or the picture would tear at the curtain. */
  isSuperimposed = false;

  /** @param changed called when alignment or link are others than before */
  constructor(viewers: readonly SlideViewer[], planes: readonly SlidePlane[], changed: () => void) {
    this.#viewers = viewers;
    this.#planes = planes;
    this.#changed = changed;
    this.#alignments = planes.map(() => unaligned);
    this.#allowSameZooms();
  }

  get isLinked(): boolean {
    return this.#isLinked;
  }

  get alignments(): readonly Alignment[] {
    return this.#alignments;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  /** What the leader looks at. @param isDestination once it has stopped gliding */
  common(isDestination = false): CommonView {
    const viewer = this.#viewer(this.#leader);
    return this.#commonOf(this.#leader, isDestination ? viewer.destination() : viewer.view());
  }

  /** The view of each slide. */
  views(): readonly View[] {
    return this.#viewers.map((viewer) => viewer.destination());
  }

  /** From now on the others follow this one. */
  lead(n: number): void {
    if (n === this.#leader) return;
    const before = this.#viewer(this.#leader);
    // It would glide on by itself.
    if (this.#follows) put(before, before.view());
    this.#leader = n;
  }

  /** To be told of every movement of a viewer. */
  moved(n: number): void {
    if (n === this.#leader && this.#follows) this.#putAll(this.common(), n);
  }

  /** Shows a place on all slides, or on each its own. */
  show(shown: CommonView | readonly View[]): void {
    if ('pxPerMm' in shown) return this.#putAll(shown);
    for (const [n, view] of shown.entries()) put(this.#viewer(n), view);
  }

  /** Shows the whole of every slide. @param n the one that is shown whole while they are not linked */
  fit(n: number): void {
    if (!this.#follows) return this.#viewer(n).fit();
    const pxPerMm = Math.min(...this.#viewers.map((viewer, i) => this.#pxPerMm(i, viewer.zoomLimits().home)));
    const { degrees } = this.common();
    this.#putAll({ ...this.#middle(), pxPerMm: pxPerMm * 0.98, degrees });
  }

  /** Links what is on the screen as it lies, at the magnification of the leader; or lets each move by itself. */
  link(isLinked: boolean): void {
    if (isLinked === this.#isLinked) return;
    this.#isLinked = isLinked;
    if (isLinked && !this.#isMarking) {
      const common = this.common();
      const asShown = this.#viewers.map((viewer, n) =>
        n === this.#leader ? this.#alignment(n) : alignmentAsShown(viewer.view(), this.#plane(n), common),
      );
      this.#align(asShown);
      this.#putAll(common);
    }
    this.#changed();
  }

  /** Takes over link and alignments of a link that was sent. */
  restore(alignments: readonly Alignment[], isLinked: boolean): void {
    this.#isLinked = isLinked;
    this.#alignments = alignments;
    this.#changed();
  }

  /** While the same structures are marked, each slide moves by itself; the alignment stays. */
  mark(isMarking: boolean): void {
    this.#isMarking = isMarking;
    if (this.#follows) this.#putAll(this.common());
  }

  /**
   * Lays marked structures of all slides together with those of the first, and shows them so.
   *
   * @param marks one or two places on each slide, px of the slide
   */
  alignByMarks(marks: readonly (readonly Place[])[]): void {
    const [first = []] = marks;
    const targets = first.map((px) => toPlane(px, this.#plane(0), this.#alignment(0)));
    this.#align(
      marks.map((px, n) =>
        n === 0 ? this.#alignment(0) : alignmentByMarks(px, targets, this.#plane(n), this.#alignment(n)),
      ),
    );
    this.#isLinked = true;
    // The first slide is not turned: the others come to it.
    const { pxPerMm, degrees } = this.#commonOf(0, this.#viewer(0).view());
    const middle = targets.reduce((sum, { x, y }) => ({ x: sum.x + x, y: sum.y + y }), { x: 0, y: 0 });
    this.#putAll({ x: middle.x / targets.length, y: middle.y / targets.length, pxPerMm, degrees });
    this.#changed();
  }

  /** Moves one slide over the screen, CSS px, while the others stay. */
  nudge(n: number, right: number, down: number): void {
    this.#changeAlone(n, (alignment, common) => nudged(alignment, right, down, common));
  }

  /** Turns one slide clockwise, while the others stay. */
  turnAlone(n: number, degrees: number): void {
    this.#changeAlone(n, (alignment, common) => turnedAlone(alignment, degrees, common));
  }

  /** Lays all middles together, upright. */
  reset(): void {
    const common = this.common();
    this.#align(this.#planes.map(() => unaligned));
    this.#putAll(common);
    this.#changed();
  }

  /** Takes the last change of the alignment back. */
  undo(): void {
    const before = this.#past.pop();
    if (before === undefined) return;
    const common = this.common();
    this.#alignments = before;
    this.#putAll(common);
    this.#changed();
  }

  get #follows(): boolean {
    return this.#isLinked && !this.#isMarking;
  }

  #align(alignments: readonly Alignment[]): void {
    this.#past = [...this.#past, this.#alignments].slice(-mostRemembered);
    this.#alignments = alignments;
  }

  #changeAlone(n: number, change: (alignment: Alignment, common: CommonView) => Alignment): void {
    const common = this.#commonOf(n, this.#viewer(n).view());
    this.#align(this.#alignments.map((alignment, i) => (i === n ? change(alignment, common) : alignment)));
    put(this.#viewer(n), viewOf(common, this.#plane(n), this.#alignment(n)));
    this.#changed();
  }

  /** Shows the same place of all slides at once. @param except one that is there already */
  #putAll(common: CommonView, except?: number): void {
    for (const [n, viewer] of this.#viewers.entries()) {
      if (n === except) continue;
      put(viewer, viewOf(common, this.#plane(n), this.#alignment(n)));
      if (this.isSuperimposed) drawAtOnce(viewer);
    }
  }

  /** The middle of all slides as they lie. */
  #middle(): Place {
    const count = this.#alignments.length;
    const sum = this.#alignments.reduce((sum, { x, y }) => ({ x: sum.x + x, y: sum.y + y }), { x: 0, y: 0 });
    return { x: sum.x / count, y: sum.y / count };
  }

  #commonOf(n: number, view: View): CommonView {
    return commonView(view, this.#plane(n), this.#alignment(n));
  }

  #pxPerMm(n: number, zoom: number): number {
    return this.#commonOf(n, { x: 0, y: 0, zoom, degrees: 0 }).pxPerMm;
  }

  /** Every slide can be made as small as the largest needs to be seen whole. */
  #allowSameZooms(): void {
    const homes = this.#viewers.map((viewer, n) => this.#pxPerMm(n, viewer.zoomLimits().home));
    const least = Math.min(...homes);
    for (const [n, { osd }] of this.#viewers.entries())
      Object.assign(osd.viewport, { minZoomImageRatio: (0.8 * least) / (homes[n] ?? least) });
  }

  #viewer(n: number): SlideViewer {
    return found(this.#viewers[n], n);
  }

  #plane(n: number): SlidePlane {
    return found(this.#planes[n], n);
  }

  #alignment(n: number): Alignment {
    return found(this.#alignments[n], n);
  }
}

function found<T>(one: T | undefined, n: number): T {
  if (one === undefined) throw new RangeError(`no slide ${n} in the comparison`);
  return one;
}

/** Shows a view at once and wherever it is: a slide that follows may leave the screen. */
function put({ osd: { viewport } }: SlideViewer, view: View): void {
  viewport.setRotation(view.degrees, true);
  viewport.zoomTo(viewport.imageToViewportZoom(view.zoom), undefined, true);
  viewport.panTo(viewport.imageToViewportCoordinates(view.x, view.y), true);
}

/** Draws now what OpenSeadragon would draw in its own next frame. */
function drawAtOnce({ osd }: SlideViewer): void {
  osd.viewport.update();
  osd.world.update(true);
  osd.world.draw();
  // Who draws after it, the adjusted image for one, draws now.
  osd.raiseEvent('update-viewport', {});
  // Its marks of failed tiles follow with its own next frame.
  osd.forceRedraw();
}
