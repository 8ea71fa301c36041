import { describe, expect, it } from 'vitest';
import type { Annotation } from './annotation.ts';
import { fromGeoJson } from './from-geojson.ts';
import type { Geometry } from './shape.ts';
import { geoJsonOf, toFeature } from './to-geojson.ts';

const slide = { width: 10_000, height: 8000 };

/** An annotation of a kind. */
function annotation(
  kind: Annotation['kind'],
  geometry: Geometry,
  changes: Partial<Annotation> = {},
): Annotation {
  return {
    id: '0123456789abcdef0123456789abcdef',
    kind,
    geometry,
    label: 'Tumour',
    colour: '#c80064',
    visibility: 'me',
    author: { name: 'Ada Meyer', isMe: true },
    version: 1,
    addedAt: '2026-11-03T09:12:45.120Z',
    changedAt: '2026-11-03T09:12:45.120Z',
    ...changes,
  };
}

const box: Geometry = {
  type: 'Polygon',
  coordinates: [
    [
      [100, 200],
      [300, 200],
      [300, 260],
      [100, 260],
      [100, 200],
    ],
  ],
};
const ring: Geometry = {
  type: 'Polygon',
  coordinates: [
    [
      [0, 0],
      [900, 40.5],
      [450, 800],
      [0, 0],
    ],
    [
      [300, 100],
      [400, 100],
      [350, 200],
      [300, 100],
    ],
  ],
};
const line: Geometry = {
  type: 'LineString',
  coordinates: [
    [1, 2],
    [30, 40],
  ],
};

describe('toFeature', () => {
  it('writes what QuPath reads: a UUID, the type of object, name, colour and class', () => {
    const { geometry, ...feature } = toFeature(annotation('rectangle', box));
    expect(geometry).toEqual(box);
    expect(feature).toEqual({
      type: 'Feature',
      id: '01234567-89ab-cdef-0123-456789abcdef',
      properties: {
        objectType: 'annotation',
        name: 'Tumour',
        classification: { name: 'Tumour', color: [200, 0, 100] },
        color: [200, 0, 100],
        metadata: { kind: 'rectangle', author: 'Ada Meyer' },
      },
    });
  });

  it('writes an ellipse as a polygon in its box, marked as QuPath marks it', () => {
    const { geometry } = toFeature(annotation('ellipse', box));
    const [outline = []] = geometry.coordinates as [number, number][][];
    expect(geometry.isEllipse).toBe(true);
    expect(outline).toHaveLength(129);
    expect(outline[0]).toEqual([300, 230]);
    expect(outline[32]).toEqual([200, 260]);
    expect(outline[64]).toEqual([100, 230]);
    expect(outline.at(-1)).toEqual(outline[0]);
  });
});

describe('fromGeoJson', () => {
  it.each([
    ['point', { type: 'Point', coordinates: [5, 6] }],
    ['text', { type: 'Point', coordinates: [5, 6] }],
    ['arrow', line],
    ['line', line],
    ['rectangle', box],
    ['ellipse', box],
    ['polygon', ring],
    ['freehand', ring],
  ] as [Annotation['kind'], Geometry][])('reads a %s as it was written', async (kind, geometry) => {
    const written = annotation(kind, geometry);
    let text = '';
    for await (const part of geoJsonOf(
      (async function* () {
        yield written;
      })(),
    ))
      text += part;
    const { drafts, refused } = fromGeoJson(JSON.parse(text), slide);
    expect(refused).toEqual([]);
    const { id, label, colour } = written;
    expect(drafts).toEqual([{ id, kind, geometry, label, colour }]);
  });

  it('reads a list of objects from QuPath 0.3 to 0.6: detections, parts, classes, old colours', () => {
    const square = [
      [10, 10],
      [20, 10],
      [20, 20],
      [10, 20],
      [10, 10],
    ];
    const { drafts, refused } = fromGeoJson(
      [
        {
          type: 'Feature',
          id: 'PathDetectionObject',
          geometry: {
            type: 'Polygon',
            coordinates: [
              [
                [10.123, 10],
                [20, 11],
                [15, 20],
                [10.123, 10],
              ],
            ],
          },
          nucleusGeometry: { type: 'Polygon', coordinates: [square] },
          properties: {
            classification: { name: 'Positive', colorRGB: -16711936 },
            isLocked: true,
            measurements: [{ name: 'Area', value: 50 }],
          },
        },
        {
          type: 'Feature',
          id: '1a2b3c4d-0000-4000-8000-1234567890ab',
          geometry: { type: 'MultiPolygon', coordinates: [[square], [square]], plane: { c: -1, z: 0, t: 0 } },
          properties: {
            objectType: 'annotation',
            name: 'Region 1',
            classification: { name: 'Stroma', color: [150, 200, 150] },
            measurements: { Area: 100 },
          },
        },
        {
          type: 'Feature',
          geometry: {
            type: 'MultiPoint',
            coordinates: [
              [1, 2],
              [3, 4, 0],
            ],
          },
          properties: null,
        },
        { type: 'Feature', geometry: { type: 'Circle' }, properties: {} },
        { type: 'Feature', geometry: { type: 'Point', coordinates: [50_000, 1] }, properties: {} },
        'nonsense',
      ],
      slide,
    );
    expect(drafts.map(({ kind, label, colour }) => [kind, label, colour])).toEqual([
      ['polygon', 'Positive', '#00ff00'],
      ['rectangle', 'Stroma: Region 1', '#96c896'],
      ['rectangle', 'Stroma: Region 1', '#96c896'],
      ['point', '', '#ff0000'],
      ['point', '', '#ff0000'],
    ]);
    expect(drafts[0]?.geometry.coordinates).toEqual([
      [
        [10.12, 10],
        [20, 11],
        [15, 20],
        [10.12, 10],
      ],
    ]);
    expect(refused).toEqual([
      { feature: 4, reason: 'a geometry of type Circle is not known' },
      { feature: 5, reason: '50000, 1 is not on the slide of 10000 × 8000 px' },
      { feature: 6, reason: 'it is no feature with a geometry' },
    ]);
  });

  it('writes nothing as an empty collection', async () => {
    let text = '';
    for await (const part of geoJsonOf((async function* () {})())) text += part;
    expect(JSON.parse(text)).toEqual({ type: 'FeatureCollection', features: [] });
    expect(fromGeoJson(JSON.parse(text), slide).drafts).toEqual([]);
  });

  it.each([['Dear lab'], [{ type: 'Topology' }], [7]])('refuses %j', (file) => {
    expect(() => fromGeoJson(file, slide)).toThrow('this is no GeoJSON');
  });
});
