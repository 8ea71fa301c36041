import type { Rect, Size } from '../src/core/geometry.ts';
import { fractal, noise, randomStream } from './noise.ts';

/** A piece of tissue on the glass, µm from the top left corner of the scan. */
interface Piece {
  readonly x: number;
  readonly y: number;
  readonly radiusX: number;
  readonly radiusY: number;
  readonly tilt: number;
  readonly seed: number;
}

/** What lies where on a slide; everything else follows from it and from hashed positions. */
export interface SlidePlan {
  readonly seed: number;
  /** px. */
  readonly size: Size;
  readonly pxPerUm: number;
  readonly pieces: readonly Piece[];
}

/** Lays out one to three pieces of tissue side by side along the longer edge of the scan. */
export function planSlide(seed: number, size: Size, mpp: number): SlidePlan {
  const random = randomStream(seed);
  const [width, height] = [size.width * mpp, size.height * mpp];
  const isWide = width >= height;
  const [long, short] = isWide ? [width, height] : [height, width];
  const most = Math.max(1, Math.min(3, Math.round((long / short) * 1.6)));
  const count = long < 2_000 ? 1 : 1 + Math.floor(random() * most);
  const slot = long / count;
  const pieces = Array.from({ length: count }, (_, i): Piece => {
    const along = (i + 0.5 + 0.06 * (random() - 0.5)) * slot;
    const across = short * (0.5 + 0.06 * (random() - 0.5));
    const [radiusAlong, radiusAcross] = [slot * (0.37 + 0.05 * random()), short * (0.36 + 0.06 * random())];
    const [x, y] = isWide ? [along, across] : [across, along];
    const [radiusX, radiusY] = isWide ? [radiusAlong, radiusAcross] : [radiusAcross, radiusAlong];
    return { x, y, radiusX, radiusY, tilt: 0.5 * (random() - 0.5), seed: seed + 1000 * (i + 1) };
  });
  return { seed, size, pxPerUm: 1 / mpp, pieces };
}

/** Roughly how far inside the outline of a piece a point lies, µm; negative outside all of them. */
export function insideOutline(plan: SlidePlan, x: number, y: number): number {
  let most = -1e9;
  for (const piece of plan.pieces) {
    const [dx, dy] = [x - piece.x, y - piece.y];
    const [cos, sin] = [Math.cos(piece.tilt), Math.sin(piece.tilt)];
    const radius = Math.min(piece.radiusX, piece.radiusY);
    const away = Math.hypot((dx * cos + dy * sin) / piece.radiusX, (dy * cos - dx * sin) / piece.radiusY);
    const base = (1 - away) * radius;
    if (base < -0.45 * radius) continue;
    const scale = radius * 0.75;
    most = Math.max(most, base + 0.34 * radius * fractal(piece.seed, x / scale, y / scale, 5));
  }
  return most;
}

/**
 * Like {@link insideOutline}, with holes and cracks taken out and a frayed edge: positive where there is tissue.
 */
export function insideTissue(plan: SlidePlan, x: number, y: number): number {
  const outline = insideOutline(plan, x, y);
  if (outline < -40) return outline;
  const { seed } = plan;
  const frayed = outline + 16 * fractal(seed + 31, x / 70, y / 70, 3);
  const hole = 420 * (0.62 - fractal(seed + 37, x / 900, y / 900, 3));
  const cleft = Math.abs(fractal(seed + 41, x / 1100, y / 1100, 3)) * 1100 * 0.5;
  const width = 17 * noise(seed + 43, x / 1300, y / 1300) - 2 + 3 * noise(seed + 47, x / 24, y / 24);
  return Math.min(frayed, hole, cleft - width);
}

/** Whether no tissue reaches into a rectangle (px) or near it. */
export function isGlass(plan: SlidePlan, area: Rect): boolean {
  const step = 64;
  for (let y = area.top - step; y <= area.top + area.height + step; y += step)
    for (let x = area.left - step; x <= area.left + area.width + step; x += step)
      if (insideOutline(plan, x / plan.pxPerUm, y / plan.pxPerUm) > -60) return false;
  return true;
}
