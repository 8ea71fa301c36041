import type { KnownMpp } from '../viewer/magnification.ts';
import { boxOf, type Kind, type Geometry, type Position } from './shape.ts';

/** µm per pixel of slide level 0; the two directions may differ. */
export type Mpp = NonNullable<KnownMpp>;

/** What can be measured of a shape, µm and µm². */
export interface Measures {
  /** Of a line. */
  readonly length?: number;
  /** Of what encloses something; its holes belong to it. */
  readonly perimeter?: number;
  /** Of what encloses something, without its holes. */
  readonly area?: number;
}

/** How long a line along positions is, µm. */
export function lengthOf(path: readonly Position[], mpp: Mpp): number {
  let length = 0;
  for (let i = 1; i < path.length; i++) {
    const [[ax, ay], [bx, by]] = [path[i - 1]!, path[i]!]; // i < length
    length += Math.hypot((bx - ax) * mpp.x, (by - ay) * mpp.y);
  }
  return length;
}

/** What a closed ring encloses, µm². Where it crosses itself, parts count by how it goes around them. */
export function ringArea(ring: readonly Position[], mpp: Mpp): number {
  const [ox, oy] = ring[0] ?? [0, 0];
  let twice = 0;
  for (let i = 1; i < ring.length; i++) {
    const [[ax, ay], [bx, by]] = [ring[i - 1]!, ring[i]!]; // i < length
    // From the first corner: far from the slide's corner, products of coordinates would lose digits.
    twice += (ax - ox) * (by - oy) - (bx - ox) * (ay - oy);
  }
  return (Math.abs(twice) / 2) * mpp.x * mpp.y;
}

/** What can be measured of a shape. Points have nothing. */
export function measuresOf(kind: Kind, geometry: Geometry, mpp: Mpp): Measures {
  if (geometry.type === 'Point') return {};
  if (geometry.type === 'LineString') return { length: lengthOf(geometry.coordinates, mpp) };
  if (kind === 'ellipse') return ellipseMeasures(geometry, mpp);
  const perimeter = geometry.coordinates.reduce((sum, ring) => sum + lengthOf(ring, mpp), 0);
  const [outer = 0, ...holes] = geometry.coordinates.map((ring) => ringArea(ring, mpp));
  return { perimeter, area: Math.max(0, outer - holes.reduce((sum, hole) => sum + hole, 0)) };
}

/** The perimeter by Ramanujan's second approximation: exact for a circle, and to 0.1 % for any that can be drawn. */
function ellipseMeasures(geometry: Geometry, mpp: Mpp): Measures {
  const { left, top, right, bottom } = boxOf(geometry);
  const a = ((right - left) / 2) * mpp.x;
  const b = ((bottom - top) / 2) * mpp.y;
  const h = a + b === 0 ? 0 : ((a - b) / (a + b)) ** 2;
  const perimeter = Math.PI * (a + b) * (1 + (3 * h) / (10 + Math.sqrt(4 - 3 * h)));
  return { perimeter, area: Math.PI * a * b };
}

/** A measured length for people, e.g. `12.3 µm`, `1.234 mm`: to a tenth of a µm, or a part in a thousand. */
export function measuredLength(microns: number): string {
  if (microns < 1000) return `${fixed(microns, microns < 100 ? 1 : 0)} µm`;
  const mm = microns / 1000;
  return `${fixed(mm, mm < 10 ? 3 : mm < 100 ? 2 : 1)} mm`;
}

/** A measured area for people, e.g. `250 µm²`, `0.125 mm²`. */
export function measuredArea(squareMicrons: number): string {
  if (squareMicrons < 10_000) return `${fixed(squareMicrons, squareMicrons < 100 ? 1 : 0)} µm²`;
  const mm2 = squareMicrons / 1e6;
  return `${fixed(mm2, mm2 < 1 ? 4 : mm2 < 100 ? 3 : 1)} mm²`;
}

/** All that was measured in a line of text; empty when there is nothing. */
export function measuresText({ length, perimeter, area }: Measures): string {
  const said = [
    length === undefined ? '' : measuredLength(length),
    area === undefined ? '' : `area ${measuredArea(area)}`,
    perimeter === undefined ? '' : `perimeter ${measuredLength(perimeter)}`,
  ];
  return said.filter((text) => text !== '').join(' · ');
}

/** Without zeros at the end: they would claim a precision that drawing by hand has not. */
function fixed(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}
