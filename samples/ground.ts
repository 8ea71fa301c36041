import type { StainPlanes } from './stain-planes.ts';
import { textureSize, type Textures } from './textures.ts';
import type { TissueMap } from './tissue-map.ts';

const mask = textureSize - 1;

/** One row of pixels of a square of the map. */
interface Row {
  /** Index of the square's top left point in the map. */
  readonly i: number;
  /** How far down the square the row lies, 0 to 1. */
  readonly t: number;
  /** px on the slide. */
  readonly left: number;
  readonly y: number;
  readonly width: number;
  readonly pxPerUm: number;
}

/** Paints what lies between the nuclei: fibres, cytoplasm and fat. */
export function paintGround(planes: StainPlanes, map: TissueMap, textures: Textures, pxPerUm: number): void {
  const { area } = planes;
  const { step, columns, tissue, gland } = map;
  const [right, bottom] = [area.left + area.width, area.top + area.height];
  for (let top = area.top; top < bottom; top += step)
    for (let left = area.left; left < right; left += step) {
      const i = ((top - map.top) / step) * columns + (left - map.left) / step;
      const most = Math.max(tissue[i]!, tissue[i + 1]!, tissue[i + columns]!, tissue[i + columns + 1]!);
      // Lumina of glands hold a little secretion, other glass nothing.
      if (most < -1 && gland[i]! < 8) continue;
      const width = Math.min(step, right - left);
      for (let y = top; y < Math.min(top + step, bottom); y++)
        paintRow(planes, map, textures, { i, t: (y - top) / step, left, y, width, pxPerUm });
    }
}

/** A field along a row: its value at the first pixel and its change per pixel. */
function along(map: TissueMap, field: Float32Array, { i, t }: Row): [number, number] {
  const below = i + map.columns;
  const first = field[i]! + (field[below]! - field[i]!) * t;
  const last = field[i + 1]! + (field[below + 1]! - field[i + 1]!) * t;
  return [first, (last - first) / map.step];
}

/** A value limited to 0 … 1. */
const share = (value: number): number => Math.min(1, Math.max(0, value));

/** How much stain is left where adipocytes lie: all of it in their walls, none in their bodies. */
function fatShare(septa: Uint8Array, x: number, y: number, fat: number): number {
  const amount = share(fat * 220);
  return 1 - amount + (amount * septa[((y & mask) * textureSize) | (x & mask)]!) / 255;
}

/** Paints one row; most of the time goes into this loop. */
function paintRow(planes: StainPlanes, map: TissueMap, textures: Textures, row: Row): void {
  const { area, haematoxylin, eosin } = planes;
  const { left, y, width, pxPerUm } = row;
  let [tissue, tissueStep] = along(map, map.tissue, row);
  let [gland, glandStep] = along(map, map.gland, row);
  let [u, uStep] = along(map, map.along, row);
  let [v, vStep] = along(map, map.across, row);
  let [density, densityStep] = along(map, map.density, row);
  let [cytoplasm, cytoplasmStep] = along(map, map.cytoplasm, row);
  const [fat, fatStep] = along(map, map.fat, row);
  let p = (y - area.top) * area.width + left - area.left;
  for (let x = left; x < left + width; x++, p++) {
    const speck = textures.grain[((y & mask) * textureSize) | (x & mask)]!;
    const strand = textures.fibre[((v & mask) * textureSize) | (u & mask)]!;
    let e = density * (strand * 0.34 + speck * 0.08);
    let h = 6 + speck * 0.06;
    if (gland > -1) {
      const inside = share(gland * pxPerUm * 0.4 + 0.5);
      // A basement membrane, 2 µm wide.
      e += (cytoplasm * (0.45 + speck * 0.0043) - e) * inside + 26 * share(1 - Math.abs(gland));
      h += (14 + speck * 0.13 - h) * inside;
    }
    // Towards a free surface tissue takes more stain.
    if (tissue < 2) e += 10 * (1 - tissue * 0.5);
    let shown = share(tissue * pxPerUm * 0.5 + 0.5);
    const shed = gland > 8 ? Math.max(0, strand - 132) * 0.11 * (1 - shown) : 0;
    const fatHere = fat + (x - left) * fatStep;
    if (fatHere > 0 && gland < -3) shown *= fatShare(textures.fat, x + u * 0.06, y + v * 0.06, fatHere);
    haematoxylin[p] = h * shown + shed;
    eosin[p] = Math.min(250, e * shown + shed);
    tissue += tissueStep;
    gland += glandStep;
    u += uStep;
    v += vStep;
    density += densityStep;
    cytoplasm += cytoplasmStep;
  }
}
