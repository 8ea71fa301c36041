import { boxOf, pathsOf, type Kind, type Geometry, type Position } from './shape.ts';

/** How far a place is from the line between two, px. */
export function distanceToSegment([x, y]: Position, [ax, ay]: Position, [bx, by]: Position): number {
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / squared));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** Whether a place lies within rings: in the outline, and in no hole. */
export function isInside([x, y]: Position, rings: readonly (readonly Position[])[]): boolean {
  let inside = false;
  for (const ring of rings)
    for (let i = 1; i < ring.length; i++) {
      const [[ax, ay], [bx, by]] = [ring[i - 1]!, ring[i]!]; // i < length
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  return inside;
}

/**
 * How well a shape is met by a place: 0 on its line, more with the distance from it up to `reach`; inside of it, but
 * far from its line, 1 more than that; undefined when it is missed.
 *
 * @param reach px of slide level 0
 */
export function missOf(
  { kind, geometry }: { readonly kind: Kind; readonly geometry: Geometry },
  place: Position,
  reach: number,
): number | undefined {
  const { left, top, right, bottom } = boxOf(geometry);
  const [x, y] = place;
  if (x < left - reach || x > right + reach || y < top - reach || y > bottom + reach) return undefined;
  if (kind === 'ellipse') return ellipseMiss(geometry, place, reach);
  let nearest = Infinity;
  for (const path of pathsOf(geometry)) {
    const [first] = path;
    if (path.length === 1 && first !== undefined) nearest = Math.hypot(x - first[0], y - first[1]);
    for (let i = 1; i < path.length; i++)
      nearest = Math.min(nearest, distanceToSegment(place, path[i - 1]!, path[i]!)); // i < length
  }
  if (nearest <= reach) return nearest / reach;
  return geometry.type === 'Polygon' && isInside(place, geometry.coordinates) ? 2 : undefined;
}

/** By the ray from its middle through the place: near enough to the true distance for a finger. */
function ellipseMiss(geometry: Geometry, [x, y]: Position, reach: number): number | undefined {
  const { left, top, right, bottom } = boxOf(geometry);
  const [a, b] = [Math.max((right - left) / 2, 1e-9), Math.max((bottom - top) / 2, 1e-9)];
  const [dx, dy] = [x - (left + right) / 2, y - (top + bottom) / 2];
  const ratio = Math.hypot(dx / a, dy / b);
  const distance = ratio === 0 ? Math.min(a, b) : Math.abs(1 - 1 / ratio) * Math.hypot(dx, dy);
  if (distance <= reach) return distance / reach;
  return ratio < 1 ? 2 : undefined;
}
