import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '../auth/authenticator.ts';
import { may, type Action, type Subject } from '../auth/policy.ts';
import { nobody, type Principal } from '../auth/principal.ts';
import { ServiceError } from '../core/errors.ts';
import type { Admission, Recorder, RequestNote } from './recorder.ts';

/** What a gate lets pass, or not. */
export interface Passage {
  readonly action: Action;
  /** The id of a slide or case in the URL, whether there is one or not. */
  readonly subjectId?: string | undefined;
  /** What it is done to, once its parameters are parsed; absent: nothing in particular. */
  readonly subject?: (principal: Principal) => Promise<Subject | undefined>;
}

/** Stands before every route: finds out who asks, asks the policy, and has it written down. */
export class Gate {
  readonly #authenticator: Authenticator;
  readonly #recorder: Recorder | undefined;

  /** @param recorder absent where there is no audit: files shown in place, on their owner's machine */
  constructor(authenticator: Authenticator, recorder?: Recorder) {
    this.#authenticator = authenticator;
    this.#recorder = recorder;
  }

  /**
   * Who asks, when they may, and about what.
   *
   * @throws {ServiceError} `unauthenticated` for who has not signed in; `not-found` where the subject is absent and,
   *   in the same words, where it must not be known to exist; `forbidden` where there is nothing to hide
   */
  async admit(req: IncomingMessage, passage: Passage, missing: string): Promise<Admission> {
    const { action } = passage;
    const principal = action === 'open' ? nobody : await this.#authenticator.principalOf(req);
    const isSomebody = principal.kind !== 'nobody' || action === 'open';
    const subject = isSomebody ? await passage.subject?.(principal) : undefined;
    const refusal = isSomebody ? refusalOf(principal, passage, subject, missing) : unauthenticated();
    if (refusal === undefined) return { principal, subject };
    await this.#recorder?.refused(req, { principal, action, subjectId: passage.subjectId, subject });
    throw refusal;
  }

  /** Does what an admitted request asks for, and leaves the row in the audit that its route has. */
  async recorded<T>(
    req: IncomingMessage,
    admission: Admission,
    note: RequestNote<T> | undefined,
    work: () => T | Promise<T>,
  ): Promise<T> {
    if (this.#recorder === undefined || note === undefined) return await work();
    return await this.#recorder.around(req, admission, note, work);
  }
}

function unauthenticated(): ServiceError {
  return new ServiceError('unauthenticated', 'sign in, or send an API token');
}

/** Why a principal may not pass; undefined when they may. */
function refusalOf(
  principal: Principal,
  { action, subject }: Passage,
  found: Subject | undefined,
  missing: string,
): ServiceError | undefined {
  const isAllowed =
    subject === undefined ? may(principal, action) : found !== undefined && may(principal, action, found);
  if (isAllowed) return undefined;
  // Who may see a thing is told that it is the action that is not allowed.
  if (subject === undefined || isSeen(principal, found))
    return new ServiceError('forbidden', `your account may not do this (${action})`);
  return new ServiceError('not-found', missing);
}

/** Whether somebody may know that a thing is there. */
function isSeen(principal: Principal, found: Subject | undefined): boolean {
  if (found?.kind === 'slide') return may(principal, 'slide.view', found);
  return found?.kind === 'case' && may(principal, 'case.view', found);
}
