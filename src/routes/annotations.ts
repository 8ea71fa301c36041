import { may } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { handOf } from '../cases/annotations/annotation.ts';
import { Annotations, hasSlide, type Looking } from '../cases/annotations/annotations.ts';
import { importGeoJson } from '../cases/annotations/import.ts';
import { geoJsonOf } from '../cases/annotations/to-geojson.ts';
import { writeAnnotations, type Drawing } from '../cases/annotations/write.ts';
import { caseSubjectOf } from '../cases/case-subject.ts';
import { ServiceError } from '../core/errors.ts';
import type { Catalogue } from '../db/catalogue.ts';
import type { Database } from '../db/database.ts';
import type { TileService } from '../tiles/tile-service.ts';
import {
  annotationAbsent,
  AnnotationChanges,
  AnnotationImport,
  AnnotationList,
  annotationListExample,
  AnnotationOutcomes,
  AnnotationParams,
  AnnotationQuery,
  CaseQuery,
  GeoJson,
  importExample,
  ImportQuery,
  maxChanges,
  outcomesExample,
} from './annotation-schemas.ts';
import { done, json, streamed } from './answers.ts';
import { readingFails } from './failures.ts';
import { SlideParams } from './params.ts';
import { route, type Route } from './route.ts';
import { slideSubjectOf } from './subjects.ts';

/** What the routes of annotations stand on. */
export interface AnnotationRouteParts {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly tiles: TileService;
}

/** Longest body of a batch of changes, and of a GeoJSON file, bytes. */
const maxBatchBytes = 8_000_000;
const maxFileBytes = 64_000_000;

const listFails = {
  invalid: 'after: must be 32 hexadecimal digits',
  'not-found': annotationAbsent,
  unavailable: 'the database: no answer (ECONNREFUSED); is it running, and is the address right?',
} as const;
const writeFails = {
  ...readingFails,
  invalid: 'a line has two points at least',
  'not-found': annotationAbsent,
  'too-large': 'a slide holds 50000 annotations at most',
} as const;

/** What people draw on slides. */
export function annotationRoutes(parts: AnnotationRouteParts): readonly Route[] {
  const annotations = new Annotations(parts.database);
  return [
    listRoute(parts, annotations),
    writeRoute(parts),
    removeRoute(parts, annotations),
    exportRoute(parts, annotations),
    importRoute(parts, annotations),
  ];
}

function common({ catalogue }: AnnotationRouteParts) {
  return {
    topic: 'Annotations',
    params: SlideParams,
    subject: async ({ id }: { readonly id: string }) => await slideSubjectOf(catalogue, id),
  } as const;
}

function listRoute(parts: AnnotationRouteParts, annotations: Annotations): Route {
  return route({
    ...common(parts),
    name: 'listAnnotations',
    method: 'get',
    path: '/slides/:id/annotations',
    action: 'annotation.read',
    summary: 'What is drawn on a slide, as far as it is for who asks',
    description: 'In pages of up to 2,000, shorter where shapes have many points.',
    query: AnnotationQuery,
    answer: json(AnnotationList, {
      description: 'A page.',
      cache: 'no-store',
      example: annotationListExample,
    }),
    audit: { none: 'who looks at them has opened the slide' },
    fails: listFails,
    respond: async ({ params, query, principal }) => {
      const page = await annotations.page(
        await lookingOf(parts, params.id, query.case, principal),
        query.after,
      );
      return { ...page, annotations: [...page.annotations] };
    },
  });
}

function writeRoute(parts: AnnotationRouteParts): Route {
  return route({
    ...common(parts),
    name: 'changeAnnotations',
    method: 'post',
    path: '/slides/:id/annotations',
    action: 'annotation.write',
    summary: 'Adds, changes and deletes one’s own annotations',
    description: `Up to ${maxChanges} at once, each by itself: what becomes of each stands in the answer. Sent again it does no harm.`,
    query: CaseQuery,
    json: AnnotationChanges,
    maxJsonBytes: maxBatchBytes,
    answer: json(AnnotationOutcomes, {
      description: 'What became of each.',
      cache: 'no-store',
      example: outcomesExample,
    }),
    audit: {
      action: 'annotation.change',
      detail: ({ body }) => ({ annotations: countsOf(body.changes) }),
    },
    fails: writeFails,
    respond: async ({ params, query, body, principal }) => {
      const drawing = await drawingOf(parts, params.id, query.case, principal);
      return { outcomes: [...(await writeAnnotations(parts.database, drawing, body.changes))] };
    },
  });
}

function removeRoute(parts: AnnotationRouteParts, annotations: Annotations): Route {
  return route({
    ...common(parts),
    name: 'removeAnnotation',
    method: 'delete',
    path: '/slides/:id/annotations/:annotationId',
    action: 'annotation.remove',
    summary: 'Deletes an annotation, whoever drew it',
    params: AnnotationParams,
    query: CaseQuery,
    audit: { action: 'annotation.change', detail: { annotations: '1 deleted by an administrator' } },
    answer: done('It is deleted.'),
    fails: { ...listFails, 'not-found': 'there is no such annotation on this slide any more' },
    respond: async ({ params, query, principal }) =>
      await annotations.remove(await lookingOf(parts, params.id, query.case, principal), params.annotationId),
  });
}

function exportRoute(parts: AnnotationRouteParts, annotations: Annotations): Route {
  return route({
    ...common(parts),
    name: 'exportAnnotations',
    method: 'get',
    path: '/slides/:id/annotations.geojson',
    action: 'annotation.read',
    summary: 'The annotations as GeoJSON, as QuPath reads it',
    query: CaseQuery,
    answer: streamed('application/geo+json', {
      description: 'A FeatureCollection, px of slide level 0.',
      cache: 'no-store',
      fileName: 'annotations.geojson',
    }),
    audit: { action: 'annotation.export' },
    fails: listFails,
    respond: async ({ params, query, principal }) =>
      geoJsonOf(annotations.all(await lookingOf(parts, params.id, query.case, principal))),
  });
}

function importRoute(parts: AnnotationRouteParts, annotations: Annotations): Route {
  return route({
    ...common(parts),
    name: 'importAnnotations',
    method: 'post',
    path: '/slides/:id/annotations.geojson',
    action: 'annotation.write',
    summary: 'Adds the annotations of a GeoJSON file, as QuPath writes it',
    description:
      'Features become annotations of who sends them; what has several parts becomes several. What was exported here and is still there, unchanged, is not added again.',
    query: ImportQuery,
    json: GeoJson,
    maxJsonBytes: maxFileBytes,
    answer: json(AnnotationImport, {
      description: 'What was added, and what was not.',
      cache: 'no-store',
      example: importExample,
    }),
    audit: { action: 'annotation.change', detail: { annotations: 'a GeoJSON file' } },
    fails: {
      ...writeFails,
      invalid: 'this is no GeoJSON: a FeatureCollection, a list of Features or one Feature',
    },
    respond: async ({ params, query, body, principal }) => {
      const drawing = await drawingOf(parts, params.id, query.case, principal);
      const { visibility } = query;
      const outcome = await importGeoJson(parts.database, annotations, { drawing, visibility, file: body });
      return { added: [...outcome.added], known: outcome.known, refused: [...outcome.refused] };
    },
  });
}

/** How many changes of each kind, for the audit. */
function countsOf(changes: readonly { readonly op: string; readonly version: number }[]): string {
  const deleted = changes.filter(({ op }) => op === 'delete').length;
  const added = changes.filter(({ op, version }) => op === 'put' && version === 0).length;
  return `${added} added, ${changes.length - added - deleted} changed, ${deleted} deleted`;
}

/** As who somebody looks at a slide. @throws {ServiceError} `not-found` for a case that is not theirs to see, or has other slides */
async function lookingOf(
  { database }: AnnotationRouteParts,
  slideId: string,
  caseId: string | undefined,
  principal: Principal,
): Promise<Looking> {
  const looking = { slideId, hand: handOf(principal), caseId };
  if (caseId === undefined) return looking;
  const subject = await caseSubjectOf(database, caseId);
  const isSeen = subject !== undefined && may(principal, 'case.view', subject);
  if (!isSeen || !(await hasSlide(database, caseId, slideId)))
    throw new ServiceError('not-found', 'there is no such case with this slide');
  return looking;
}

async function drawingOf(
  parts: AnnotationRouteParts,
  slideId: string,
  caseId: string | undefined,
  principal: Principal,
): Promise<Drawing> {
  const looking = await lookingOf(parts, slideId, caseId, principal);
  return { ...looking, size: (await parts.tiles.open(slideId)).index.properties.size };
}
