/**
 * What went wrong, in terms a caller can act on; `routes/errors.ts` alone maps kinds to HTTP status codes.
 *
 * `invalid`: the request itself is wrong · `not-found`: no such thing · `unsupported`: understood, but not
 * something this service reads · `damaged`: bytes that contradict their own format · `too-large`: over a limit ·
 * `busy`: try again later · `conflict`: exists already or changed meanwhile · `unavailable`: something this
 * service depends on failed · `unauthenticated`: sign in first · `forbidden`: signed in, but not allowed to ·
 * `arriving`: bytes that are still being uploaded · `full`: no room left for what is to come · `mismatch`: bytes that
 * are not those their checksum was made of · `throttled`: too many tries; the error says how long to wait.
 */
export type ErrorKind =
  | 'invalid'
  | 'not-found'
  | 'unsupported'
  | 'damaged'
  | 'too-large'
  | 'busy'
  | 'conflict'
  | 'unavailable'
  | 'unauthenticated'
  | 'forbidden'
  | 'arriving'
  | 'full'
  | 'mismatch'
  | 'throttled';

/** An expected failure: the message names the thing and the limit, and says what to do. */
export class ServiceError extends Error {
  readonly kind: ErrorKind;
  /** How long to wait before the next try, s, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options?: ErrorOptions & { readonly retryAfterSeconds?: number },
  ) {
    super(message, options);
    this.name = 'ServiceError';
    this.kind = kind;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}

/** A result that survives the trip between threads and processes, where classes don't. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly kind: ErrorKind | 'bug'; readonly message: string };

/** Runs `work` and turns what it throws into an {@link Outcome}. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof ServiceError) return { ok: false, kind: error.kind, message: error.message };
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ok: false, kind: 'bug', message };
  }
}

/** The value of an {@link Outcome}. @throws {ServiceError} of its kind, or a plain Error for a bug. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  if (outcome.kind === 'bug') throw new Error(outcome.message);
  throw new ServiceError(outcome.kind, outcome.message);
}
