import { ServiceError } from '../core/errors.ts';
import type { Account, Accounts } from './accounts.ts';
import { isPassword } from './passwords.ts';
import type { AuditSink } from './recorded.ts';
import type { SecondFactors } from './second-factor.ts';
import type { Sessions, Way } from './sessions.ts';
import type { Throttle, Try } from './throttle.ts';

/** What somebody shows to sign in, and from where. */
export interface Credentials extends Try {
  readonly password: string;
  /** Of the second factor, or a recovery code. */
  readonly code?: string | undefined;
}

/** What came of it; `token` is what the session's cookie is to hold. */
export type SignedIn =
  | { readonly signedIn: true; readonly account: Account; readonly token: string }
  | { readonly signedIn: false; readonly needs: 'code' };

/** What signing in stands on. */
export interface SignInParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly secondFactors: SecondFactors;
  readonly throttle: Throttle;
  readonly audit: AuditSink;
}

/** Signing in: finds out who somebody is, writes it down, and starts their session. */
export class SignIn {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /**
   * Signs in with a password, and with a code where the account has a second factor.
   *
   * Takes as long for who has no account, and says the same.
   *
   * @throws {ServiceError} `unauthenticated`, `throttled`; `unavailable` when the audit cannot be written
   */
  async withPassword(credentials: Credentials): Promise<SignedIn> {
    const { accounts, secondFactors, throttle } = this.#parts;
    const { email, password, code, address } = credentials;
    await throttle.take(credentials);
    const found = await accounts.credentials(email);
    const isRight = await isPassword(password, found?.password);
    const account = found?.account;
    if (!isRight || account === undefined || account.isDisabled)
      return await this.#refuse(account, isRight ? 'disabled' : 'password', address);
    if (account.hasSecondFactor) {
      if (code === undefined) {
        await throttle.release(credentials);
        return { signedIn: false, needs: 'code' };
      }
      if (!(await secondFactors.isCode(account.id, code)))
        return await this.#refuse(account, 'code', address);
    }
    const token = await this.start(account, 'password', address);
    await throttle.succeed(credentials);
    return { signedIn: true, account, token };
  }

  /**
   * Starts the session of somebody who is known by now.
   *
   * @returns what the cookie is to hold
   * @throws {ServiceError} `unavailable` when the audit cannot be written
   */
  async start(account: Account, way: Way, address: string): Promise<string> {
    const { audit, sessions } = this.#parts;
    const { id, organisationId } = account;
    const actor = { kind: 'person', accountId: id, organisationId } as const;
    await audit.record({ action: 'session.start', actor, outcome: 'done', address, detail: { way } });
    return await sessions.start(id, way);
  }

  /** @throws {ServiceError} `unauthenticated`, always */
  async #refuse(
    account: Account | undefined,
    reason: 'password' | 'code' | 'disabled',
    address: string,
  ): Promise<never> {
    await this.#parts.audit.record({
      action: 'session.start',
      actor: { kind: 'nobody' },
      outcome: 'refused',
      address,
      detail: { way: 'password', reason },
      ...(account !== undefined && {
        organisationId: account.organisationId,
        subject: { kind: 'account', id: account.id },
      }),
    });
    const message =
      reason === 'code'
        ? 'the code is wrong, or was used already: wait for the next one'
        : 'the e-mail or the password is wrong';
    throw new ServiceError('unauthenticated', message);
  }
}
