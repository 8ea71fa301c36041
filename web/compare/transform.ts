import { normalDegrees, type View } from '../viewer/deep-link.ts';
import { meanMpp, type KnownMpp } from '../viewer/magnification.ts';

/** A place or a way in a plane whose y goes down, mm unless said otherwise. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** px of slide level 0. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** How a slide is measured. */
export interface SlidePlane {
  /** µm per px of slide level 0. */
  readonly micronsPerPx: Place;
  /** Middle of the slide from its upper left corner, mm. */
  readonly middle: Place;
  /** False: the file does not say its scale, and it is taken to be as long as the slide it is compared with. */
  readonly isMeasured: boolean;
}

/**
 * How a slide lies in the plane of the comparison, whose unit is the mm: turned clockwise about its own middle, which
 * then lies at `x`, `y`. Never stretched: a millimetre stays one. All zero: the middles of all slides lie together.
 */
export interface Alignment extends Place {
  readonly degrees: number;
}

/** What is looked at, in the plane of the comparison; every linked slide shows the same. */
export interface CommonView extends Place {
  /** CSS px per mm. */
  readonly pxPerMm: number;
  /** Clockwise, 0 ≤ degrees < 360. */
  readonly degrees: number;
}

/** Where every slide lies before anything is aligned. */
export const unaligned: Alignment = { x: 0, y: 0, degrees: 0 };

/**
 * The planes of slides that are compared. One whose scale is unknown gets that at which its longer side is as long as
 * that of the first slide with a known one: it is then linked by the part of the slide.
 */
export function planesOf(
  slides: readonly { readonly size: Size; readonly mpp?: KnownMpp }[],
): readonly SlidePlane[] {
  const known = slides.find(({ mpp }) => mpp !== undefined);
  const microns = known?.mpp === undefined ? 10_000 : longer(known.size) * meanMpp(known.mpp);
  return slides.map(({ size, mpp }) => {
    const assumed = microns / longer(size);
    const micronsPerPx = mpp ?? { x: assumed, y: assumed };
    const middle = {
      x: (size.width * micronsPerPx.x) / 2000,
      y: (size.height * micronsPerPx.y) / 2000,
    };
    return { micronsPerPx, middle, isMeasured: mpp !== undefined };
  });
}

/** From px of a slide to the plane of the comparison. */
export function toPlane(px: Place, plane: SlidePlane, alignment: Alignment): Place {
  return plus(turned(fromMiddle(px, plane), alignment.degrees), alignment);
}

/** From the plane of the comparison to px of a slide. */
export function fromPlane(place: Place, plane: SlidePlane, alignment: Alignment): Place {
  const mm = plus(turned(minus(place, alignment), -alignment.degrees), plane.middle);
  return { x: (mm.x * 1000) / plane.micronsPerPx.x, y: (mm.y * 1000) / plane.micronsPerPx.y };
}

/** What a view of one slide looks at. */
export function commonView(view: View, plane: SlidePlane, alignment: Alignment): CommonView {
  return {
    ...toPlane(view, plane, alignment),
    pxPerMm: (view.zoom * 1000) / meanMpp(plane.micronsPerPx),
    degrees: normalDegrees(view.degrees - alignment.degrees),
  };
}

/** The view of one slide that looks at the same. */
export function viewOf(common: CommonView, plane: SlidePlane, alignment: Alignment): View {
  return {
    ...fromPlane(common, plane, alignment),
    zoom: (common.pxPerMm * meanMpp(plane.micronsPerPx)) / 1000,
    degrees: normalDegrees(common.degrees + alignment.degrees),
  };
}

/** The alignment with which a slide that shows `view` looks at `common`: what is on the screen becomes the rule. */
export function alignmentAsShown(view: View, plane: SlidePlane, common: CommonView): Alignment {
  const degrees = signedDegrees(view.degrees - common.degrees);
  return { ...minus(common, turned(fromMiddle(view, plane), degrees)), degrees };
}

/**
 * The alignment that brings places of a slide to others in the plane: one pair moves it, a second turns it too.
 *
 * With two pairs that are not equally far apart, because tissue shrinks and stretches, their middles meet.
 *
 * @param px one or two places on the slide, px; with two, apart from each other
 * @param targets where they belong, as many
 */
export function alignmentByMarks(
  px: readonly Place[],
  targets: readonly Place[],
  plane: SlidePlane,
  { degrees }: Alignment,
): Alignment {
  const own = px.map((each) => fromMiddle(each, plane));
  const turn = own.length < 2 ? degrees : signedDegrees(direction(targets) - direction(own));
  return { ...minus(mean(targets), turned(mean(own), turn)), degrees: turn };
}

/** How much longer the way between two places of a slide is than that between their targets: 0.02 is 2 % longer. */
export function stretch(px: readonly Place[], targets: readonly Place[], plane: SlidePlane): number {
  const [a, b] = [px.map((each) => fromMiddle(each, plane)), targets].map((pair) => {
    const [from, to] = pair;
    return from === undefined || to === undefined ? 0 : Math.hypot(to.x - from.x, to.y - from.y);
  });
  return a === undefined || b === undefined || b === 0 ? 0 : a / b - 1;
}

/** A slide moved over the screen by CSS px, while the others stay. */
export function nudged(alignment: Alignment, right: number, down: number, common: CommonView): Alignment {
  const way = turned({ x: right / common.pxPerMm, y: down / common.pxPerMm }, -common.degrees);
  return { ...plus(alignment, way), degrees: alignment.degrees };
}

/** A slide turned clockwise about the middle of the screen, while the others stay. */
export function turnedAlone(alignment: Alignment, degrees: number, common: CommonView): Alignment {
  const place = plus(common, turned(minus(alignment, common), degrees));
  return { ...place, degrees: signedDegrees(alignment.degrees + degrees) };
}

/** From the middle of the screen to where a view shows a place of its slide, CSS px. */
export function onScreen(px: Place, view: View): Place {
  const way = turned(minus(px, view), view.degrees);
  return { x: way.x * view.zoom, y: way.y * view.zoom };
}

/** The same direction as an angle above −180 up to 180 degrees. */
export function signedDegrees(degrees: number): number {
  const normal = normalDegrees(degrees);
  return normal > 180 ? normal - 360 : normal;
}

function longer({ width, height }: Size): number {
  return Math.max(width, height);
}

function fromMiddle(px: Place, { micronsPerPx, middle }: SlidePlane): Place {
  return { x: (px.x * micronsPerPx.x) / 1000 - middle.x, y: (px.y * micronsPerPx.y) / 1000 - middle.y };
}

/** Turned clockwise on the screen, because y goes down. */
function turned({ x, y }: Place, degrees: number): Place {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return { x: x * cos - y * sin, y: x * sin + y * cos };
}

function plus(a: Place, b: Place): Place {
  return { x: a.x + b.x, y: a.y + b.y };
}

function minus(a: Place, b: Place): Place {
  return { x: a.x - b.x, y: a.y - b.y };
}

function mean(places: readonly Place[]): Place {
  const sum = places.reduce(plus, { x: 0, y: 0 });
  return { x: sum.x / places.length, y: sum.y / places.length };
}

/** Clockwise from the right, degrees. */
function direction([from, to]: readonly Place[]): number {
  if (from === undefined || to === undefined) return 0;
  return (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
}
