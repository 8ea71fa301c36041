import type { StainPlanes } from './stain-planes.ts';
import type { Rect } from '../src/core/geometry.ts';
import { cellsIn, type Stamp } from './cells.ts';
import { paintGround } from './ground.ts';
import { isGlass, type SlidePlan } from './plan.ts';
import { paintDebris } from './debris.ts';
import { ringsIn } from './rings.ts';
import { makeSprites, type Sprites } from './sprites.ts';
import { colour, glass, stainTable } from './stain.ts';
import { makeTextures, type Textures } from './textures.ts';
import { mapTissue } from './tissue-map.ts';

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
    paintGround(planes, map, textures, plan.pxPerUm);
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
