import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import { ServiceError, type ErrorKind } from '../core/errors.ts';
import type { Problem } from './schemas.ts';

/** The one place that knows what an error kind means in HTTP. */
const statusOf: Readonly<Record<ErrorKind, { readonly status: number; readonly title: string }>> = {
  invalid: { status: 400, title: 'The request is not understood' },
  'not-found': { status: 404, title: 'Not found' },
  unsupported: { status: 415, title: 'This cannot be shown' },
  damaged: { status: 422, title: 'The slide is damaged' },
  'too-large': { status: 413, title: 'Too large' },
  busy: { status: 503, title: 'Busy' },
  conflict: { status: 409, title: 'Conflict' },
  unavailable: { status: 502, title: 'Something this service depends on failed' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  throttled: { status: 429, title: 'Too many tries' },
  forbidden: { status: 403, title: 'Not allowed' },
  arriving: { status: 503, title: 'Still arriving' },
  full: { status: 507, title: 'No room' },
  // What the checksum extension of tus asks for.
  mismatch: { status: 460, title: 'Checksum mismatch' },
};

/** Kinds after which a client does well to ask again in a second. */
const retryable: readonly ErrorKind[] = ['busy', 'arriving'];

/** Whether a word is an error kind. */
export function isErrorKind(word: string): word is ErrorKind {
  return Object.hasOwn(statusOf, word);
}

/** Title of what was not expected. */
export const unexpectedTitle = 'Something went wrong here';

/** A failure as it is answered. @see RFC 9457 */
export function problemOf(kind: ErrorKind, detail: string): z.infer<typeof Problem> {
  const { status, title } = statusOf[kind];
  return { type: 'about:blank', title, status, detail };
}

/** Answers every failure as a JSON problem (RFC 9457); what was not expected answers 500 with an id that the log has too. */
export function errorHandler(log: Logger) {
  return (error: unknown, req: Request, res: Response, next: NextFunction): void => {
    if (res.headersSent) {
      next(error);
      return;
    }
    if (error instanceof z.ZodError) {
      const detail = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
      return sendProblem(res, statusOf.invalid.status, statusOf.invalid.title, detail);
    }
    if (error instanceof ServiceError) {
      const { status, title } = statusOf[error.kind];
      const wait = error.retryAfterSeconds ?? (retryable.includes(error.kind) ? 1 : undefined);
      if (wait !== undefined) res.set('Retry-After', String(Math.ceil(wait)));
      if (status >= 500 && error.kind !== 'arriving') log.warn({ err: error }, 'request failed');
      return sendProblem(res, status, title, error.message);
    }
    if (error instanceof URIError) return sendProblem(res, 400, statusOf.invalid.title, 'malformed URL');
    const id = randomUUID();
    log.error({ err: error, id, method: req.method }, 'unexpected error');
    sendProblem(res, 500, unexpectedTitle, `Tell the operator this id: ${id}`);
  };
}

/** Sends a problem document; never cached. */
export function sendProblem(res: Response, status: number, title: string, detail: string): void {
  res.status(status);
  res.set('Cache-Control', 'no-store');
  const problem: z.infer<typeof Problem> = { type: 'about:blank', title, status, detail };
  res.type('application/problem+json').send(JSON.stringify(problem));
}
