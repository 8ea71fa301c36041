import { createHash } from 'node:crypto';
import PQueue from 'p-queue';
import { ServiceError } from '../core/errors.ts';
import { ListAnswer, StartAnswer, UploadAnswer } from './answers.ts';
import { ChunkLength } from './chunk-length.ts';
import { checkUnchanged, readRange, type LocalFile } from './local-file.ts';
import { Persistence, rest, type PersistenceOptions } from './persistence.ts';
import type { ServiceClient } from './service-client.ts';

/** A file that is to be sent. */
export interface OutgoingFile extends LocalFile {
  /** SHA-256 of the whole file, hexadecimal. */
  readonly sha256: string;
}

/** How it is sent. */
export interface SendOptions extends PersistenceOptions {
  readonly client: ServiceClient;
  /** Told how many bytes the service has. */
  readonly onProgress: (bytes: number) => void;
}

/** What became of it. */
export interface Sent {
  readonly slideId: string;
  /** Whether the service had it before, so that nothing was kept of what was sent now. */
  readonly wasThere: boolean;
}

type Span = UploadAnswer['spans'][number];

/** Parts of a large file that are sent side by side, so that a long line is full. */
const sideBySide = 3;
/** Files below this are sent as one. */
const largeFile = 64 * 1024 * 1024;
/** How often the service may have forgotten an upload before it is given up. */
const maxStarts = 5;
/** How often the service is asked whether it is done, ms. */
const askMs = 500;

/**
 * Sends a file and waits until the service has it whole: compared by its hash, and read as a slide.
 *
 * Goes on where an earlier call was cut off, even of a process that was killed: the service knows what it has.
 *
 * @throws {ServiceError} `unsupported`, `damaged`, `too-large`, `full`, `forbidden` … as the service says;
 *   `unavailable` when patience is at its end
 */
export async function sendFile(file: OutgoingFile, options: SendOptions): Promise<Sent> {
  const persistence = new Persistence(options);
  for (let starts = 1; ; starts += 1) {
    try {
      return await sendOnce(file, options, persistence);
    } catch (error) {
      // It expired, somebody cancelled it, or another sender of the same file was faster.
      if (!(error instanceof ServiceError) || error.kind !== 'not-found' || starts === maxStarts) throw error;
    }
  }
}

async function sendOnce(file: OutgoingFile, options: SendOptions, persistence: Persistence): Promise<Sent> {
  const started = await persistence.run(() => start(file, options));
  if (!('uploadId' in started)) return { slideId: started.duplicateOf, wasThere: true };
  const received = new Map(started.spans.map((span) => [span.url, span.received]));
  const tell = (span: Span, bytes: number) => {
    if (bytes > (received.get(span.url) ?? 0)) persistence.progressed();
    received.set(span.url, bytes);
    options.onProgress([...received.values()].reduce((sum, one) => sum + one, 0));
  };
  const chunk = new ChunkLength();
  const parts = new PQueue({ concurrency: sideBySide });
  const failed = new AbortController();
  const signal =
    options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  const sending = started.spans.map((span) =>
    parts.add(async () => {
      try {
        // Each part pauses for itself, but all of them are impatient together.
        const own = new Persistence({ ...options, signal });
        await sendSpan({ ...options, file, span, chunk, signal, tell, persistence: own });
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  // The first failure ends the others, so that all have ended before the next try.
  const ended = await Promise.allSettled(sending);
  if (failed.signal.aborted) throw failed.signal.reason;
  const rejected = ended.find((one) => one.status === 'rejected');
  if (rejected !== undefined) throw rejected.reason;
  return await whenDone(started.uploadId, options, persistence);
}

/** The upload of this very file that was begun before, or a new one, or the slide that is the same. */
async function start(
  { name, size, sha256 }: OutgoingFile,
  { client, signal }: SendOptions,
): Promise<StartAnswer> {
  const { uploads } = await client.ask({ method: 'GET', path: '/uploads', signal }, ListAnswer);
  const begun = uploads.find((one) => one.sha256 === sha256 && one.size === size);
  if (begun !== undefined) return begun;
  const json = { name, size, sha256, ...(size >= largeFile && { spans: spansOf(size) }) };
  return await client.ask({ method: 'POST', path: '/uploads', json, signal }, StartAnswer);
}

type StartAnswer = UploadAnswer | { duplicateOf: string };

/** Parts of about the same length. */
function spansOf(size: number): { start: number; length: number }[] {
  const length = Math.ceil(size / sideBySide / 2 ** 20) * 2 ** 20;
  return Array.from({ length: sideBySide }, (_, i) => i * length)
    .filter((at) => at < size)
    .map((at) => ({ start: at, length: Math.min(length, size - at) }));
}

interface SpanSending extends Omit<SendOptions, 'signal'> {
  readonly file: OutgoingFile;
  readonly span: Span;
  readonly chunk: ChunkLength;
  readonly persistence: Persistence;
  readonly tell: (span: Span, bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Sends a part from where the service has it to its end. */
async function sendSpan(sending: SpanSending): Promise<void> {
  const { span, persistence, tell, chunk } = sending;
  let at = span.received;
  let isSure = false;
  while (at < span.length) {
    try {
      // What the service has may be more than it could tell before the line broke.
      if (!isSure) at = await offsetOf(sending);
      isSure = true;
      if (at >= span.length) break;
      at = await sendChunk(sending, at);
      persistence.progressed();
    } catch (error) {
      isSure = false;
      chunk.failed();
      await persistence.pause(error);
    }
    tell(span, at);
  }
  tell(span, span.length);
}

async function offsetOf({ client, span, signal }: SpanSending): Promise<number> {
  const answer = await client.send({
    method: 'HEAD',
    path: span.url,
    headers: { 'Tus-Resumable': '1.0.0' },
    signal,
  });
  return offsetIn(answer, span.url);
}

/** @returns bytes of the span that the service has now */
async function sendChunk({ client, file, span, chunk, signal }: SpanSending, at: number): Promise<number> {
  const length = Math.min(chunk.bytes, span.length - at);
  const bytes = await readRange(file, span.start + at, length, signal);
  await checkUnchanged(file);
  const began = performance.now();
  const answer = await client.send({
    method: 'PATCH',
    path: span.url,
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': String(at),
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Checksum': `sha256 ${createHash('sha256').update(bytes).digest('base64')}`,
    },
    bytes,
    signal,
  });
  chunk.sent(performance.now() - began);
  return offsetIn(answer, span.url);
}

function offsetIn(answer: Response, url: string): number {
  const text = answer.headers.get('Upload-Offset') ?? '';
  if (!/^\d{1,16}$/.test(text))
    throw new ServiceError('unavailable', `${url}: the answer names no offset; a proxy may have changed it`);
  return Number(text);
}

/** Waits until every byte is in its place and read as a slide. @throws {ServiceError} `damaged` when it is none */
async function whenDone(
  uploadId: string,
  { client, signal }: SendOptions,
  persistence: Persistence,
): Promise<Sent> {
  for (;;) {
    const request = { method: 'GET', path: `/uploads/${uploadId}`, signal } as const;
    const { state, slideId, duplicateOf, reason } = await persistence.run(() =>
      client.ask(request, UploadAnswer),
    );
    if (duplicateOf !== undefined) return { slideId: duplicateOf, wasThere: true };
    if (state === 'done' && reason !== undefined) throw new ServiceError('damaged', reason);
    if (state === 'done') return { slideId, wasThere: false };
    await rest(askMs, signal);
  }
}
