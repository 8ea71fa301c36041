import type { Rect } from '../src/core/geometry.ts';
import { fractal, noise } from './noise.ts';
import { insideTissue, type SlidePlan } from './plan.ts';
import { depthIn, fatness, type Ring } from './rings.ts';

/**
 * What the tissue is like, on a coarse grid over an area and a margin around it; read between the points by
 * bilinear interpolation. A point's values depend on its place on the slide only, so neighbouring areas agree.
 */
export interface TissueMap {
  /** Distance of points, px. */
  readonly step: number;
  /** Place of the first point, px. */
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  /** Distance into the tissue, µm; negative on glass and in lumina. */
  readonly tissue: Float32Array;
  /** Distance into the wall of the nearest gland, µm; negative outside. */
  readonly gland: Float32Array;
  /** Coordinates in the fibre texture, px: `along` the fibres and `across` them. */
  readonly along: Float32Array;
  readonly across: Float32Array;
  /** Eosin of the stroma, 1 = usual. */
  readonly density: Float32Array;
  /** Eosin of the cytoplasm in glands, 0–255. */
  readonly cytoplasm: Float32Array;
  /** Positive in fat. */
  readonly fat: Float32Array;
}

/** Points outside the area on every side. */
const margin = 4;
/** How far around a gland the stroma follows its outline, µm. */
const sheath = 34;

/** Evaluates the map of an area; its corner must be a multiple of 16 px. */
export function mapTissue(plan: SlidePlan, rings: readonly Ring[], area: Rect): TissueMap {
  const step = plan.pxPerUm >= 3 ? 16 : 8;
  const columns = Math.ceil(area.width / step) + 1 + 2 * margin;
  const rows = Math.ceil(area.height / step) + 1 + 2 * margin;
  const field = (): Float32Array => new Float32Array(columns * rows);
  const map: TissueMap = {
    step,
    left: area.left - margin * step,
    top: area.top - margin * step,
    columns,
    rows,
    tissue: field(),
    gland: field().fill(-sheath),
    along: field(),
    across: field(),
    density: field(),
    cytoplasm: field().fill(60),
    fat: field(),
  };
  for (let row = 0, i = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, i++) {
      const x = (map.left + column * step) / plan.pxPerUm;
      const y = (map.top + row * step) / plan.pxPerUm;
      map.tissue[i] = insideTissue(plan, x, y);
      if (map.tissue[i]! > -30) fillStroma(plan, map, i, x, y);
    }
  for (const ring of rings) fillRing(plan, map, ring);
  bendFibres(plan, map);
  return map;
}

/** Course and density of the fibres, and fat. */
function fillStroma(plan: SlidePlan, map: TissueMap, i: number, x: number, y: number): void {
  const { seed, pxPerUm } = plan;
  const regional = 0.9 * noise(seed + 3, x / 2600, y / 2600) * 2600 * 0.4;
  const local = 130 * noise(seed + 5, x / 330, y / 330);
  const waves = 7 * noise(seed + 7, x / 52, y / 52);
  const shear = 160 * noise(seed + 9, x / 480, y / 480);
  map.along[i] = (x * 0.83 - y * 0.56 + regional * 0.6 + shear) * pxPerUm;
  map.across[i] = (x * 0.56 + y * 0.83 + regional + local + waves) * pxPerUm;
  const patches = fractal(seed + 11, x / 900, y / 900, 3);
  map.density[i] = 1 + 0.34 * patches + 0.16 * noise(seed + 13, x / 60, y / 60);
  map.fat[i] = fatness(plan, x, y);
}

/** A whole number from 0 to `most`. */
const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, value));

/** A gland's wall and lumen, or a vessel's lumen, on the points it reaches. */
function fillRing(plan: SlidePlan, map: TissueMap, ring: Ring): void {
  const { step, columns, rows } = map;
  const reach = (ring.radius + sheath) * plan.pxPerUm;
  const first = clamp(Math.floor((ring.x * plan.pxPerUm - reach - map.left) / step), columns);
  const last = clamp(Math.ceil((ring.x * plan.pxPerUm + reach - map.left) / step), columns - 1);
  const upper = clamp(Math.floor((ring.y * plan.pxPerUm - reach - map.top) / step), rows);
  const lower = clamp(Math.ceil((ring.y * plan.pxPerUm + reach - map.top) / step), rows - 1);
  for (let row = upper; row <= lower; row++)
    for (let column = first; column <= last; column++) {
      const i = row * columns + column;
      if (map.tissue[i]! < -30) continue;
      const x = (map.left + column * step) / plan.pxPerUm;
      const y = (map.top + row * step) / plan.pxPerUm;
      const { outer, inner } = depthIn(ring, x, y);
      map.tissue[i] = Math.min(map.tissue[i]!, -inner);
      if (ring.kind === 'vessel' || outer <= map.gland[i]!) continue;
      map.gland[i] = outer;
      const apical = Math.max(0, Math.min(1, outer / ring.wall));
      const tint = ((ring.seed & 0xff) / 255 - 0.5) * 22;
      map.cytoplasm[i] = (ring.isAtypical ? 66 : 84 - 34 * apical) + tint;
    }
}

/** Lets fibres run around glands, closer to each other there. */
function bendFibres(plan: SlidePlan, map: TissueMap): void {
  for (let i = 0; i < map.across.length; i++) {
    const near = Math.min(sheath, map.gland[i]! + sheath);
    map.across[i]! += (0.9 * plan.pxPerUm * near ** 2) / sheath;
  }
}

/** A field of the map at a place, px. */
export function readMap(map: TissueMap, field: Float32Array, x: number, y: number): number {
  const column = Math.min(map.columns - 2, Math.max(0, Math.floor((x - map.left) / map.step)));
  const row = Math.min(map.rows - 2, Math.max(0, Math.floor((y - map.top) / map.step)));
  const tx = (x - map.left) / map.step - column;
  const ty = (y - map.top) / map.step - row;
  const i = row * map.columns + column;
  const upper = field[i]! + (field[i + 1]! - field[i]!) * tx;
  const lower = field[i + map.columns]! + (field[i + map.columns + 1]! - field[i + map.columns]!) * tx;
  return upper + (lower - upper) * ty;
}
