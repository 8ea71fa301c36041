import type { Rect } from '../src/core/geometry.ts';
import { cellsIn, type Stamp } from './cells.ts';
import { isGlass, type SlidePlan } from './plan.ts';
import { paintDebris } from './debris.ts';
import { ringsIn } from './rings.ts';
import { makeSprites, type Sprites } from './sprites.ts';
import { colour, glass, stainTable } from './stain.ts';
import { makeTextures, textureSize, type Textures } from './textures.ts';
import { mapTissue, type TissueMap } from './tissue-map.ts';

/** What a thread prepares once per slide: about 5 MB and half a second. */
export interface Palette {
  readonly plan: SlidePlan;
  readonly textures: Textures;
  readonly sprites: Sprites;
  readonly table: Uint32Array;
  /** Memory that every call of {@link paint} uses again. */
  readonly scratch: { bytes: Uint8Array<ArrayBuffer> };
}

/** Prepares all that painting a slide needs. */
export function makePalette(plan: SlidePlan): Palette {
  const { seed, pxPerUm } = plan;
  return {
    plan,
    textures: makeTextures(seed + 200, pxPerUm),
    sprites: makeSprites(seed + 300, pxPerUm),
    table: stainTable(),
    scratch: { bytes: new Uint8Array() },
  };
}

/** Two stain planes over an area, one byte a pixel. */
export interface StainPlanes {
  readonly area: Rect;
  readonly haematoxylin: Uint8Array;
  readonly eosin: Uint8Array;
}

/**
 * Interleaved RGB of a part of the slide, the same whatever parts it is painted in; goes on beyond the edges of the
 * slide. Valid until the next call with the same palette.
 *
 * @param area px; its corner a multiple of 16
 */
export function paint(palette: Palette, area: Rect): Uint8Array {
  const { plan, sprites, textures, table, scratch } = palette;
  const count = area.width * area.height;
  if (scratch.bytes.length < count * 5) scratch.bytes = new Uint8Array(count * 5);
  const [rgb, haematoxylin, eosin] = [
    scratch.bytes.subarray(0, count * 3),
    scratch.bytes.subarray(count * 3, count * 4).fill(0),
    scratch.bytes.subarray(count * 4, count * 5).fill(0),
  ];
  const planes = { area, haematoxylin, eosin };
  const isEmpty = isGlass(plan, area);
  if (!isEmpty) {
    const rings = ringsIn(plan, area);
    const map = mapTissue(plan, rings, area);
    paintTissue(planes, map, textures, plan.pxPerUm);
    for (const stamp of cellsIn({ plan, map, rings, sprites, area })) press(planes, stamp);
  }
  if (isEmpty) fillGlass(rgb);
  else colour(table, planes.haematoxylin, planes.eosin, rgb);
  paintDebris(plan, area, rgb);
  return rgb;
}

/** Plain glass everywhere. */
function fillGlass(rgb: Uint8Array): void {
  rgb.set(glass, 0);
  for (let filled = 3; filled < rgb.length; filled *= 2)
    rgb.copyWithin(filled, 0, Math.min(filled, rgb.length - filled));
}

/** Paints fibres, cytoplasm and fat cell by cell of the map. */
function paintTissue(planes: StainPlanes, map: TissueMap, textures: Textures, pxPerUm: number): void {
  const { area } = planes;
  const { step, columns, tissue } = map;
  for (let top = area.top; top < area.top + area.height; top += step)
    for (let left = area.left; left < area.left + area.width; left += step) {
      const i = ((top - map.top) / step) * columns + (left - map.left) / step;
      const most = Math.max(tissue[i]!, tissue[i + 1]!, tissue[i + columns]!, tissue[i + columns + 1]!);
      if (most > -1 || map.gland[i]! > 8) paintCell(planes, map, textures, { i, left, top, pxPerUm });
    }
}

/** A field along one row of a cell: its value at the first pixel and its change per pixel. */
function along(field: Float32Array, i: number, columns: number, t: number, step: number): [number, number] {
  const first = field[i]! + (field[i + columns]! - field[i]!) * t;
  const last = field[i + 1]! + (field[i + columns + 1]! - field[i + 1]!) * t;
  return [first, (last - first) / step];
}

/** Paints the square between four points of the map, in the one loop that most of the time goes into. */
function paintCell(
  planes: StainPlanes,
  map: TissueMap,
  textures: Textures,
  at: { i: number; left: number; top: number; pxPerUm: number },
): void {
  const { area, haematoxylin, eosin } = planes;
  const { step, columns } = map;
  const { fibre, grain, fat: septa } = textures;
  const { i, left, top, pxPerUm } = at;
  const mask = textureSize - 1;
  const width = Math.min(step, area.left + area.width - left);
  const height = Math.min(step, area.top + area.height - top);
  for (let row = 0; row < height; row++) {
    const t = row / step;
    let [tissue, tissueStep] = along(map.tissue, i, columns, t, step);
    let [gland, glandStep] = along(map.gland, i, columns, t, step);
    let [u, uStep] = along(map.along, i, columns, t, step);
    let [v, vStep] = along(map.across, i, columns, t, step);
    let [density, densityStep] = along(map.density, i, columns, t, step);
    let [cytoplasm, cytoplasmStep] = along(map.cytoplasm, i, columns, t, step);
    let [fat, fatStep] = along(map.fat, i, columns, t, step);
    const y = top + row;
    let p = (y - area.top) * area.width + left - area.left;
    const grainRow = (y & mask) * textureSize;
    for (let x = left; x < left + width; x++, p++) {
      const speck = grain[grainRow | (x & mask)]!;
      const strand = fibre[((v & mask) * textureSize) | (u & mask)]!;
      let e = density * (strand * 0.34 + speck * 0.08);
      let h = 6 + speck * 0.06;
      const shown = Math.min(1, Math.max(0, tissue * pxPerUm * 0.5 + 0.5));
      if (gland > -1) {
        const inside = Math.min(1, Math.max(0, gland * pxPerUm * 0.4 + 0.5));
        const base = Math.abs(gland) < 1 ? 1 - Math.abs(gland) : 0;
        const granular = cytoplasm * (0.45 + speck * 0.0043);
        e += (granular - e) * inside + 26 * base;
        h += (14 + speck * 0.13 - h) * inside;
      }
      // Towards a free surface tissue takes more stain.
      if (tissue < 2) e += 10 * (1 - tissue * 0.5);
      if (fat > -0.12 && gland < -3) {
        const amount = Math.min(1, Math.max(0, fat * 60));
        const wall = septa[(((y + v * 0.06) & mask) * textureSize) | ((x + u * 0.06) & mask)]! / 255;
        const body = 1 - amount + amount * wall;
        e *= body;
        h *= body;
      }
      // Pale secretion in the lumina of glands.
      const shed = gland > 8 ? Math.max(0, strand - 132) * 0.11 * (1 - shown) : 0;
      haematoxylin[p] = h * shown + shed;
      eosin[p] = Math.min(250, e * shown + shed);
      tissue += tissueStep;
      gland += glandStep;
      u += uStep;
      v += vStep;
      density += densityStep;
      cytoplasm += cytoplasmStep;
      fat += fatStep;
    }
  }
}

/** Stamps a cell: nuclei darken what lies under them, red cells cover it. */
function press(planes: StainPlanes, stamp: Stamp): void {
  const { area } = planes;
  const { edge, values } = stamp.sprite;
  const left = Math.round(stamp.x) - (edge >> 1) - area.left;
  const top = Math.round(stamp.y) - (edge >> 1) - area.top;
  const from = Math.max(0, -left);
  const to = Math.min(edge, area.width - left);
  const isNucleus = stamp.plane === 'haematoxylin';
  const plane = planes[stamp.plane];
  for (let row = Math.max(0, -top); row < Math.min(edge, area.height - top); row++) {
    let p = (top + row) * area.width + left + from;
    for (let i = row * edge + from; i < row * edge + to; i++, p++) {
      const value = values[i]!;
      if (value === 0) continue;
      const under = plane[p]!;
      plane[p] = isNucleus ? under + value - Math.ceil((under * value) / 255) : Math.max(under, value);
    }
  }
}
