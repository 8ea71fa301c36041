import type { Insertable, Kysely, Selectable } from 'kysely';
import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { AccountTable } from '../db/account-schema.ts';
import type { Database } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import { checkNewPassword, hashPassword, newOneTimePassword } from './passwords.ts';
import type { Role } from './principal.ts';

/** Who may sign in. */
export interface Account {
  readonly id: string;
  readonly organisationId: string;
  /** In small letters. */
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** False for who signs in at another service only. */
  readonly hasPassword: boolean;
  /** Whether the password was made for one sign-in. */
  readonly isOneTime: boolean;
  readonly hasSecondFactor: boolean;
  readonly isDisabled: boolean;
  /** ISO 8601, UTC. */
  readonly addedAt: string;
}

/** What a new account starts with. */
export interface NewAccount {
  readonly organisationId: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** What can be changed of an account. */
export interface AccountChange {
  readonly name?: string | undefined;
  readonly roles?: readonly Role[] | undefined;
  readonly isDisabled?: boolean | undefined;
}

/** Who somebody is at another service that they sign in with. */
export interface Elsewhere {
  readonly issuer: string;
  /** Never used twice by the issuer. */
  readonly subject: string;
}

/** The accounts of all organisations. Who may change them is decided before. */
export class Accounts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The accounts of an organisation, or all, by name. */
  async list(organisationId?: string): Promise<readonly Account[]> {
    const rows = await this.#database.run((db) => {
      const all = db.selectFrom('account').selectAll().orderBy('name').orderBy('id');
      return (
        organisationId === undefined ? all : all.where('organisation_id', '=', organisationId)
      ).execute();
    });
    return rows.map(toAccount);
  }

  /** @returns undefined when there is none */
  async get(id: string): Promise<Account | undefined> {
    const row = await this.#database.run((db) => accountRow(db, id).executeTakeFirst());
    return row && toAccount(row);
  }

  /** @param email in any letters */
  async byEmail(email: string): Promise<Account | undefined> {
    return (await this.credentials(email))?.account;
  }

  /**
   * Adds an account with a password for one sign-in, which is not kept and cannot be shown again.
   *
   * @throws {ServiceError} `conflict` when there is one with that e-mail
   */
  async add(
    account: NewAccount,
    id: string = newId(),
  ): Promise<{ readonly account: Account; readonly oneTimePassword: string }> {
    const oneTimePassword = newOneTimePassword();
    const password = await hashPassword(oneTimePassword);
    return { account: await this.#insert(account, { id, password, is_one_time: true }), oneTimePassword };
  }

  /** Adds an account of somebody who signs in at another service. @throws {ServiceError} `conflict` */
  async addElsewhere(
    account: NewAccount,
    { issuer, subject }: Elsewhere,
    id: string = newId(),
  ): Promise<Account> {
    return await this.#insert(account, { id, oidc_issuer: issuer, oidc_subject: subject });
  }

  async #insert(
    { organisationId, email, name, roles }: NewAccount,
    proof: Pick<Insertable<AccountTable>, 'id' | 'password' | 'is_one_time' | 'oidc_issuer' | 'oidc_subject'>,
  ): Promise<Account> {
    const values = { organisation_id: organisationId, email: email.toLowerCase(), name, roles: [...roles] };
    const row = await this.#database.run((db) =>
      db
        .insertInto('account')
        .values({ ...values, ...proof })
        .onConflict((existing) => existing.column('email').doNothing())
        .returningAll()
        .executeTakeFirst(),
    );
    if (row === undefined)
      throw new ServiceError('conflict', `there is an account for ${email} already; choose another e-mail`);
    return toAccount(row);
  }

  /** An account and what is kept of its password, by e-mail. @returns undefined when there is none */
  async credentials(email: string): Promise<{ account: Account; password: string | null } | undefined> {
    const row = await this.#database.run((db) =>
      db.selectFrom('account').selectAll().where('email', '=', email.toLowerCase()).executeTakeFirst(),
    );
    return row && { account: toAccount(row), password: row.password };
  }

  /** Sets a password that its owner chose. @throws {ServiceError} `invalid` when it is too easy to guess */
  async choosePassword({ id, email }: Pick<Account, 'id' | 'email'>, password: string): Promise<void> {
    checkNewPassword(password, { email });
    await this.#setPassword(id, { password: await hashPassword(password), is_one_time: false });
  }

  /** Replaces the password by one for one sign-in, which is not kept. */
  async resetPassword(id: string): Promise<string> {
    const oneTimePassword = newOneTimePassword();
    await this.#setPassword(id, { password: await hashPassword(oneTimePassword), is_one_time: true });
    return oneTimePassword;
  }

  async #setPassword(id: string, set: { password: string; is_one_time: boolean }): Promise<void> {
    await this.#database.run((db) => db.updateTable('account').set(set).where('id', '=', id).execute());
  }

  /**
   * Changes an account, and ends its sessions when its rights change.
   *
   * @throws {ServiceError} `not-found`; `conflict` when its organisation would be left without an administrator
   */
  async change(id: string, { name, roles, isDisabled }: AccountChange): Promise<Account> {
    return await this.#database.transaction(async (db) => {
      const before = await accountRow(db, id).forUpdate().executeTakeFirst();
      if (before === undefined) throw new ServiceError('not-found', `no account ${id}`);
      const set = {
        ...(name !== undefined && { name }),
        ...(roles !== undefined && { roles: [...roles] }),
        ...(isDisabled !== undefined && {
          disabled_at: isDisabled ? (before.disabled_at ?? new Date()) : null,
        }),
      };
      if (Object.keys(set).length === 0) return toAccount(before);
      const after = await db
        .updateTable('account')
        .set(set)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      if (isAdministrator(before) && !isAdministrator(after)) await checkAdministrators(db, before);
      if (roles !== undefined || isDisabled === true)
        await db.deleteFrom('session').where('account_id', '=', id).execute();
      return toAccount(after);
    });
  }
}

/** The row of an account. */
function accountRow(db: Kysely<Schema>, id: string) {
  return db.selectFrom('account').selectAll().where('id', '=', id);
}

type AccountRow = Selectable<AccountTable>;

function isAdministrator({ roles, disabled_at: disabledAt }: AccountRow): boolean {
  return disabledAt === null && roles.includes('administrator');
}

/** @throws {ServiceError} `conflict` when an organisation has no administrator any more */
async function checkAdministrators(
  db: Kysely<Schema>,
  { organisation_id: organisation }: AccountRow,
): Promise<void> {
  // Two who take the role from each other at the same time wait for one another here.
  await db.selectFrom('organisation').select('id').where('id', '=', organisation).forUpdate().execute();
  const left = await db
    .selectFrom('account')
    .selectAll()
    .where('organisation_id', '=', organisation)
    .execute();
  if (!left.some(isAdministrator))
    throw new ServiceError(
      'conflict',
      'this is the last administrator of the organisation; make somebody else administrator first',
    );
}

/** A row as an account. */
export function toAccount(row: AccountRow): Account {
  const { id, organisation_id: organisationId, email, name, roles } = row;
  return {
    id,
    organisationId,
    email,
    name,
    roles,
    hasPassword: row.password !== null,
    isOneTime: row.is_one_time,
    hasSecondFactor: row.totp_secret !== null,
    isDisabled: row.disabled_at !== null,
    addedAt: row.added_at.toISOString(),
  };
}
