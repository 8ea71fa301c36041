import { z } from 'zod';
import { ServiceError } from '../../core/errors.ts';
import { idPattern, newId } from '../../core/ids.ts';
import type { Size } from '../../core/geometry.ts';
import type { AnnotationDraft } from './annotation.ts';
import {
  annotationKinds,
  boxOf,
  checkShape,
  type AnnotationKind,
  type Geometry,
  type Position,
} from './shape.ts';

/** Longest label. */
export const maxLabel = 500;

/** What a GeoJSON file brings. */
export interface Imported {
  /** All but who may see them. */
  readonly drafts: readonly Omit<AnnotationDraft, 'visibility'>[];
  /** Features that are no annotations here, and why; counted from 1. */
  readonly refused: readonly { readonly feature: number; readonly reason: string }[];
}

const Rgb = z.tuple([z.int().min(0).max(255), z.int().min(0).max(255), z.int().min(0).max(255)]);
const Classification = z.looseObject({
  name: z.string().optional(),
  color: Rgb.optional(),
  /** As QuPath before 0.4 wrote it: ARGB as a signed number. */
  colorRGB: z.int().optional(),
});
const Feature = z.looseObject({
  id: z.unknown().optional(),
  geometry: z.looseObject({ type: z.string(), isEllipse: z.boolean().optional() }),
  properties: z
    .looseObject({
      name: z.string().optional(),
      color: z.union([Rgb, z.int()]).optional(),
      classification: Classification.optional(),
      metadata: z.looseObject({ kind: z.unknown().optional() }).optional(),
    })
    .nullish(),
});
type Feature = z.infer<typeof Feature>;

const defaultColour = '#ff0000';

/**
 * Annotations from a GeoJSON file: a feature collection, a list of features, or one; as QuPath writes them, of any
 * kind of object. What has several parts becomes several annotations.
 *
 * @throws {ServiceError} `invalid` when it is none of these
 */
export function fromGeoJson(file: unknown, slide: Size): Imported {
  const drafts: Imported['drafts'][number][] = [];
  const refused: Imported['refused'][number][] = [];
  featuresOf(file).forEach((feature, i) => {
    const parsed = Feature.safeParse(feature);
    try {
      if (!parsed.success) throw new ServiceError('invalid', 'it is no feature with a geometry');
      drafts.push(...draftsOf(parsed.data, slide));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      refused.push({ feature: i + 1, reason: error.message });
    }
  });
  return { drafts, refused };
}

function featuresOf(file: unknown): readonly unknown[] {
  if (Array.isArray(file)) return file;
  const parsed = z
    .looseObject({ type: z.string(), features: z.array(z.unknown()).optional() })
    .safeParse(file);
  if (parsed.data?.type === 'FeatureCollection') return parsed.data.features ?? [];
  if (parsed.data?.type === 'Feature') return [file];
  throw new ServiceError(
    'invalid',
    'this is no GeoJSON: a FeatureCollection, a list of Features or one Feature',
  );
}

/** @throws {ServiceError} `invalid` */
function draftsOf({ id, geometry, properties }: Feature, slide: Size): Imported['drafts'] {
  const { name, color, classification, metadata } = properties ?? {};
  const parts = geometriesOf(geometry);
  const label = [...new Set([classification?.name, name])].filter(Boolean).join(': ').slice(0, maxLabel);
  const colour = colourOf(color ?? classification?.color ?? classification?.colorRGB);
  return parts.map((part) => {
    const kind = geometry.isEllipse === true ? 'ellipse' : kindOf(part, metadata?.kind);
    const shape = kind === 'ellipse' || kind === 'rectangle' ? boxed(part) : part;
    checkShape(kind, shape, slide);
    return { id: parts.length === 1 ? idOf(id) : newId(), kind, geometry: shape, label, colour };
  });
}

/** The id that an annotation had when it was exported, or a new one. */
function idOf(id: unknown): string {
  const plain = typeof id === 'string' ? id.replaceAll('-', '').toLowerCase() : '';
  return idPattern.test(plain) ? plain : newId();
}

/** The geometry's parts, each of a type that annotations have. @throws {ServiceError} `invalid` */
function geometriesOf(geometry: Readonly<Record<string, unknown>>): readonly Geometry[] {
  const { type, coordinates, geometries } = geometry;
  switch (type) {
    case 'Point':
      return [{ type, coordinates: position(coordinates) }];
    case 'MultiPoint':
      return list(coordinates).map((one) => ({ type: 'Point', coordinates: position(one) }));
    case 'LineString':
      return [{ type, coordinates: positions(coordinates) }];
    case 'MultiLineString':
      return list(coordinates).map((one) => ({ type: 'LineString', coordinates: positions(one) }));
    case 'Polygon':
      return [{ type, coordinates: list(coordinates).map(positions) }];
    case 'MultiPolygon':
      return list(coordinates).map((one) => ({ type: 'Polygon', coordinates: list(one).map(positions) }));
    case 'GeometryCollection':
      return list(geometries).flatMap((one) => geometriesOf(z.looseObject({}).parse(one)));
    default:
      throw new ServiceError('invalid', `a geometry of type ${String(type).slice(0, 40)} is not known`);
  }
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new ServiceError('invalid', 'a geometry has no coordinates');
  return value;
}

function positions(value: unknown): Position[] {
  return list(value).map(position);
}

/** x and y; a third coordinate says nothing on a slide. */
function position(value: unknown): Position {
  const [x, y] = list(value);
  if (typeof x !== 'number' || typeof y !== 'number')
    throw new ServiceError('invalid', 'a position is two numbers');
  return [Math.round(x * 100) / 100, Math.round(y * 100) / 100];
}

/** The kind it had here, where that fits; else by its form. */
function kindOf(geometry: Geometry, said: unknown): AnnotationKind {
  const fitting: Readonly<Record<Geometry['type'], readonly AnnotationKind[]>> = {
    Point: ['point', 'text'],
    LineString: ['line', 'arrow'],
    Polygon: ['polygon', 'freehand', 'rectangle', 'ellipse'],
  };
  const kind = annotationKinds.find((one) => one === said);
  const isBox = geometry.type === 'Polygon' && isUprightBox(geometry.coordinates);
  if (kind !== undefined && fitting[geometry.type].includes(kind))
    return kind === 'rectangle' && !isBox ? 'polygon' : kind;
  if (isBox) return 'rectangle';
  return geometry.type === 'Point' ? 'point' : geometry.type === 'LineString' ? 'line' : 'polygon';
}

/** Whether rings are one rectangle along the axes. */
function isUprightBox(rings: readonly (readonly Position[])[]): boolean {
  const [ring = []] = rings;
  if (rings.length !== 1 || ring.length !== 5) return false;
  return ring.slice(1).every(([x, y], i) => (x === ring[i]![0]) !== (y === ring[i]![1])); // i < length
}

/** The box of a geometry, clockwise from its upper left corner. */
function boxed(geometry: Geometry): Geometry {
  const all = geometry.type === 'Polygon' ? geometry.coordinates.flat() : [];
  const [left, top, right, bottom] = boxOf(all);
  const ring: Position[] = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ];
  return { type: 'Polygon', coordinates: [ring] };
}

function colourOf(color: readonly number[] | number | undefined): string {
  if (color === undefined) return defaultColour;
  const value =
    typeof color === 'number' ? color & 0xffffff : color.reduce((sum, part) => sum * 256 + part, 0);
  return `#${value.toString(16).padStart(6, '0')}`;
}
