/** What is drawn. */
export type Kind = (typeof kinds)[number];

/** All kinds, in the order of the tools. */
export const kinds = [
  'line',
  'arrow',
  'point',
  'rectangle',
  'ellipse',
  'polygon',
  'freehand',
  'text',
] as const;

/** For whom a mark is. */
export type Visibility = 'me' | 'case' | 'organisation';

/** A place on the slide: x, y, px of slide level 0. */
export type Position = readonly [x: number, y: number];

/** A GeoJSON geometry, px of slide level 0; of an ellipse it is the box that it fills. Never changed, only replaced. */
export type Geometry =
  | { readonly type: 'Point'; readonly coordinates: Position }
  | { readonly type: 'LineString'; readonly coordinates: readonly Position[] }
  | { readonly type: 'Polygon'; readonly coordinates: readonly (readonly Position[])[] };

/** An annotation, as it is drawn, listed and kept. Never changed, only replaced. */
export interface Mark {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly kind: Kind;
  readonly geometry: Geometry;
  readonly label: string;
  /** `#rrggbb`. */
  readonly colour: string;
  readonly visibility: Visibility;
  readonly author: { readonly name: string; readonly isMe: boolean };
  /** ISO 8601, UTC. */
  readonly addedAt: string;
}

/** A rectangle along the axes. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What each kind is called. */
export const kindWords: Readonly<Record<Kind, string>> = {
  line: 'Ruler',
  arrow: 'Arrow',
  point: 'Point',
  rectangle: 'Rectangle',
  ellipse: 'Ellipse',
  polygon: 'Polygon',
  freehand: 'Freehand',
  text: 'Text',
};

/** Colours to choose from, all far from those of stained tissue, and their names. */
export const colours: readonly (readonly [hex: string, name: string])[] = [
  ['#ffd400', 'Yellow'],
  ['#00d05a', 'Green'],
  ['#00b4ff', 'Sky blue'],
  ['#1f4bff', 'Blue'],
  ['#ff7a00', 'Orange'],
  ['#ff2020', 'Red'],
  ['#000000', 'Black'],
  ['#ffffff', 'White'],
];

/** Rings or lines of a geometry; of a point one of a single position. */
export function pathsOf(geometry: Geometry): readonly (readonly Position[])[] {
  if (geometry.type === 'Point') return [[geometry.coordinates]];
  return geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates;
}

const boxes = new WeakMap<Geometry, Box>();

/** The box around a geometry; worked out once. */
export function boxOf(geometry: Geometry): Box {
  const known = boxes.get(geometry);
  if (known !== undefined) return known;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of pathsOf(geometry))
    for (const [x, y] of path) {
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x);
      bottom = Math.max(bottom, y);
    }
  const box = { left, top, right, bottom };
  boxes.set(geometry, box);
  return box;
}

/** The middle of a box. */
export function middleOf({ left, top, right, bottom }: Box): Position {
  return [(left + right) / 2, (top + bottom) / 2];
}

/** A geometry with all its positions moved. */
export function movedBy(geometry: Geometry, dx: number, dy: number): Geometry {
  const move = ([x, y]: Position): Position => [rounded(x + dx), rounded(y + dy)];
  if (geometry.type === 'Point') return { type: 'Point', coordinates: move(geometry.coordinates) };
  if (geometry.type === 'LineString')
    return { type: 'LineString', coordinates: geometry.coordinates.map(move) };
  return { type: 'Polygon', coordinates: geometry.coordinates.map((ring) => ring.map(move)) };
}

/** The outline of the box between two corners. */
export function boxGeometry([ax, ay]: Position, [bx, by]: Position): Geometry {
  const [left, right] = ax < bx ? [ax, bx] : [bx, ax];
  const [top, bottom] = ay < by ? [ay, by] : [by, ay];
  const ring: Position[] = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ];
  return { type: 'Polygon', coordinates: [ring] };
}

/** A hundredth of a pixel is finer than anything that can be seen or meant. */
export function rounded(px: number): number {
  return Math.round(px * 100) / 100;
}

/** A new id: 128 random bits, hexadecimal. */
export function newMarkId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
