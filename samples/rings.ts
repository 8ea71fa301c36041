import { hash, noise, randomStream } from './noise.ts';
import { insideTissue, type SlidePlan } from './plan.ts';
import type { Rect } from '../src/core/geometry.ts';

/** Strength, as a part of the radius, and phase, rad. */
type Wave = readonly [number, number];

/** A gland or a vessel: a wall around a lumen. Lengths in µm. */
export interface Ring {
  readonly kind: 'gland' | 'vessel';
  readonly x: number;
  readonly y: number;
  /** The outline stays within this distance of the middle. */
  readonly radius: number;
  readonly wall: number;
  /** Waves of the outline, by strength and phase: 2, 3 and 5 around. */
  readonly waves: readonly [Wave, Wave, Wave];
  /** Nuclei large, pale and out of line, as in a tumour. */
  readonly isAtypical: boolean;
  readonly seed: number;
}

const glandPitch = 205;
const vesselPitch = 260;
const mostRadius = 122;

/** A shift by 16 random bits, as a part of the pitch. */
const jitter = (bits: number): number => 0.46 * (bits / 0xffff - 0.5);

/** Middle of a cell of the gland lattice, shifted by chance. */
function glandMiddle(seed: number, column: number, row: number): [number, number] {
  const h = hash(seed + 61, column, row);
  return [
    (column + 0.5 + (row % 2) * 0.5 + jitter(h & 0xffff)) * glandPitch,
    (row + 0.5 + jitter(h >>> 16)) * glandPitch,
  ];
}

/** A wave up to a strength. */
const wave = (most: number, random: () => number): Wave => [most * random(), 2 * Math.PI * random()];

/** The gland of a lattice cell, if there is one. */
function glandAt(plan: SlidePlan, column: number, row: number): Ring | undefined {
  const { seed } = plan;
  const [x, y] = glandMiddle(seed, column, row);
  if (noise(seed + 67, x / 1700, y / 1700) < -0.12) return undefined;
  if (fatness(plan, x, y) > 0.05 || insideTissue(plan, x, y) < 25) return undefined;
  let nearest = Infinity;
  for (let r = row - 1; r <= row + 1; r++)
    for (let c = column - 2; c <= column + 2; c++) {
      if (r === row && c === column) continue;
      const [nx, ny] = glandMiddle(seed, c, r);
      nearest = Math.min(nearest, Math.hypot(nx - x, ny - y));
    }
  const ringSeed = hash(seed + 71, column, row);
  const random = randomStream(ringSeed);
  const radius = Math.min(mostRadius, nearest / 2 - 4, 54 + 90 * random());
  const isAtypical = noise(seed + 73, x / 2200, y / 2200) > 0.22;
  const wall = Math.min((isAtypical ? 30 : 23) + 9 * random(), radius * 0.8);
  const waves = [wave(0.14, random), wave(0.11, random), wave(0.06, random)] as const;
  return {
    kind: 'gland',
    x,
    y,
    radius,
    wall,
    waves,
    isAtypical,
    seed: ringSeed,
  };
}

/** The vessel of a lattice cell, if there is one. */
function vesselAt(plan: SlidePlan, column: number, row: number): Ring | undefined {
  const ringSeed = hash(plan.seed + 83, column, row);
  const random = randomStream(ringSeed);
  const [x, y] = [(column + random()) * vesselPitch, (row + random()) * vesselPitch];
  const radius = 9 + 34 * random() ** 2.2;
  if (insideTissue(plan, x, y) < radius + 10 || fatness(plan, x, y) > 0) return undefined;
  for (const gland of glandsNear(plan, x, y)) if (depthIn(gland, x, y).outer > -radius - 3) return undefined;
  const waves = [wave(0.3, random), wave(0.08, random), wave(0, random)] as const;
  const wall = 2.2 + radius * 0.16;
  return {
    kind: 'vessel',
    x,
    y,
    radius,
    wall,
    waves,
    isAtypical: false,
    seed: ringSeed,
  };
}

/** Glands whose outline could reach a point. */
function glandsNear(plan: SlidePlan, x: number, y: number): Ring[] {
  const [column, row] = [Math.floor(x / glandPitch), Math.floor(y / glandPitch)];
  const found: Ring[] = [];
  for (let r = row - 1; r <= row + 1; r++)
    for (let c = column - 2; c <= column + 1; c++) {
      const ring = glandAt(plan, c, r);
      if (ring !== undefined) found.push(ring);
    }
  return found;
}

/** How much of the tissue at a point is fat: positive in fat, about [-1, 1]. */
export function fatness(plan: SlidePlan, x: number, y: number): number {
  return noise(plan.seed + 79, x / 1500, y / 1500) + 0.25 * noise(plan.seed + 80, x / 260, y / 260) - 0.42;
}

/** Distances of a point from the outer and inner face of a ring's wall, µm, positive towards the middle. */
export function depthIn(ring: Ring, x: number, y: number): { outer: number; inner: number } {
  const [dx, dy] = [x - ring.x, y - ring.y];
  const away = Math.hypot(dx, dy);
  const turn = Math.atan2(dy, dx);
  const outline = outlineRadius(ring, turn);
  const lobes = 3 + (ring.seed % 4);
  const folds =
    1 + 0.16 * Math.sin(lobes * turn + ring.waves[0][1]) + 0.07 * Math.sin(11 * turn + ring.waves[1][1]);
  return { outer: outline - away, inner: outline - ring.wall * folds - away };
}

/** Distance of the outline from the middle in a direction, µm. */
export function outlineRadius(ring: Ring, turn: number): number {
  const [[a, p], [b, q], [c, r]] = ring.waves;
  const waves = a * Math.sin(2 * turn + p) + b * Math.sin(3 * turn + q) + c * Math.sin(5 * turn + r);
  return (ring.radius * (1 + waves)) / (1 + a + b + c);
}

/** All rings that may reach into an area (px), always in the same order. */
export function ringsIn(plan: SlidePlan, area: Rect): Ring[] {
  const found: Ring[] = [];
  const [left, top] = [area.left / plan.pxPerUm, area.top / plan.pxPerUm];
  const [right, bottom] = [left + area.width / plan.pxPerUm, top + area.height / plan.pxPerUm];
  const visit = (pitch: number, at: (column: number, row: number) => Ring | undefined): void => {
    for (let row = Math.floor(top / pitch) - 2; row <= Math.floor(bottom / pitch) + 2; row++)
      for (let column = Math.floor(left / pitch) - 2; column <= Math.floor(right / pitch) + 2; column++) {
        const ring = at(column, row);
        const reach = mostRadius + 30;
        if (ring === undefined || ring.x < left - reach || ring.x > right + reach) continue;
        if (ring.y >= top - reach && ring.y <= bottom + reach) found.push(ring);
      }
  };
  visit(glandPitch, (column, row) => glandAt(plan, column, row));
  visit(vesselPitch, (column, row) => vesselAt(plan, column, row));
  return found;
}
