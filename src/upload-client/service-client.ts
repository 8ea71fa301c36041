import type { z } from 'zod';
import { ServiceError, type ErrorKind } from '../core/errors.ts';
import { ProblemAnswer } from './answers.ts';

/** Which service, and who asks. */
export interface ServiceAddress {
  /** `https://telepath.example`, with or without a path. */
  readonly server: string;
  /** API token; absent where the service asks for none. */
  readonly token: string | undefined;
}

/** A request. */
export interface ClientRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root of the service. */
  readonly path: string;
  readonly json?: unknown;
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest wait for the answer, ms. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a status means to a sender; all others of 500 and above: the service is not well, and may be later. */
const kinds: Readonly<Record<number, ErrorKind>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  410: 'not-found',
  413: 'too-large',
  415: 'unsupported',
  422: 'damaged',
  423: 'busy',
  429: 'throttled',
  460: 'mismatch',
  503: 'busy',
  507: 'full',
};

/** Speaks to a service as one account, with its API token, which is in no message. */
export class ServiceClient {
  readonly #root: string;
  readonly #token: string | undefined;

  /** @throws {ServiceError} `invalid` for an address that is none, or over which a token would be readable by all */
  constructor({ server, token }: ServiceAddress) {
    const url = URL.canParse(server) ? new URL(server) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '')
      throw new ServiceError('invalid', `--server ${server}: give an address like https://telepath.example`);
    const isHere = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
    if (url.protocol === 'http:' && !isHere && token !== undefined)
      throw new ServiceError('invalid', `--server ${server}: a token is sent over https only`);
    this.#root = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
    this.#token = token;
  }

  /** For messages: the address. */
  get name(): string {
    return this.#root;
  }

  /** The answer, parsed. @throws as {@link send}; `unavailable` when it is none of this service's */
  async ask<S extends z.ZodType>(request: ClientRequest, schema: S): Promise<z.output<S>> {
    const answer = await this.send(request);
    const parsed = schema.safeParse(await answer.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw new ServiceError('unavailable', `${this.#root}: this is no Telepath, or a much older or newer one`);
  }

  /**
   * The answer, when all went well; its body is still to be read.
   *
   * @throws {ServiceError} of the kind that the service tells; `unavailable` when it does not answer. The signal's reason
   */
  async send({
    method,
    path,
    json,
    bytes,
    headers,
    timeoutMs = 60_000,
    signal,
  }: ClientRequest): Promise<Response> {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(this.#root + path, {
      method,
      redirect: 'error',
      headers: {
        ...(this.#token !== undefined && { Authorization: `Bearer ${this.#token}` }),
        ...(json !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(bytes !== undefined && { body: bytes }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new ServiceError('unavailable', `${this.#root}: no answer (${reasonOf(error)})`, {
        cause: error,
      });
    });
    if (answer.ok) return answer;
    throw await problemOf(answer, this.#root);
  }
}

/** Why a request got no answer, in a word. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (typeof code === 'string') return code;
  return error.name === 'TimeoutError' ? 'it took too long' : error.message;
}

async function problemOf(answer: Response, where: string): Promise<ServiceError> {
  const text = await answer.text().catch(() => '');
  const problem = ProblemAnswer.safeParse(parseJson(text));
  const kind = kinds[answer.status] ?? (answer.status >= 500 ? 'unavailable' : 'invalid');
  const wait = Number(answer.headers.get('Retry-After') ?? Number.NaN);
  const options = Number.isFinite(wait) ? { retryAfterSeconds: wait } : {};
  const detail = problem.success ? problem.data.detail : `${where} answers ${answer.status}`;
  return new ServiceError(kind, detail, options);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
