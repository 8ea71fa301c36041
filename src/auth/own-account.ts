import { ServiceError } from '../core/errors.ts';
import type { Account, Accounts } from './accounts.ts';
import type { ApiTokens } from './api-tokens.ts';
import { isPassword } from './passwords.ts';
import type { Scope } from './principal.ts';
import type { PrincipalCache } from './principal-cache.ts';
import { recorded, type AuditSink, type By } from './recorded.ts';
import type { Enrolment, SecondFactors } from './second-factor.ts';
import type { Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';

/** What changing one's own account stands on. */
export interface OwnAccountParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: ApiTokens;
  readonly secondFactors: SecondFactors;
  readonly throttle: Throttle;
  readonly cache: PrincipalCache;
  readonly audit: AuditSink;
}

/** The person whose account it is, from where. */
export interface Owner extends By {
  readonly account: Account;
  readonly address: string;
}

/** Changes that people make to how they themselves sign in, written down. */
export class OwnAccount {
  readonly #parts: OwnAccountParts;

  constructor(parts: OwnAccountParts) {
    this.#parts = parts;
  }

  /**
   * Changes the password and ends all other sessions.
   *
   * @param current needs not be given after a sign-in with a one-time password
   * @param keptToken of the session that goes on
   * @throws {ServiceError} `unauthenticated` when the current one is wrong, `throttled`, `invalid`; `conflict` for who
   *   signs in elsewhere
   */
  async changePassword(
    owner: Owner,
    { current, chosen }: { readonly current?: string | undefined; readonly chosen: string },
    keptToken: string | undefined,
  ): Promise<void> {
    const { account } = owner;
    const { accounts, sessions, cache, audit } = this.#parts;
    if (!account.isOneTime || current !== undefined) await this.#prove(owner, current ?? '', 'current');
    const kept = await accounts.credentials(account.email);
    if (await isPassword(chosen, kept?.password))
      throw new ServiceError('invalid', 'new: this is the password the account has; choose another');
    await recorded(audit, this.#entry(owner, { reason: 'password' }), async () => {
      await accounts.choosePassword(account, chosen);
      await sessions.endAll(account.id, keptToken);
      cache.forgetAccount(account.id);
    });
  }

  /** Begins to set up a second factor. @throws {ServiceError} `conflict` */
  async beginSecondFactor({ account }: Owner): Promise<Enrolment> {
    return await this.#parts.secondFactors.begin(account);
  }

  /** Makes it count. @returns recovery codes, shown once @throws {ServiceError} `unauthenticated`, `conflict`, `throttled` */
  async confirmSecondFactor(owner: Owner, code: string): Promise<readonly string[]> {
    const { secondFactors, throttle, audit } = this.#parts;
    const attempt = { email: owner.account.email, address: owner.address };
    await throttle.take(attempt);
    const codes = await recorded(audit, this.#entry(owner, { reason: 'second factor set up' }), async () =>
      secondFactors.confirm(owner.account, code),
    );
    await throttle.release(attempt);
    return codes;
  }

  /** Takes the second factor away. @throws {ServiceError} `unauthenticated` when the password is wrong, `throttled` */
  async removeSecondFactor(owner: Owner, password: string): Promise<void> {
    await this.#prove(owner, password, 'password');
    await recorded(this.#parts.audit, this.#entry(owner, { reason: 'second factor removed' }), async () =>
      this.#parts.secondFactors.remove(owner.account.id),
    );
  }

  /** Makes an API token. @returns it with the secret, shown once @throws {ServiceError} `too-large` */
  async addToken(
    owner: Owner,
    wanted: { readonly name: string; readonly scopes: readonly Scope[]; readonly days: number },
  ): Promise<{ readonly id: string; readonly token: string }> {
    const detail = { reason: 'API token made', scopes: wanted.scopes.join(' ') };
    return await recorded(this.#parts.audit, this.#entry(owner, detail), async () =>
      this.#parts.tokens.add(owner.account.id, wanted),
    );
  }

  /** Deletes an API token. @throws {ServiceError} `not-found` */
  async removeToken(owner: Owner, id: string): Promise<void> {
    const { tokens, cache, audit } = this.#parts;
    await recorded(audit, this.#entry(owner, { reason: 'API token deleted', token: id }), async () => {
      if (!(await tokens.remove(owner.account.id, id)))
        throw new ServiceError('not-found', `your account has no API token ${id}`);
      cache.forgetAccount(owner.account.id);
    });
  }

  /** @throws {ServiceError} `unauthenticated`, `throttled`, `conflict` */
  async #prove({ account, address }: Owner, password: string, field: string): Promise<void> {
    const { accounts, throttle } = this.#parts;
    if (!account.hasPassword)
      throw new ServiceError('conflict', 'this account signs in elsewhere; change that there');
    const attempt = { email: account.email, address };
    await throttle.take(attempt);
    const kept = await accounts.credentials(account.email);
    if (!(await isPassword(password, kept?.password)))
      throw new ServiceError('unauthenticated', `${field}: this is not the password of your account`);
    await throttle.release(attempt);
  }

  #entry({ actor, address, account }: Owner, detail: { reason: string; scopes?: string; token?: string }) {
    const subject = { kind: 'account', id: account.id } as const;
    return { actor, address, action: 'account.change', subject, detail } as const;
  }
}
