import * as z from 'zod/mini';
import { backgroundHeaders, presenceHeaders } from './presence.ts';

const Problem = z.object({ title: z.string(), detail: z.optional(z.string()) });

/** What the service said no to; `message` is its own sentence. */
export class ApiError extends Error {
  /** 0 when no answer came at all. */
  readonly status: number;
  /** How long the service asks to wait before the next try, s. */
  readonly waitSeconds: number | undefined;

  constructor(
    status: number,
    message: string,
    options?: ErrorOptions & { waitSeconds?: number | undefined },
  ) {
    super(message, options);
    this.name = 'ApiError';
    this.status = status;
    this.waitSeconds = options?.waitSeconds;
  }
}

/** What is sent with a question. */
export interface RequestOptions {
  /** Default: GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent byte for byte, instead of a body. */
  readonly file?: Blob;
  readonly signal?: AbortSignal | undefined;
  /** Sent to its end even when the page is left meanwhile; at most 64 kB. */
  readonly outlivesPage?: boolean;
  /** Whether the page asks by itself, whoever is there: it does not put off the idle log-off. */
  readonly isBackground?: boolean;
  /** A 401 then says that what was typed is wrong, not that nobody is signed in. */
  readonly provesIdentity?: boolean;
}

const signedOutListeners = new Set<() => void>();

/** Calls `listener` whenever an answer says that nobody is signed in. @returns stops that */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => void signedOutListeners.delete(listener);
}

/** Tells who listens when an answer from elsewhere (a tile, an upload) says that nobody is signed in. */
export function noticeStatus(status: number): void {
  if (status === 401) for (const listener of signedOutListeners) listener();
}

/** The answer to a question, in the shape that is expected. @throws {ApiError} · an AbortError */
export async function ask<T extends z.ZodMiniType>(
  schema: T,
  url: string,
  options: RequestOptions = {},
): Promise<z.infer<T>> {
  return parsed(schema, json(await textOf(url, options)));
}

/** Asks for something to be done whose answer says nothing. @throws {ApiError} · an AbortError */
export async function tell(url: string, options: RequestOptions): Promise<void> {
  await textOf(url, options);
}

/** What a failed answer says, in a sentence for a person. */
export function problemText(status: number, body: string): string {
  const problem = z.safeParse(Problem, json(body));
  if (problem.success) return problem.data.detail ?? problem.data.title;
  return `The service answered with status ${status}.`;
}

/** The kind of a failure in words, e.g. `Still arriving`; undefined when the answer is no problem (RFC 9457). */
export function problemTitle(body: string): string | undefined {
  const problem = z.safeParse(Problem, json(body));
  return problem.success ? problem.data.title : undefined;
}

/** Any failure as one that can be shown. */
export function apiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, String(error));
}

/** Whether a failure is only that the answer was not waited for. */
export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** A JSON text's value; undefined when it is none. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** An answer in the shape that is expected. @throws {ApiError} when it has another */
export function parsed<T extends z.ZodMiniType>(schema: T, answer: unknown): z.infer<T> {
  const result = z.safeParse(schema, answer);
  if (result.success) return result.data;
  throw new ApiError(200, 'The service gave an answer this page does not understand. Reload the page.', {
    cause: result.error,
  });
}

/** An address with the link's token, when this page was opened by a link to one slide. */
export function withToken(url: string): string {
  const token = linkToken();
  if (token === undefined) return url;
  return `${url}${url.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}`;
}

/** The token of the link by which this page was opened. */
export function linkToken(): string | undefined {
  if (typeof location === 'undefined') return undefined;
  return new URLSearchParams(location.search).get('token') ?? undefined;
}

async function textOf(url: string, options: RequestOptions): Promise<string> {
  const response = await answerTo(url, options);
  const body = await response.text();
  if (response.ok) return body;
  if (options.provesIdentity !== true) noticeStatus(response.status);
  const waitSeconds = waitOf(response.headers);
  throw new ApiError(response.status, problemText(response.status, body), { waitSeconds });
}

async function answerTo(url: string, options: RequestOptions): Promise<Response> {
  const { method = 'GET', body, file, signal, outlivesPage = false, isBackground = false } = options;
  const headers = {
    Accept: 'application/json',
    ...(isBackground ? backgroundHeaders : presenceHeaders()),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
  };
  const sent = file !== undefined ? { body: file } : body === undefined ? {} : { body: JSON.stringify(body) };
  try {
    return await fetch(url, { method, headers, signal: signal ?? null, keepalive: outlivesPage, ...sent });
  } catch (error) {
    if (isAborted(error)) throw error;
    throw new ApiError(0, 'The service does not answer. Check the network connection.', { cause: error });
  }
}

/** Retry-After in seconds; its other form, a date, is not used by this service. */
function waitOf(headers: Headers): number | undefined {
  const text = headers.get('Retry-After');
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
