import { ServiceError } from '../core/errors.ts';
import { exportKey } from '../core/objects.ts';
import type { Catalogue } from '../db/catalogue.ts';
import { exportName } from '../ingest/exports/make-export.ts';
import { exportHours, type SlideExports } from '../ingest/exports/slide-exports.ts';
import type { Jobs } from '../ingest/jobs.ts';
import type { Store } from '../storage/store.ts';
import { attached, done, json, made } from './answers.ts';
import { Export, exportExample, ExportList, ExportParams, NewExport } from './export-schemas.ts';
import { NoParams, SlideParams } from './params.ts';
import { route, type Route } from './route.ts';
import { slideSubjectOf } from './subjects.ts';

/** What the routes of exports stand on. */
export interface ExportRouteParts {
  readonly catalogue: Catalogue;
  readonly store: Store;
  readonly jobs: Jobs;
  readonly exports: SlideExports;
}

const fails = {
  invalid: 'id: a slide id is 32 hexadecimal digits',
  'not-found': 'nothing at /slides/4f2a9c0e8b7d45f1a3c6e9b20d7f1854/exports',
  unavailable: 'the database: no answer (ECONNREFUSED); is it running, and is the address right?',
} as const;

const files = {
  szi: { ending: 'szi', mediaType: 'application/zip' },
  tiff: { ending: 'tif', mediaType: 'image/tiff' },
} as const;

/** Slides as files: asked for, made by whoever works, fetched for a while. */
export function exportRoutes(parts: ExportRouteParts): readonly Route[] {
  return [startRoute(parts), listRoute(parts), fileRoute(parts), removeRoute(parts)];
}

function commonOf({ catalogue }: ExportRouteParts) {
  return {
    topic: 'Slides',
    action: 'slide.export',
    subject: async ({ id }: { readonly id: string }) => await slideSubjectOf(catalogue, id),
    query: NoParams,
  } as const;
}

function startRoute(parts: ExportRouteParts): Route {
  const { catalogue, jobs, exports } = parts;
  return route({
    ...commonOf(parts),
    name: 'startExport',
    method: 'post',
    path: '/slides/:id/exports',
    summary: 'Asks for a slide as a file',
    description: `It is made in the background, without the label, and can be fetched for ${exportHours} hours. Asking again for what is there, or under way, makes nothing new.`,
    params: SlideParams,
    json: NewExport,
    audit: { action: 'slide.export', detail: ({ body }) => ({ route: 'startExport', format: body.format }) },
    answer: made(Export, { description: 'It is in line.', example: exportExample }),
    fails: {
      ...fails,
      conflict: 'the slide is not checked to its last tile yet; ask again when it is complete',
    },
    respond: async ({ params: { id }, body, principal }) => {
      const record = await catalogue.get(id);
      if (record?.state.kind !== 'complete')
        throw new ServiceError(
          'conflict',
          'the slide is not checked to its last tile yet; ask again when it is complete',
        );
      const accountId = principal.kind === 'person' ? principal.accountId : undefined;
      const wanted = await exports.ask(id, body.format, accountId);
      if (wanted.state !== 'ready') await jobs.add('export', id, { isUrgent: record.isUrgent });
      return wanted;
    },
  });
}

function listRoute(parts: ExportRouteParts): Route {
  return route({
    ...commonOf(parts),
    name: 'listExports',
    method: 'get',
    path: '/slides/:id/exports',
    summary: 'Files of a slide: how far they are, which can be fetched',
    params: SlideParams,
    audit: { none: 'it says nothing of what is on the slide; asking for a file and fetching it are rows' },
    answer: json(ExportList, {
      description: 'They.',
      cache: 'no-store',
      example: { exports: [exportExample] },
    }),
    fails,
    respond: async ({ params: { id } }) => ({ exports: [...(await parts.exports.list(id))] }),
  });
}

function fileRoute(parts: ExportRouteParts): Route {
  const { catalogue, store, exports } = parts;
  return route({
    ...commonOf(parts),
    name: 'getExportFile',
    method: 'get',
    path: '/slides/:id/exports/:exportId/file',
    summary: 'Fetches a slide as a file',
    params: ExportParams,
    audit: {
      action: 'slide.export',
      detail: (_told, file) => ({
        route: 'getExportFile',
        ...(file !== undefined && { bytes: String(file.bytes) }),
      }),
    },
    answer: attached('The file, whole.'),
    fails: {
      ...fails,
      'not-found': `the slide has no such file any more: it is kept for ${exportHours} hours; ask for it again`,
      conflict: 'the file is not made yet; look at its progress',
    },
    respond: async ({ params: { id, exportId } }) => {
      const found = await exports.find(id, exportId);
      if (found === undefined) throw absent();
      if (found.state !== 'ready')
        throw new ServiceError('conflict', 'the file is not made yet; look at its progress');
      const key = exportKey(id, exportId);
      const [record, head] = await Promise.all([catalogue.get(id), store.head(key)]);
      if (record === undefined || head === undefined) throw absent();
      const { ending, mediaType } = files[found.format];
      const name = `${exportName(record.name)}.${ending}`;
      return { name, mediaType, bytes: head.size, open: async () => await store.stream(key) };
    },
  });
}

function removeRoute(parts: ExportRouteParts): Route {
  return route({
    ...commonOf(parts),
    name: 'removeExport',
    method: 'delete',
    path: '/slides/:id/exports/:exportId',
    summary: 'Ends the making of a file, or destroys it before its time',
    params: ExportParams,
    audit: { action: 'slide.export', detail: { route: 'removeExport' } },
    answer: done('There is no such file any more.'),
    fails: { ...fails, 'not-found': absent().message },
    respond: async ({ params: { id, exportId } }) => {
      if (!(await parts.exports.remove(id, exportId))) throw absent();
    },
  });
}

function absent(): ServiceError {
  return new ServiceError(
    'not-found',
    `the slide has no such file any more: it is kept for ${exportHours} hours; ask for it again`,
  );
}
