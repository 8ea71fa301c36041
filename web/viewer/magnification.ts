/** µm per pixel of slide level 0, or undefined when the file does not say. */
export type KnownMpp = { readonly x: number; readonly y: number } | undefined;

/** One button of the magnification row. */
export interface MagnificationStep {
  /** What stands on the button, e.g. `20×`, or `1:2` when the scale is unknown. */
  readonly label: string;
  /** CSS px per slide px. */
  readonly zoom: number;
  /** Beyond what the scanner's objective resolved: bigger, but nothing more to see. */
  readonly isDigital: boolean;
}

/** By convention 40× shows 0.25 µm, so 1× shows 10 µm, in one screen pixel. */
const micronsPerPixelAt1x = 10;

const magnifications = [1, 2, 5, 10, 20, 40] as const;

const ratios = [
  ['1:16', 1 / 16],
  ['1:8', 1 / 8],
  ['1:4', 1 / 4],
  ['1:2', 1 / 2],
  ['1:1', 1],
  ['2:1', 2],
] as const;

/** One number for both directions: the geometric mean, which keeps areas right. */
export function meanMpp(mpp: { readonly x: number; readonly y: number }): number {
  return Math.sqrt(mpp.x * mpp.y);
}

/** Magnification, e.g. 20, at which a slide of `mpp` is seen. @param zoom CSS px per slide px */
export function magnificationOf(zoom: number, mpp: { readonly x: number; readonly y: number }): number {
  return (micronsPerPixelAt1x * zoom) / meanMpp(mpp);
}

/** CSS px per slide px that shows a slide of `mpp` at `magnification`. */
export function zoomFor(magnification: number, mpp: { readonly x: number; readonly y: number }): number {
  return (magnification * meanMpp(mpp)) / micronsPerPixelAt1x;
}

/**
 * The six steps behind the buttons and the keys 1–6, weakest first.
 *
 * @param objectivePower the scanner's, when the file tells; otherwise 1:1 counts as the limit
 */
export function magnificationSteps(mpp: KnownMpp, objectivePower?: number): readonly MagnificationStep[] {
  if (mpp === undefined) return ratios.map(([label, zoom]) => ({ label, zoom, isDigital: zoom > 1 }));
  // Scanners round both numbers (0.499 µm is sold as 20×): a tenth more is still the objective.
  const limit = Math.max(objectivePower ?? 0, magnificationOf(1, mpp)) * 1.1;
  return magnifications.map((power) => ({
    label: `${power}×`,
    zoom: zoomFor(power, mpp),
    isDigital: power > limit,
  }));
}

/** How strongly the slide is magnified now, e.g. `≈ 19.6×`, or `1:2.5` when the scale is unknown. */
export function magnificationText(zoom: number, mpp: KnownMpp): string {
  if (mpp !== undefined) return `≈ ${significant(magnificationOf(zoom, mpp))}×`;
  return zoom >= 1 ? `${significant(zoom)}:1` : `1:${significant(1 / zoom)}`;
}

/** Two digits below 10, three below 100, whole numbers above; no trailing zeros. */
function significant(value: number): string {
  const digits = value < 1 ? 2 : value < 100 ? 1 : 0;
  return String(Number(value.toFixed(digits)));
}
