import { z } from 'zod';
import { visibilities } from '../cases/annotations/annotation.ts';
import { maxLabel } from '../cases/annotations/from-geojson.ts';
import { annotationKinds } from '../cases/annotations/shape.ts';
import { idPattern } from '../core/ids.ts';
import { SlideIdParam } from './params.ts';
import { named } from './schemas.ts';

/** Most changes of one request. */
export const maxChanges = 2000;

const exampleId = '9d1c7b5e3f2a48d6b0e4c1a7f6d3958b';
const exampleSlide = '4f2a9c0e8b7d45f1a3c6e9b20d7f1854';
const id = z.string().regex(idPattern).describe('32 hexadecimal digits, chosen by who draws.');
const Position = z.tuple([z.number(), z.number()]);

const Geometry = named(
  'Geometry',
  z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('Point'), coordinates: Position }),
      z.strictObject({ type: z.literal('LineString'), coordinates: z.array(Position) }),
      z.strictObject({ type: z.literal('Polygon'), coordinates: z.array(z.array(Position)) }),
    ])
    .describe(
      'A GeoJSON geometry, px of slide level 0, x to the right and y down. Point: point, text. LineString: line, arrow (its head is last). Polygon: all others; of an ellipse it is the box that it fills.',
    ),
);

const draft = {
  kind: z.enum(annotationKinds),
  geometry: Geometry,
  label: z.string().max(maxLabel),
  colour: z.string().regex(/^#[0-9a-f]{6}$/),
  visibility: z
    .enum(visibilities)
    .describe(
      '`me`: its author · `case`: all who see the case · `organisation`: all of the author’s organisation who see the slide.',
    ),
};
const version = z.int().min(1).describe('Counted up by each change.');
const time = z.iso.datetime();

const Annotation = named(
  'Annotation',
  z
    .strictObject({
      id,
      ...draft,
      caseId: z.string().optional().describe('Of which case it is a part.'),
      author: z.strictObject({ name: z.string(), isMe: z.boolean().describe('Whether it is who asks.') }),
      version,
      addedAt: time,
      changedAt: time,
    })
    .describe('Something drawn on a slide.'),
);

/** Answer of `GET /slides/{id}/annotations`. */
export const AnnotationList = named(
  'AnnotationList',
  z.strictObject({
    annotations: z.array(Annotation).describe('By id.'),
    next: z.string().optional().describe('Where the next page begins (`after`); absent on the last.'),
  }),
);

const Change = z.discriminatedUnion('op', [
  z
    .strictObject({
      op: z.literal('put'),
      id,
      version: z.int().min(0).describe('0 for a new one; else the version that it replaces.'),
      ...draft,
    })
    .describe('Adds an annotation, or makes it so; a deleted one comes back.'),
  z.strictObject({ op: z.literal('delete'), id, version }).describe('Deletes one.'),
]);

/** Body of `POST /slides/{id}/annotations`. */
export const AnnotationChanges = named(
  'AnnotationChanges',
  z.strictObject({ changes: z.array(Change).max(maxChanges) }).describe('Changes to one’s own annotations.'),
);

const Outcome = z.strictObject({
  id,
  outcome: z
    .enum(['done', 'conflict', 'forbidden', 'absent'])
    .describe(
      '`conflict`: it is at another version; `current` is what is there, absent when it was deleted.',
    ),
  version: version.optional(),
  current: Annotation.optional(),
});

/** Answer of `POST /slides/{id}/annotations`. */
export const AnnotationOutcomes = named(
  'AnnotationOutcomes',
  z.strictObject({ outcomes: z.array(Outcome).describe('In the order of the changes.') }),
);

/** Body of `POST /slides/{id}/annotations.geojson`. */
export const GeoJson = named(
  'GeoJson',
  z
    .union([z.looseObject({ type: z.string() }), z.array(z.unknown())])
    .describe('A GeoJSON FeatureCollection, a list of Features, or one Feature, px of slide level 0.'),
);

/** Answer of `POST /slides/{id}/annotations.geojson`. */
export const AnnotationImport = named(
  'AnnotationImport',
  z.strictObject({
    added: z.array(id).describe('What was added.'),
    known: z.int().describe('How many were there already, just so.'),
    refused: z.array(
      z.strictObject({ feature: z.int().describe('Its place in the file, from 1.'), reason: z.string() }),
    ),
  }),
);

const caseId = z.string().regex(idPattern, 'must be 32 hexadecimal digits').optional().meta({
  description: 'The case in which the slide is looked at: 32 hexadecimal digits.',
  example: exampleId,
});

/** Query of what concerns a slide, within a case or not. */
export const CaseQuery = z.object({ case: caseId });

/** Query of the list. */
export const AnnotationQuery = z.object({
  case: caseId,
  after: z
    .string()
    .regex(idPattern, 'must be 32 hexadecimal digits')
    .optional()
    .meta({
      description: 'Id after which the page begins: `next` of the page before.',
      example: '0'.repeat(32),
    }),
});

/** Query of an import. */
export const ImportQuery = z.object({
  case: caseId,
  visibility: z.enum(visibilities).default('me').meta({
    description: 'Who will see them: `me`, `case` or `organisation`.',
    example: 'me',
  }),
});

/** Path of one annotation. */
export const AnnotationParams = z.object({
  id: SlideIdParam,
  annotationId: z.string().regex(idPattern, 'must be 32 hexadecimal digits').meta({
    description: 'Id of the annotation: 32 hexadecimal digits.',
    example: exampleId,
  }),
});

/** A list, as an example. */
export const annotationListExample: z.infer<typeof AnnotationList> = {
  annotations: [
    {
      id: exampleId,
      kind: 'arrow',
      geometry: {
        type: 'LineString',
        coordinates: [
          [1200, 1480.5],
          [1110, 1395],
        ],
      },
      label: 'mitosis',
      colour: '#1668dc',
      visibility: 'organisation',
      author: { name: 'Ada Meyer', isMe: true },
      version: 1,
      addedAt: '2026-11-03T09:12:45.120Z',
      changedAt: '2026-11-03T09:12:45.120Z',
    },
  ],
};

/** Outcomes, as an example. */
export const outcomesExample: z.infer<typeof AnnotationOutcomes> = {
  outcomes: [{ id: exampleId, outcome: 'done', version: 2 }],
};

/** An import, as an example. */
export const importExample: z.infer<typeof AnnotationImport> = {
  added: [exampleId],
  known: 0,
  refused: [{ feature: 7, reason: 'a geometry of type Circle is not known' }],
};

/** Why nothing is there, as an example. */
export const annotationAbsent = `nothing at /slides/${exampleSlide}/annotations`;
