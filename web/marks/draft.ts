import { boxGeometry, rounded, type Geometry, type Kind, type Position } from './shape.ts';

/** Something that is being drawn. */
export interface Draft {
  readonly kind: Kind;
  /** Points that were set, in order. */
  readonly points: readonly Position[];
  /** Where the pointer or the cross is: the next point, if it is set. */
  readonly next: Position | undefined;
}

/** How many points a kind takes: one, two, or any number until it is finished. */
export function pointsOf(kind: Kind): 1 | 2 | 'many' {
  if (kind === 'point' || kind === 'text') return 1;
  return kind === 'polygon' || kind === 'freehand' ? 'many' : 2;
}

/** A draft with one more point. */
export function withPoint({ kind, points }: Draft, point: Position): Draft {
  return { kind, points: [...points, exact(point)], next: undefined };
}

/** Whether nothing more is to be set. */
export function isComplete({ kind, points }: Draft): boolean {
  const wanted = pointsOf(kind);
  return wanted !== 'many' && points.length >= wanted;
}

/** What a draft is with the points that are set, and the next one; undefined as long as it is nothing. */
export function geometryOf({ kind, points, next }: Draft): Geometry | undefined {
  const all = next === undefined ? points : [...points, exact(next)];
  const [first, second] = all;
  if (first === undefined) return undefined;
  if (pointsOf(kind) === 1) return { type: 'Point', coordinates: first };
  if (second === undefined) return undefined;
  if (kind === 'line' || kind === 'arrow')
    return isSame(first, second) ? undefined : { type: 'LineString', coordinates: [first, second] };
  if (kind === 'rectangle' || kind === 'ellipse')
    return first[0] === second[0] || first[1] === second[1] ? undefined : boxGeometry(first, second);
  const corners = all.filter((point, i) => i === 0 || !isSame(point, all[i - 1]!)); // i > 0
  while (corners.length > 1 && isSame(corners.at(-1)!, first)) corners.pop(); // not empty
  return corners.length < 3 ? undefined : { type: 'Polygon', coordinates: [[...corners, first]] };
}

/** A shape with one of its points elsewhere; of a box the opposite corner stays. @param at which, as handlesOf lists them */
export function withHandleAt(kind: Kind, geometry: Geometry, at: number, place: Position): Geometry {
  const to = exact(place);
  if (geometry.type === 'Point') return { type: 'Point', coordinates: to };
  if (geometry.type === 'LineString')
    return { type: 'LineString', coordinates: geometry.coordinates.map((one, i) => (i === at ? to : one)) };
  if (kind === 'rectangle' || kind === 'ellipse') {
    const opposite = handlesOf(geometry)[(at + 2) % 4];
    return opposite === undefined ? geometry : boxGeometry(opposite, to);
  }
  let before = 0;
  const coordinates = geometry.coordinates.map((ring) => {
    const local = at - before;
    before += ring.length - 1;
    if (local < 0 || local >= ring.length - 1) return ring;
    const moved = ring.map((one, i) => (i === local ? to : one));
    return [...moved.slice(0, -1), moved[0] ?? to];
  });
  return { type: 'Polygon', coordinates };
}

/** The points by which a shape can be changed: all of them, each once. */
export function handlesOf(geometry: Geometry): readonly Position[] {
  if (geometry.type === 'Point') return [geometry.coordinates];
  if (geometry.type === 'LineString') return geometry.coordinates;
  return geometry.coordinates.flatMap((ring) => ring.slice(0, -1));
}

/** Leaves out points of a path that lie nearer than `tolerance` to the line without them (Douglas and Peucker). */
export function simplified(path: readonly Position[], tolerance: number): readonly Position[] {
  const kept = new Uint8Array(path.length);
  kept[0] = kept[path.length - 1] = 1;
  const waiting: (readonly [number, number])[] = [[0, path.length - 1]];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const [from, to] = part;
    let [farthest, distance] = [0, tolerance];
    for (let i = from + 1; i < to; i++) {
      const away = offLine(path[i]!, path[from]!, path[to]!); // from < i < to < length
      if (away > distance) [farthest, distance] = [i, away];
    }
    if (farthest === 0) continue;
    kept[farthest] = 1;
    waiting.push([from, farthest], [farthest, to]);
  }
  return path.filter((_, i) => kept[i] === 1);
}

function offLine([x, y]: Position, [ax, ay]: Position, [bx, by]: Position): number {
  const length = Math.hypot(bx - ax, by - ay);
  if (length === 0) return Math.hypot(x - ax, y - ay);
  return Math.abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / length;
}

function exact([x, y]: Position): Position {
  return [rounded(x), rounded(y)];
}

function isSame([ax, ay]: Position, [bx, by]: Position): boolean {
  return ax === bx && ay === by;
}

/** How many positions a geometry has. */
export function verticesOf(geometry: Geometry): number {
  if (geometry.type === 'Point') return 1;
  if (geometry.type === 'LineString') return geometry.coordinates.length;
  return geometry.coordinates.reduce((sum, ring) => sum + ring.length, 0);
}
