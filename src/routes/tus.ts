import { Readable } from 'node:stream';
import { DataStore, ERRORS, Server, Upload as TusUpload, type Locker } from '@tus/server';
import type { Request as ExpressRequest, Response as ExpressResponse } from 'express';
import { ServiceError, type ErrorKind } from '../core/errors.ts';
import { checksumAlgorithms, parseChecksum } from '../ingest/uploads/checked-body.ts';
import type { Uploads } from '../ingest/uploads/uploads.ts';
import type { Upload, UploadSpan } from '../ingest/uploads/upload-record.ts';

/** Where spans lie: below it, by their id. */
export const spansPath = '/files';
/** Time an interrupted request has to write what it received, once another one goes on in its place, ms. */
const drainMs = 200;

/** One request in the tus protocol. */
export interface TusRequest {
  readonly uploads: Uploads;
  readonly req: ExpressRequest;
  readonly res: ExpressResponse;
  /** The span it is about: that of the path, or the one to be made. */
  readonly spanId: string;
  /** Starts the upload that the request asks for; only where it may. */
  readonly start?: (wanted: { readonly size: number; readonly name: string | undefined }) => Promise<Upload>;
}

/**
 * Lets @tus/server answer a request; its failures are told in our own words.
 *
 * @throws {ServiceError}
 */
export async function answerTus(asked: TusRequest): Promise<void> {
  const { req, res, uploads } = asked;
  const { maxUploadBytes } = uploads;
  let failure: unknown;
  const server = new Server({
    path: spansPath,
    relativeLocation: true,
    allowedOrigins: [],
    datastore: new SpanStore(asked),
    locker: lockerOf(uploads),
    lockDrainTimeout: drainMs,
    maxSize: maxUploadBytes,
    namingFunction: () => asked.spanId,
    getFileIdFromRequest: () => asked.spanId,
    onResponseError: (_req, error) => {
      failure = error;
      return undefined;
    },
  });
  const answer = await server.handleWeb(webRequest(req, res));
  for (const [name, value] of answer.headers)
    if (!name.startsWith('access-control-')) res.setHeader(name, value);
  if (answer.status >= 400) {
    res.removeHeader('Content-Length');
    throw failureOf(failure, answer.status, await answer.text());
  }
  res.setHeader('Cache-Control', 'no-store');
  if (req.method === 'OPTIONS') res.setHeader('Tus-Checksum-Algorithm', checksumAlgorithms.join());
  res.status(answer.status).end();
}

/** The request as the library takes it; it looks at the underlying one to notice when the line breaks. */
function webRequest(req: ExpressRequest, res: ExpressResponse): Parameters<Server['handleWeb']>[0] {
  const headers = Object.entries(req.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as [string, string]],
  );
  const hasBody = req.method === 'PATCH' || req.method === 'POST';
  const body = hasBody ? { body: Readable.toWeb(req), duplex: 'half' } : {};
  const init = { method: req.method, headers, ...body };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fetch's own types know no duplex
  const request = new Request(`http://localhost${req.originalUrl}`, init as RequestInit);
  return Object.assign(request, { runtime: { name: 'node', node: { req, res } } });
}

/** The rows and bytes of uploads, as the library asks for them, for one request. */
// A class that inherits, because the library's own interface is one.
class SpanStore extends DataStore {
  readonly #asked: TusRequest;
  #found: { readonly upload: Upload; readonly span: UploadSpan } | undefined;

  constructor(asked: TusRequest) {
    super();
    this.#asked = asked;
    this.extensions = ['creation', 'creation-with-upload', 'termination', 'expiration', 'checksum'];
  }

  override getExpiration(): number {
    return this.#asked.uploads.expiryMs;
  }

  override async create(wanted: TusUpload): Promise<TusUpload> {
    const { start } = this.#asked;
    if (start === undefined || wanted.size === undefined) throw ERRORS.INVALID_LENGTH;
    const upload = await start({ size: wanted.size, name: nameIn(wanted.metadata) });
    this.#found = foundIn(upload, wanted.id);
    return wanted;
  }

  override async getUpload(id: string): Promise<TusUpload> {
    const upload = await this.#asked.uploads.rows.ofSpan(id);
    if (upload === undefined) throw ERRORS.FILE_NOT_FOUND;
    const { span } = (this.#found = foundIn(upload, id));
    return new TusUpload({
      id,
      size: span.length,
      offset: span.received,
      metadata: { filename: upload.name },
      // The library adds the time an upload may wait, and ours begins anew with every byte.
      creation_date: new Date(upload.expiresAt.getTime() - this.getExpiration()).toISOString(),
    });
  }

  override async write(bytes: Readable, id: string): Promise<number> {
    const { uploads, req } = this.#asked;
    const found = this.#found;
    if (found === undefined) throw new Error(`span ${id} was not looked up`);
    const { 'upload-checksum': checksum, 'upload-sha256': sha256 } = req.headers;
    if (sha256 !== undefined) await uploads.expect(found.upload.id, parseSha256(sha256));
    return await uploads.receive(found.upload, found.span, {
      bytes,
      checksum: typeof checksum === 'string' ? parseChecksum(checksum) : undefined,
    });
  }

  override async remove(id: string): Promise<void> {
    const upload = await this.#asked.uploads.rows.ofSpan(id);
    if (upload === undefined) throw ERRORS.FILE_NOT_FOUND;
    await this.#asked.uploads.discard(upload.id);
  }
}

function foundIn(upload: Upload, spanId: string) {
  const span = upload.spans.find(({ id }) => id === spanId);
  if (span === undefined) throw ERRORS.FILE_NOT_FOUND;
  return { upload, span };
}

/** What a sender calls its file: `filename`, or `name`. */
function nameIn(metadata: TusUpload['metadata']): string | undefined {
  return metadata?.['filename'] ?? metadata?.['name'] ?? undefined;
}

/** @throws {ServiceError} `invalid` */
function parseSha256(header: string | string[]): string {
  if (typeof header === 'string' && /^[0-9a-f]{64}$/i.test(header)) return header.toLowerCase();
  throw new ServiceError('invalid', 'Upload-SHA256: must be 64 hexadecimal digits');
}

/** Locks of spans, so that of two requests for one the newer goes on. */
function lockerOf({ locks }: Uploads): Locker {
  return {
    newLock: (id) => {
      let release: (() => Promise<void>) | undefined;
      return {
        lock: async (signal, cancel) => {
          release = await locks.take(`upload-span ${id}`, () => void cancel(), signal);
        },
        unlock: async () => await release?.(),
      };
    },
  };
}

const kinds: Readonly<Record<number, ErrorKind>> = {
  404: 'not-found',
  409: 'conflict',
  410: 'not-found',
  413: 'too-large',
};

/** What a failure of the library means. */
function failureOf(failure: unknown, status: number, text: string): unknown {
  const isTold = failure instanceof Error || status === 500;
  if (isTold) return failure;
  return new ServiceError(kinds[status] ?? 'invalid', `tus: ${text.trim().toLowerCase()}`);
}
