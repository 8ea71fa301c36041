import { newId } from '../core/ids.ts';
import { ServiceError } from '../core/errors.ts';
import type { Uploads } from '../ingest/uploads/uploads.ts';
import { answered } from './answers.ts';
import { NoParams, UploadQuery } from './params.ts';
import { route, type Route } from './route.ts';
import { answerTus, spansPath, type TusRequest } from './tus.ts';
import { SpanParams } from './upload-schemas.ts';
import { senderOf, startFails, uploadSubject } from './uploads.ts';

const resumable = { 'Tus-Resumable': '1.0.0: the version of the protocol.' };
const offset = { 'Upload-Offset': 'Bytes of the span that are kept.' };
const spanFails = {
  invalid: 'span: a span id is 32 hexadecimal digits',
  'not-found': 'nothing at /files/9b1f04c7d2e84a3390b7c5d6e1f2a384',
  busy: 'upload-span 9b1f…: is in use by another request; try again in a second',
  unavailable: 'upload 4f2a…: the disk is full; make room (ENOSPC)',
} as const;

/** The bytes of uploads, in the protocol tus 1.0, with the extensions creation, termination, expiration, checksum. */
export function spanRoutes(uploads: Uploads): readonly Route[] {
  return [capabilitiesRoute(uploads), createRoute(uploads), ...oneSpan(uploads)];
}

function capabilitiesRoute(uploads: Uploads): Route {
  return route({
    name: 'getUploadCapabilities',
    topic: 'Uploads',
    method: 'options',
    path: spansPath,
    action: 'open',
    summary: 'What of tus is spoken here',
    params: NoParams,
    query: NoParams,
    answer: answered(204, 'The extensions and limits, in headers.', {
      'Tus-Version': 'Versions of the protocol.',
      'Tus-Extension': 'Its extensions.',
      'Tus-Checksum-Algorithm': '`sha256,crc32`.',
      'Tus-Max-Size': 'Bytes of the largest file taken.',
    }),
    fails: {},
    respond: async ({ req, res }) => await answerTus({ uploads, req, res, spanId: newId() }),
  });
}

function createRoute(uploads: Uploads): Route {
  return route({
    name: 'createUpload',
    topic: 'Uploads',
    method: 'post',
    path: spansPath,
    action: 'slide.add',
    summary: 'Starts an upload of one span, for any tus client',
    description:
      'As tus has it: `Tus-Resumable`, `Upload-Length`, and in `Upload-Metadata` the `filename`. First bytes may come along.',
    params: NoParams,
    query: NoParams,
    answer: answered(201, 'The span to send to.', { ...resumable, Location: 'Path of the span.' }),
    fails: { ...startFails },
    respond: async ({ req, res, principal }) => {
      const spanId = newId();
      const start: TusRequest['start'] = async ({ size, name }) => {
        const named = UploadQuery.shape.name.safeParse(name);
        if (!named.success)
          throw new ServiceError('invalid', 'Upload-Metadata: filename is missing or no file name');
        const sender = senderOf(principal);
        const started = await uploads.start({ name: named.data, size, spanId, ...sender });
        if ('id' in started) return started;
        throw new Error('an upload without a hash has no duplicate yet');
      };
      await answerTus({ uploads, req, res, spanId, start });
    },
  });
}

function oneSpan(uploads: Uploads): readonly Route[] {
  const common = {
    topic: 'Uploads',
    path: `${spansPath}/:span`,
    action: 'upload.use',
    subject: async ({ span }: { readonly span: string }) => uploadSubject(await uploads.rows.ofSpan(span)),
    params: SpanParams,
    query: NoParams,
  } as const;
  return [
    route({
      ...common,
      name: 'getSpanOffset',
      method: 'head',
      summary: 'How many bytes of a span are kept',
      answer: answered(200, 'The offset from which to go on.', {
        ...resumable,
        ...offset,
        'Upload-Length': 'Bytes of the span.',
      }),
      fails: spanFails,
      respond: async ({ req, res, params }) => await answerTus({ uploads, req, res, spanId: params.span }),
    }),
    route({
      ...common,
      name: 'sendSpan',
      method: 'patch',
      summary: 'Takes the next bytes of a span',
      description:
        'With `Upload-Offset`, as tus has it. What arrives before the line breaks is kept, except under an `Upload-Checksum` (sha256 or crc32), where all of a request counts or nothing: send a few MiB at a time then. A newer request for the same span ends an older one. `Upload-SHA256` names the hash of the whole file.',
      body: 'The bytes, as application/offset+octet-stream.',
      answer: answered(204, 'They are on disk.', { ...resumable, ...offset }),
      fails: {
        ...spanFails,
        conflict: 'tus: upload-offset conflict',
        'too-large': "tus: upload's size exceeded",
        mismatch: 'the bytes are not those of their Upload-Checksum; send them again',
      },
      respond: async ({ req, res, params }) => await answerTus({ uploads, req, res, spanId: params.span }),
    }),
    route({
      ...common,
      name: 'cancelSpan',
      method: 'delete',
      summary: 'Gives up the whole upload that a span belongs to',
      answer: answered(204, 'It is gone.', resumable),
      fails: { ...spanFails, conflict: 'upload 4f2a…: it is complete; delete the slide instead' },
      respond: async ({ req, res, params }) => await answerTus({ uploads, req, res, spanId: params.span }),
    }),
  ];
}
