import type { Rect } from '../src/core/geometry.ts';
import { hash, noise } from './noise.ts';
import type { SlidePlan } from './plan.ts';

/** Distance of the coverslip's edge from the edges of the scan, as a part of the shorter one. */
const coverslipInset = 0.035;
/** One dust particle in a square of this edge, now and then, µm. */
const dustPitch = 700;

/** Paints faint dust and the edge of the coverslip over an area of interleaved RGB. */
export function paintDebris(plan: SlidePlan, area: Rect, rgb: Uint8Array): void {
  paintDust(plan, area, rgb);
  paintCoverslip(plan, area, rgb);
}

/** Takes a share of the light from the pixel at a place inside the area. */
function darken(area: Rect, rgb: Uint8Array, x: number, y: number, share: number): void {
  const p = ((y - area.top) * area.width + x - area.left) * 3;
  for (let i = p; i < p + 3; i++) rgb[i] = rgb[i]! * (1 - share);
}

/** Specks that lie out of focus on the glass. */
function paintDust(plan: SlidePlan, area: Rect, rgb: Uint8Array): void {
  const pitch = dustPitch * plan.pxPerUm;
  const [right, bottom] = [area.left + area.width + pitch, area.top + area.height + pitch];
  for (let row = Math.floor(area.top / pitch) - 1; row * pitch < bottom; row++)
    for (let column = Math.floor(area.left / pitch) - 1; column * pitch < right; column++) {
      const seed = hash(plan.seed + 401, column, row);
      if ((seed & 3) !== 0) continue;
      const x = (column + ((seed >>> 2) & 0xff) / 255) * pitch;
      const y = (row + ((seed >>> 10) & 0xff) / 255) * pitch;
      const radius = (3 + (((seed >>> 18) & 0xff) / 255) ** 3 * 16) * plan.pxPerUm;
      paintSpeck(area, rgb, { x, y, radius, seed });
    }
}

/** One particle: irregular, with a soft edge. */
function paintSpeck(
  area: Rect,
  rgb: Uint8Array,
  speck: { readonly x: number; readonly y: number; readonly radius: number; readonly seed: number },
): void {
  const { x, y, radius, seed } = speck;
  const reach = radius * 2.4;
  const left = Math.max(area.left, Math.floor(x - reach));
  const right = Math.min(area.left + area.width, Math.ceil(x + reach));
  const top = Math.max(area.top, Math.floor(y - reach));
  const bottom = Math.min(area.top + area.height, Math.ceil(y + reach));
  for (let py = top; py < bottom; py++)
    for (let px = left; px < right; px++) {
      const [dx, dy] = [(px - x) / radius, (py - y) / radius];
      const depth = 1 + 0.7 * noise(seed, dx * 1.3 + 7, dy * 1.3) - Math.hypot(dx * 0.8, dy * 1.25);
      if (depth > 0) darken(area, rgb, px, py, Math.min(0.34, depth * 0.6));
    }
}

/** A faint line, slightly bent, along the left and the top of the coverslip; never nearer than it is wide. */
function paintCoverslip(plan: SlidePlan, area: Rect, rgb: Uint8Array): void {
  const inset = coverslipInset * Math.min(plan.size.width, plan.size.height);
  const width = 4 * plan.pxPerUm;
  const reach = width * 6;
  const [right, bottom] = [area.left + area.width, area.top + area.height];
  const share = (along: number, across: number): number => {
    if (along < inset) return 0;
    const middle = inset + 2 * width * noise(plan.seed + 409, along / (400 * plan.pxPerUm), 0.5);
    return 0.13 * Math.exp(-(((across - middle) / width) ** 2));
  };
  const first = Math.floor(inset - reach);
  const last = Math.ceil(inset + reach);
  for (let y = area.top; y < bottom; y++)
    for (let x = Math.max(area.left, first); x < Math.min(right, last); x++)
      darken(area, rgb, x, y, share(y, x));
  for (let y = Math.max(area.top, first); y < Math.min(bottom, last); y++)
    for (let x = area.left; x < right; x++) darken(area, rgb, x, y, share(x, y));
}
