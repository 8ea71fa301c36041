import type { z } from 'zod';
import type { Subject } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { ServiceError } from '../core/errors.ts';
import { firstOrganisation } from '../core/ids.ts';
import { FilePath } from '../ingest/file-list.ts';
import type { Upload } from '../ingest/uploads/upload-record.ts';
import type { Uploads } from '../ingest/uploads/uploads.ts';
import { done, json } from './answers.ts';
import { NoParams, UploadQuery } from './params.ts';
import { route, type Route } from './route.ts';
import { spansPath } from './tus.ts';
import {
  uploadExample,
  UploadDescription,
  UploadHash,
  UploadList,
  UploadParams,
  UploadStarted,
  UploadWanted,
} from './upload-schemas.ts';

const gone = 'no upload 4f2a9c0e8b7d45f1a3c6e9b20d7f1854';
const badId = 'id: an upload id is 32 hexadecimal digits';
const database = 'the database: no answer (ECONNREFUSED); is it running, and is the address right?';

/** How starting an upload can fail. */
export const startFails = {
  'too-large':
    'slide.svs: 80000000000 bytes is more than the 68719476736 this service accepts; raise TELEPATH_MAX_UPLOAD_GIB',
  full: 'no room for 2147483648 bytes beside what is being uploaded already; ask the operator to make room',
  conflict: '1000 uploads of your organisation are unfinished; finish or cancel some of them first',
  unavailable: database,
} as const;

/** Uploads as a sender manages them; their bytes go through the routes of tus.ts. */
export function uploadRoutes(uploads: Uploads): readonly Route[] {
  return [
    startRoute(uploads),
    listRoute(uploads),
    getRoute(uploads),
    hashRoute(uploads),
    cancelRoute(uploads),
  ];
}

/** Whose uploads a principal's are. */
export function senderOf(principal: Principal): { organisationId: string; accountId: string | undefined } {
  if (principal.kind !== 'person') return { organisationId: firstOrganisation, accountId: undefined };
  return { organisationId: principal.organisationId, accountId: principal.accountId };
}

/** An upload as the subject of an action. */
export function uploadSubject(upload: Upload | undefined): Subject | undefined {
  if (upload === undefined) return undefined;
  // Nobody has an empty account: what was sent without one is the machine owner's.
  const { organisationId, accountId = '' } = upload;
  return { kind: 'own', organisationId, accountId };
}

function startRoute(uploads: Uploads): Route {
  return route({
    name: 'startUpload',
    topic: 'Uploads',
    method: 'post',
    path: '/uploads',
    action: 'slide.add',
    summary: 'Starts a resumable upload',
    description:
      'Answers what is to be sent where. What does not fit is refused now, before the first byte. Where the SHA-256 is given and your organisation has the same slide already, nothing is started.',
    params: NoParams,
    query: NoParams,
    json: UploadWanted,
    audit: {
      action: 'slide.add',
      isAfter: true,
      when: (started) => 'slideId' in started,
      newId: (started) => ('slideId' in started ? started.slideId : ''),
    },
    answer: json(UploadStarted, {
      description: 'The upload, or the slide that is the same.',
      cache: 'no-store',
      example: uploadExample,
    }),
    fails: { invalid: 'spans: they end at 1000, the file at 2000', ...startFails },
    respond: async ({ body, principal }) => {
      for (const { path } of body.files ?? []) FilePath.parse(path);
      const started = await uploads.start({ ...body, ...UploadQuery.parse(body), ...senderOf(principal) });
      return 'duplicateOf' in started && !('id' in started) ? started : describeUpload(started);
    },
  });
}

function listRoute(uploads: Uploads): Route {
  return route({
    name: 'listUploads',
    topic: 'Uploads',
    method: 'get',
    path: '/uploads',
    action: 'upload.use',
    summary: 'Your unfinished uploads, oldest first',
    params: NoParams,
    query: NoParams,
    answer: json(UploadList, {
      description: 'The uploads.',
      cache: 'no-store',
      example: { uploads: [uploadExample] },
    }),
    fails: { unavailable: database },
    respond: async ({ principal }) => {
      const mine = await uploads.rows.list({
        states: ['receiving', 'received', 'checked'],
        sender: senderOf(principal),
      });
      return { uploads: mine.map(describeUpload) };
    },
  });
}

/** What the routes of one upload have in common. */
function commonOf(uploads: Uploads) {
  return {
    topic: 'Uploads',
    action: 'upload.use',
    subject: async ({ id }: { readonly id: string }) => uploadSubject(await uploads.rows.get(id)),
    params: UploadParams,
    query: NoParams,
  } as const;
}

const fails = { invalid: badId, 'not-found': gone, unavailable: database };

function getRoute(uploads: Uploads): Route {
  return route({
    ...commonOf(uploads),
    name: 'getUpload',
    method: 'get',
    path: '/uploads/:id',
    summary: 'How far an upload is',
    answer: json(UploadDescription, {
      description: 'The upload.',
      cache: 'no-store',
      example: uploadExample,
    }),
    fails,
    respond: async ({ params: { id } }) => {
      const upload = await uploads.rows.get(id);
      if (upload === undefined) throw new ServiceError('not-found', `no upload ${id}`);
      return describeUpload(upload);
    },
  });
}

function hashRoute(uploads: Uploads): Route {
  return route({
    ...commonOf(uploads),
    name: 'nameUploadHash',
    method: 'put',
    path: '/uploads/:id/sha256',
    summary: 'Names the SHA-256 that the whole file is to have',
    description:
      'For senders that know it only at the end. The header `Upload-SHA256` on any PATCH says the same. A file that arrives otherwise becomes a slide that needs attention.',
    json: UploadHash,
    answer: done('It is noted, and compared when every byte is here.'),
    fails: { ...fails, conflict: 'upload 4f2a…: it is complete, or another SHA-256 was named before' },
    respond: async ({ params, body }) => await uploads.expect(params.id, body.sha256),
  });
}

function cancelRoute(uploads: Uploads): Route {
  return route({
    ...commonOf(uploads),
    name: 'cancelUpload',
    method: 'delete',
    path: '/uploads/:id',
    summary: 'Gives an upload up: its bytes and its slide are deleted',
    answer: done('It is gone.'),
    fails: { ...fails, conflict: 'upload 4f2a…: it is complete; delete the slide instead' },
    respond: async ({ params }) => await uploads.discard(params.id),
  });
}

/** An upload as its sender sees it. */
function describeUpload(upload: Upload): z.infer<typeof UploadDescription> {
  const { id, name, size, received, state, expectedSha256, duplicateOf, reason } = upload;
  if (state === 'discarded') throw new ServiceError('not-found', `no upload ${id}`);
  return {
    uploadId: id,
    slideId: id,
    name,
    size,
    received,
    // That it was checked in between is nobody's concern.
    state: state === 'checked' ? 'received' : state,
    ...(expectedSha256 !== undefined && { sha256: expectedSha256 }),
    ...(duplicateOf !== undefined && { duplicateOf }),
    ...(reason !== undefined && { reason }),
    createdAt: upload.createdAt.toISOString(),
    expiresAt: upload.expiresAt.toISOString(),
    spans: upload.spans.map(({ id: span, ...range }) => ({ url: `${spansPath}/${span}`, ...range })),
  };
}
