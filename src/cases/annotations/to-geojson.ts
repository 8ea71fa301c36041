import type { Annotation } from './annotation.ts';
import { boxOf, positionsOf, type Geometry, type Position } from './shape.ts';

/** Corners of the polygon that stands for an ellipse: on it, so that it is off by 0.03 % of the radius at most. */
const ellipseCorners = 128;

/** A feature as QuPath writes and reads it. @see RFC 7946, 3.2; QuPath 0.4 and later */
export interface QuPathFeature {
  readonly type: 'Feature';
  /** A UUID, by which QuPath knows its objects. */
  readonly id: string;
  readonly geometry: Geometry & { readonly isEllipse?: true };
  readonly properties: {
    readonly objectType: 'annotation';
    readonly name?: string;
    readonly color: readonly [number, number, number];
    readonly classification?: { readonly name: string; readonly color: readonly [number, number, number] };
    /** What QuPath keeps without knowing it. */
    readonly metadata: Readonly<Record<string, string>>;
  };
}

/**
 * An annotation as a feature that QuPath reads.
 *
 * Its label is both the name and the classification: the first stands in QuPath's list, by the second it counts.
 */
export function toFeature({ id, kind, geometry, label, colour, author }: Annotation): QuPathFeature {
  const color = rgbOf(colour);
  return {
    type: 'Feature',
    id: uuidOf(id),
    geometry: kind === 'ellipse' ? ellipseOf(geometry) : geometry,
    properties: {
      objectType: 'annotation',
      ...(label !== '' && { name: label, classification: { name: label, color } }),
      color,
      metadata: { kind, author: author.name },
    },
  };
}

/** A feature collection of annotations, made as they come. */
export async function* geoJsonOf(annotations: AsyncIterable<Annotation>): AsyncGenerator<string> {
  let before = '{"type":"FeatureCollection","features":[';
  for await (const annotation of annotations) {
    yield `${before}\n${JSON.stringify(toFeature(annotation))}`;
    before = ',';
  }
  yield before === ',' ? '\n]}\n' : `${before}]}\n`;
}

/** An id in the spelling of a UUID. */
export function uuidOf(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A polygon that looks like the ellipse in a box, marked as QuPath marks one. */
function ellipseOf(geometry: Geometry): Geometry & { readonly isEllipse: true } {
  const [left, top, right, bottom] = boxOf(positionsOf(geometry));
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const ring: Position[] = [];
  for (let i = 0; i <= ellipseCorners; i++) {
    // The last is the first again, to the digit; a quarter turn is a whole number of steps, so the box stays the same.
    const angle = ((i % ellipseCorners) / ellipseCorners) * 2 * Math.PI;
    ring.push([
      rounded(x + ((right - left) / 2) * Math.cos(angle)),
      rounded(y + ((bottom - top) / 2) * Math.sin(angle)),
    ]);
  }
  return { type: 'Polygon', coordinates: [ring], isEllipse: true };
}

function rounded(px: number): number {
  return Math.round(px * 100) / 100;
}

function rgbOf(colour: string): readonly [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
