import type { Rect } from '../src/core/geometry.ts';
import { hash, noise, randomStream } from './noise.ts';
import { insideTissue, type SlidePlan } from './plan.ts';
import { depthIn, outlineRadius, type Ring } from './rings.ts';
import { directionCount, variantCount, type NucleusKind, type Sprite, type Sprites } from './sprites.ts';
import { readMap, type TissueMap } from './tissue-map.ts';

/** A cell to be stamped into a stain plane; `x`, `y`: its middle, px on the slide. */
export interface Stamp {
  readonly plane: 'haematoxylin' | 'eosin';
  readonly sprite: Sprite;
  readonly x: number;
  readonly y: number;
}

/** Pitch of the lattice of scattered cells, µm. */
const pitch = 8.5;
/** No cell reaches farther from its middle, µm. */
const reach = 12;

/** Everything needed to place cells in one area. */
export interface CellScene {
  readonly plan: SlidePlan;
  readonly map: TissueMap;
  readonly rings: readonly Ring[];
  readonly sprites: Sprites;
  /** px. */
  readonly area: Rect;
}

/** All cells that reach into the area, always in the same order. */
export function cellsIn(scene: CellScene): Stamp[] {
  const stamps: Stamp[] = [];
  const { area, plan } = scene;
  const margin = reach * plan.pxPerUm;
  const add = (stamp: Stamp): void => {
    const isNear =
      stamp.x > area.left - margin &&
      stamp.x < area.left + area.width + margin &&
      stamp.y > area.top - margin &&
      stamp.y < area.top + area.height + margin;
    if (isNear) stamps.push(stamp);
  };
  for (const ring of scene.rings)
    if (ring.kind === 'gland') addGland(scene, ring, add);
    else addVessel(scene, ring, add);
  addScattered(scene, add);
  return stamps;
}

/** A nucleus of a kind whose length lies in direction `turn`, rad. */
function nucleus(scene: CellScene, kind: NucleusKind, turn: number, chance: number): Sprite {
  const direction = Math.round((turn / Math.PI) * directionCount);
  const wrapped = ((direction % directionCount) + directionCount) % directionCount;
  return scene.sprites.nuclei[kind][Math.floor(chance * variantCount) * directionCount + wrapped]!;
}

/** Nuclei along the base of a gland's wall, side by side, and some above them. */
function addGland(scene: CellScene, ring: Ring, add: (stamp: Stamp) => void): void {
  const random = randomStream(ring.seed + 1);
  const { pxPerUm } = scene.plan;
  const kind = ring.isAtypical ? 'large' : 'epithelial';
  const spacing = ring.isAtypical ? 8.6 : 6.1;
  const layers = ring.isAtypical ? [7.5, 15.5, 23] : [7, 14];
  for (const [layer, depth] of layers.entries()) {
    const present = layer === 0 ? 0.98 : ring.isAtypical ? 0.72 : 0.3;
    for (
      let turn = 0;
      turn < 2 * Math.PI;
      turn += (spacing * (0.8 + 0.4 * random())) / (ring.radius - depth)
    ) {
      const [chance, jitter, tilt, variant] = [random(), random() - 0.5, random() - 0.5, random()];
      if (chance > present) continue;
      const radius = outlineRadius(ring, turn) - depth + jitter * (ring.isAtypical ? 6 : 3.4);
      if (radius < 4) continue;
      const [x, y] = [ring.x + radius * Math.cos(turn), ring.y + radius * Math.sin(turn)];
      if (depthIn(ring, x, y).inner > -3 || insideTissue(scene.plan, x, y) < 3) continue;
      const sprite = nucleus(scene, kind, turn + tilt * (ring.isAtypical ? 1.6 : 0.5), variant);
      add({ plane: 'haematoxylin', sprite, x: x * pxPerUm, y: y * pxPerUm });
    }
  }
}

/** Flat nuclei along a vessel's wall and red cells in its lumen. */
function addVessel(scene: CellScene, ring: Ring, add: (stamp: Stamp) => void): void {
  const random = randomStream(ring.seed + 1);
  const { pxPerUm } = scene.plan;
  const step = 17 / ring.radius;
  for (let turn = random() * step; turn < 2 * Math.PI; turn += step * (0.7 + 0.7 * random())) {
    const radius = outlineRadius(ring, turn) - ring.wall * random() + 1;
    const [x, y] = [ring.x + radius * Math.cos(turn), ring.y + radius * Math.sin(turn)];
    const sprite = nucleus(scene, 'spindle', turn + Math.PI / 2, random());
    add({ plane: 'haematoxylin', sprite, x: x * pxPerUm, y: y * pxPerUm });
  }
  const inner = ring.radius - ring.wall;
  const wanted = (0.2 + 1.1 * random()) * (inner / 3.4) ** 2;
  for (let i = 0; i < wanted; i++) {
    const [turn, away, variant] = [random() * 2 * Math.PI, Math.sqrt(random()) * inner, random()];
    const [x, y] = [ring.x + away * Math.cos(turn), ring.y + away * Math.sin(turn)];
    if (depthIn(ring, x, y).inner < 2) continue;
    const sprite = scene.sprites.redCells[Math.floor(variant * scene.sprites.redCells.length)]!;
    add({ plane: 'eosin', sprite, x: x * pxPerUm, y: y * pxPerUm });
  }
}

/** Cells of the stroma: fibroblasts along the fibres, lymphocytes alone and in crowds, stray red cells. */
function addScattered(scene: CellScene, add: (stamp: Stamp) => void): void {
  const { plan, area } = scene;
  const [left, top] = [area.left / plan.pxPerUm - reach, area.top / plan.pxPerUm - reach];
  const right = (area.left + area.width) / plan.pxPerUm + reach;
  const bottom = (area.top + area.height) / plan.pxPerUm + reach;
  for (let row = Math.floor(top / pitch); row <= Math.floor(bottom / pitch); row++)
    for (let column = Math.floor(left / pitch); column <= Math.floor(right / pitch); column++) {
      const h = hash(plan.seed + 97, column, row);
      const x = (column + (h & 0xff) / 255) * pitch;
      const y = (row + ((h >>> 8) & 0xff) / 255) * pitch;
      const stamp = scatteredCell(scene, x, y, h >>> 16);
      if (stamp !== undefined) add(stamp);
    }
}

/** The cell at a place of the scatter lattice, if any; `bits`: 16 random bits. */
function scatteredCell(scene: CellScene, x: number, y: number, bits: number): Stamp | undefined {
  const { plan, map, sprites } = scene;
  const [px, py] = [x * plan.pxPerUm, y * plan.pxPerUm];
  if (readMap(map, map.tissue, px, py) < 3.5) return undefined;
  const inGland = readMap(map, map.gland, px, py);
  if (inGland > -4) return undefined;
  const [chance, variant] = [(bits & 0xff) / 256, (bits >>> 8) / 256];
  const isFat = readMap(map, map.fat, px, py) > 0;
  const crowd = noise(plan.seed + 101, x / 330, y / 330) + 0.4 * noise(plan.seed + 102, x / 70, y / 70);
  const haematoxylin = (sprite: Sprite): Stamp => ({ plane: 'haematoxylin', sprite, x: px, y: py });
  if (chance < (isFat ? 0 : Math.max(0.025, Math.min(0.86, (crowd - 0.42) * 4))))
    return haematoxylin(nucleus(scene, 'lymphocyte', variant * 3, (variant * 13) % 1));
  if (noise(plan.seed + 103, x / 420, y / 420) > 0.56 && chance < 0.8) {
    const sprite = sprites.redCells[Math.floor(variant * sprites.redCells.length)]!;
    return { plane: 'eosin', sprite, x: px, y: py };
  }
  if (chance > (isFat ? 0.035 : 0.19)) return undefined;
  return haematoxylin(
    nucleus(scene, 'spindle', fibreDirection(map, px, py) + (variant - 0.5) * 0.5, (variant * 17) % 1),
  );
}

/** Direction in which the fibres run at a place, rad. */
function fibreDirection(map: TissueMap, x: number, y: number): number {
  const half = map.step / 2;
  const slopeX = readMap(map, map.across, x + half, y) - readMap(map, map.across, x - half, y);
  const slopeY = readMap(map, map.across, x, y + half) - readMap(map, map.across, x, y - half);
  return Math.atan2(slopeY, slopeX) + Math.PI / 2;
}
