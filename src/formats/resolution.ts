import { isPlausibleMpp, type Mpp } from '../core/slide.ts';
import { tags } from './tiff/tags.ts';
import { readNumber, readRatio, type TiffContext } from './tiff/values.ts';

/**
 * A positive decimal number as scanners write it: a point or a comma, perhaps an exponent, spaces around.
 *
 * @returns undefined for anything else, zero and NaN included
 */
export function parseDecimal(text: string | undefined): number | undefined {
  const trimmed = text?.trim();
  if (trimmed === undefined || !/^\+?\d{1,15}(?:[.,]\d{0,20})?(?:[eE][+-]?\d{1,3})?$/.test(trimmed))
    return undefined;
  const value = Number(trimmed.replace(',', '.'));
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/** A decimal number as {@link parseDecimal} has it, but of either sign, or 0: a height. */
export function parseHeight(text: string | undefined): number | undefined {
  const trimmed = text?.trim();
  if (trimmed === undefined || !/^[+-]?\d{1,9}(?:[.,]\d{0,20})?$/.test(trimmed)) return undefined;
  return Number(trimmed.replace(',', '.'));
}

/** Both sides, where both can be a scanner's. */
export function plausibleMpp(x: number | undefined, y: number | undefined): Mpp | undefined {
  return x !== undefined && y !== undefined && isPlausibleMpp(x) && isPlausibleMpp(y) ? { x, y } : undefined;
}

/** Objective powers that exist: 0.5× macro lenses to 200× oil. */
export function plausiblePower(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0.5 && value <= 200 ? value : undefined;
}

/**
 * µm per pixel by which a resolution in a TIFF is believed to be a microscope's.
 *
 * Programs write 72, 96 or 300 dpi where they know nothing, which would be 353, 265 and 85 µm, and flatbed
 * scanners end at 4,800 dpi, 5.3 µm. Slides are scanned at 0.1 to 4 µm, by macro lenses up to 10.
 */
const microscope = { min: 0.05, max: 10 } as const;

/** What XResolution, YResolution and ResolutionUnit say, where a microscope can have said it. */
export async function mppFromResolution(context: TiffContext): Promise<Mpp | undefined> {
  const unit = await readNumber(context, tags.ResolutionUnit, 2);
  const micrometres = new Map([
    [2, 25_400],
    [3, 10_000],
  ]).get(unit);
  const x = await readRatio(context, tags.XResolution);
  const y = (await readRatio(context, tags.YResolution)) ?? x;
  if (micrometres === undefined || !x || !y) return undefined;
  const mpp = { x: micrometres / x, y: micrometres / y };
  return Object.values(mpp).every((value) => value >= microscope.min && value <= microscope.max)
    ? mpp
    : undefined;
}
