import { ServiceError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';

/** What is drawn. */
export type AnnotationKind = (typeof annotationKinds)[number];

/** All kinds. */
export const annotationKinds = [
  'point',
  'arrow',
  'line',
  'rectangle',
  'ellipse',
  'polygon',
  'freehand',
  'text',
] as const;

/** A place on the slide: x, y, px of slide level 0. */
export type Position = [x: number, y: number];

/** What an annotation covers, as GeoJSON has it. @see RFC 7946, 3.1 */
export type Geometry =
  | { readonly type: 'Point'; readonly coordinates: Position }
  /** Of an arrow the last position is its head. */
  | { readonly type: 'LineString'; readonly coordinates: Position[] }
  /** Rings, closed; the first is the outline, the others are holes. Of an ellipse: the box that it fills. */
  | { readonly type: 'Polygon'; readonly coordinates: Position[][] };

/** Most points of one annotation. */
export const maxVertices = 20_000;

const typeOf: Readonly<Record<AnnotationKind, Geometry['type']>> = {
  point: 'Point',
  text: 'Point',
  arrow: 'LineString',
  line: 'LineString',
  rectangle: 'Polygon',
  ellipse: 'Polygon',
  polygon: 'Polygon',
  freehand: 'Polygon',
};

/** How many points a geometry has. */
export function verticesOf(geometry: Geometry): number {
  if (geometry.type === 'Point') return 1;
  if (geometry.type === 'LineString') return geometry.coordinates.length;
  return geometry.coordinates.reduce((sum, ring) => sum + ring.length, 0);
}

/** Every position of a geometry. */
export function* positionsOf(geometry: Geometry): Generator<Position> {
  if (geometry.type === 'Point') yield geometry.coordinates;
  else if (geometry.type === 'LineString') yield* geometry.coordinates;
  else for (const ring of geometry.coordinates) yield* ring;
}

/** The least and the greatest x and y. */
export function boxOf(positions: Iterable<Position>): readonly [number, number, number, number] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of positions) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return [left, top, right, bottom];
}

/**
 * Whether a geometry is one of its kind, closed where it must be, and lies on the slide.
 *
 * It may reach over the slide's edge by a tenth of its longer side, because who draws around what lies at the edge
 * goes beyond it.
 *
 * @throws {ServiceError} `invalid`
 */
export function checkShape(kind: AnnotationKind, geometry: Geometry, slide: Size): void {
  if (geometry.type !== typeOf[kind])
    throw new ServiceError('invalid', `a ${kind} is a ${typeOf[kind]}, not a ${geometry.type}`);
  const vertices = verticesOf(geometry);
  if (vertices > maxVertices)
    throw new ServiceError('invalid', `a shape of ${vertices} points: ${maxVertices} are the most`);
  if (geometry.type === 'LineString' && vertices < 2)
    throw new ServiceError('invalid', 'a line has two points at least');
  if (geometry.type === 'Polygon') geometry.coordinates.forEach(checkRing);
  if (vertices === 0) throw new ServiceError('invalid', 'a shape has a point at least');
  const margin = Math.max(slide.width, slide.height) / 10;
  for (const [x, y] of positionsOf(geometry))
    if (!isWithin(x, slide.width, margin) || !isWithin(y, slide.height, margin))
      throw new ServiceError(
        'invalid',
        `${x}, ${y} is not on the slide of ${slide.width} × ${slide.height} px`,
      );
}

function checkRing(ring: readonly Position[]): void {
  const [first, last] = [ring[0], ring.at(-1)];
  const isClosed = first !== undefined && first[0] === last?.[0] && first[1] === last[1];
  if (ring.length < 4 || !isClosed)
    throw new ServiceError('invalid', 'an outline has four points at least, and ends where it begins');
}

function isWithin(value: number, length: number, margin: number): boolean {
  return value >= -margin && value <= length + margin;
}
