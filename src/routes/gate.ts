import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '../auth/authenticator.ts';
import { may, type Action, type Subject } from '../auth/policy.ts';
import { nobody, type Principal } from '../auth/principal.ts';
import { ServiceError } from '../core/errors.ts';

/** What a gate lets pass, or not. */
export interface Passage {
  readonly action: Action;
  /** What it is done to, once its parameters are parsed; absent: nothing in particular. */
  readonly subject?: (principal: Principal) => Promise<Subject | undefined>;
}

/** Stands before every route: finds out who asks, and asks the policy. */
export class Gate {
  readonly #authenticator: Authenticator;

  constructor(authenticator: Authenticator) {
    this.#authenticator = authenticator;
  }

  /**
   * Who asks, when they may.
   *
   * @throws {ServiceError} `unauthenticated` for who has not signed in; `not-found` where the subject is absent and,
   *   in the same words, where it must not be known to exist; `forbidden` where there is nothing to hide
   */
  async admit(req: IncomingMessage, { action, subject }: Passage, missing: string): Promise<Principal> {
    const principal = action === 'open' ? nobody : await this.#authenticator.principalOf(req);
    if (principal.kind === 'nobody' && action !== 'open')
      throw new ServiceError('unauthenticated', 'sign in, or send an API token');
    if (subject === undefined) {
      if (may(principal, action)) return principal;
      throw new ServiceError('forbidden', `your account may not do this (${action})`);
    }
    const found = await subject(principal);
    if (found !== undefined && may(principal, action, found)) return principal;
    // Who may see a thing is told that it is the action that is not allowed.
    if (found?.kind === 'slide' && may(principal, 'slide.view', found))
      throw new ServiceError('forbidden', `your account may not do this (${action})`);
    throw new ServiceError('not-found', missing);
  }
}
