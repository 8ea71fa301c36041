import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { Account, AccountChange, Accounts, NewAccount } from './accounts.ts';
import type { Role } from './principal.ts';
import type { PrincipalCache } from './principal-cache.ts';
import { recorded, type AuditSink, type By } from './recorded.ts';
import type { Sessions } from './sessions.ts';

/** Who changes somebody else's account; `isOperator` is true of a command on the machine, too. */
export interface Changer extends By {
  readonly isOperator: boolean;
}

/** What changing other people's accounts stands on. */
export interface PeopleParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly cache: PrincipalCache;
  readonly audit: AuditSink;
}

/**
 * Changes of other people's accounts, written down.
 *
 * That somebody may change the accounts of an organisation is known before. Accounts of operators, who run the whole
 * service, are made and changed by operators only: an administrator could become one otherwise.
 */
export class People {
  readonly #parts: PeopleParts;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
  }

  /**
   * Adds an account.
   *
   * @returns it, and a password for one sign-in, which cannot be shown again
   * @throws {ServiceError} `conflict`, `forbidden`
   */
  async add(by: Changer, account: NewAccount): Promise<{ account: Account; oneTimePassword: string }> {
    checkOperator(by, account.roles);
    const id = newId();
    const { organisationId, roles } = account;
    return await recorded(
      this.#parts.audit,
      {
        ...who(by),
        action: 'people.add',
        organisationId,
        subject: { kind: 'account', id },
        detail: { roles: roles.join(' ') },
      },
      async () => await this.#parts.accounts.add(account, id),
    );
  }

  /**
   * Changes an account; a change of roles, or disabling it, ends its sessions.
   *
   * @throws {ServiceError} `conflict` for the last administrator, `forbidden`
   */
  async change(by: Changer, account: Account, change: AccountChange): Promise<Account> {
    checkOperator(by, [...account.roles, ...(change.roles ?? [])]);
    const { name, roles, isDisabled } = change;
    const what = [
      ...(name === undefined ? [] : ['name']),
      ...(roles === undefined ? [] : ['roles']),
      ...(isDisabled === undefined ? [] : [isDisabled ? 'disabled' : 'enabled']),
    ];
    const detail = { reason: what.join(' '), ...(roles !== undefined && { roles: roles.join(' ') }) };
    const changed = await recorded(this.#parts.audit, this.#changeEntry(by, account, detail), async () =>
      this.#parts.accounts.change(account.id, change),
    );
    this.#parts.cache.forgetAccount(account.id);
    return changed;
  }

  /** Gives an account a password for one sign-in, and ends its sessions. @throws {ServiceError} `forbidden` */
  async resetPassword(by: Changer, account: Account): Promise<string> {
    checkOperator(by, account.roles);
    const { accounts, sessions, cache, audit } = this.#parts;
    return await recorded(audit, this.#changeEntry(by, account, { reason: 'password' }), async () => {
      const password = await accounts.resetPassword(account.id);
      await sessions.endAll(account.id);
      cache.forgetAccount(account.id);
      return password;
    });
  }

  /** Sets a password that was chosen on the machine itself. @throws {ServiceError} `invalid` */
  async setPassword(by: Changer, account: Account, password: string): Promise<void> {
    const { accounts, sessions, cache, audit } = this.#parts;
    await recorded(audit, this.#changeEntry(by, account, { reason: 'password' }), async () => {
      await accounts.choosePassword(account, password);
      await sessions.endAll(account.id);
      cache.forgetAccount(account.id);
    });
  }

  #changeEntry(by: Changer, { id, organisationId }: Account, detail: { reason: string; roles?: string }) {
    const subject = { kind: 'account', id } as const;
    return { ...who(by), action: 'people.change', organisationId, subject, detail } as const;
  }
}

function who({ actor, address }: Changer): By {
  return { actor, address };
}

/** @throws {ServiceError} `forbidden` */
function checkOperator({ isOperator }: Changer, roles: readonly Role[]): void {
  if (!isOperator && roles.includes('operator'))
    throw new ServiceError('forbidden', 'only an operator may make somebody operator, or change an operator');
}
