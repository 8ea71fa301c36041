import { presenceHeaders } from '../api/presence.ts';
import { ApiError, noticeStatus, problemText } from '../api/request.ts';

/**
 * The part of tus 1.0 that this page speaks. Of its own, not tus-js-client's: spans of one file are sent side by
 * side in an order of their own, each request carries its checksum, and all of them wait for one line together.
 *
 * @see https://tus.io/protocols/resumable-upload
 */
const version = { 'Tus-Resumable': '1.0.0' };

/** A request that carries at most 8 MiB and gets no answer for so long is given up and made again. */
const chunkTimeoutMs = 120_000;

/** A request of the protocol. */
interface TusRequest extends RequestInit {
  readonly headers: Readonly<Record<string, string>>;
}

/** Bytes that have arrived at a span's address. @throws {ApiError} · an AbortError */
export async function arrivedAt(url: string, signal: AbortSignal): Promise<number> {
  const response = await request(url, { method: 'HEAD', headers: version, cache: 'no-store' }, signal);
  return offsetOf(response);
}

/** Some bytes on their way to a span's address. */
export interface Chunk {
  /** Where they belong, from the start of the span. */
  readonly offset: number;
  readonly bytes: ArrayBuffer;
  /** SHA-256 of the whole file, hex; sent with its last bytes. */
  readonly wholeHash?: string | undefined;
}

/** Sends bytes with their checksum. @returns bytes that have arrived now @throws {ApiError} · an AbortError */
export async function sendChunk(url: string, chunk: Chunk, signal: AbortSignal): Promise<number> {
  const headers = {
    ...version,
    'Upload-Offset': String(chunk.offset),
    'Content-Type': 'application/offset+octet-stream',
    ...(await checksumOf(chunk.bytes)),
    ...(chunk.wholeHash === undefined ? {} : { 'Upload-SHA256': chunk.wholeHash }),
  };
  return offsetOf(await request(url, { method: 'PATCH', headers, body: chunk.bytes }, signal));
}

/** Browsers hash only on pages that came by https or from this machine; elsewhere the whole file's hash must do. */
async function checksumOf(bytes: ArrayBuffer): Promise<Record<string, string>> {
  if (!globalThis.isSecureContext && typeof crypto.subtle === 'undefined') return {};
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return { 'Upload-Checksum': `sha256 ${btoa(String.fromCharCode(...digest))}` };
}

async function request(url: string, init: TusRequest, signal: AbortSignal): Promise<Response> {
  const patience = AbortSignal.timeout(chunkTimeoutMs);
  let response: Response;
  try {
    const headers = { ...init.headers, ...presenceHeaders() };
    response = await fetch(url, { ...init, headers, signal: AbortSignal.any([signal, patience]) });
  } catch (cause) {
    signal.throwIfAborted();
    throw new ApiError(0, 'The connection is lost.', { cause });
  }
  if (response.ok) return response;
  noticeStatus(response.status);
  const wait = response.headers.get('Retry-After');
  throw new ApiError(response.status, problemText(response.status, await response.text()), {
    waitSeconds: wait !== null && /^\d{1,5}$/.test(wait) ? Number(wait) : undefined,
  });
}

/** @throws {ApiError} when the answer is none that a tus service gives */
function offsetOf({ status, headers }: Response): number {
  const text = headers.get('Upload-Offset');
  if (text !== null && /^\d{1,15}$/.test(text)) return Number(text);
  throw new ApiError(status, 'The service did not say how much has arrived.');
}
