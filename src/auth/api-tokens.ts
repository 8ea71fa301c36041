import type { Selectable } from 'kysely';
import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { ApiTokenTable } from '../db/account-schema.ts';
import type { Database } from '../db/database.ts';
import type { Scope } from './principal.ts';
import { hashOf, newSecret, type Clock } from './secrets.ts';
import { seenEveryMs, type Proven } from './sessions.ts';

/** With what every API token begins, so that it is known when it is found where it should not be. */
export const apiTokenPrefix = 'tp_';

/** Tokens one account may have at a time. */
export const maxTokens = 50;

/** A token as its owner sees it: never the token itself. */
export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** ISO 8601, UTC; as are the others. */
  readonly addedAt: string;
  readonly expiresAt: string;
  /** To the minute; absent when it never was. */
  readonly usedAt?: string;
}

/** What programs show instead of a session. */
export class ApiTokens {
  readonly #database: Database;
  readonly #now: Clock;

  constructor(database: Database, now: Clock) {
    this.#database = database;
    this.#now = now;
  }

  /** The tokens of an account that have not expired, newest first. */
  async list(accountId: string): Promise<readonly ApiToken[]> {
    const rows = await this.#database.run((db) =>
      db
        .selectFrom('api_token')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('expires_at', '>', new Date(this.#now()))
        .orderBy('added_at', 'desc')
        .orderBy('id')
        .execute(),
    );
    return rows.map(toToken);
  }

  /** Adds a token. @returns it with the secret, which cannot be shown again @throws {ServiceError} `too-large` */
  async add(
    accountId: string,
    {
      name,
      scopes,
      days,
    }: { readonly name: string; readonly scopes: readonly Scope[]; readonly days: number },
  ): Promise<{ readonly id: string; readonly token: string }> {
    if ((await this.list(accountId)).length >= maxTokens)
      throw new ServiceError('too-large', `an account has at most ${maxTokens} API tokens; delete one first`);
    const [id, token, now] = [newId(), apiTokenPrefix + newSecret(), this.#now()];
    const times = { added_at: new Date(now), expires_at: new Date(now + days * 86_400_000) };
    const values = {
      id,
      account_id: accountId,
      name,
      hash: hashOf(token),
      scopes: [...new Set(scopes)],
      ...times,
    };
    await this.#database.run((db) => db.insertInto('api_token').values(values).execute());
    return { id, token };
  }

  /** Deletes a token of an account. @returns whether there was one */
  async remove(accountId: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.run((db) =>
      db.deleteFrom('api_token').where('account_id', '=', accountId).where('id', '=', id).executeTakeFirst(),
    );
    return numDeletedRows > 0n;
  }

  /** Whose token it is, when it has not expired and the account may be used; notes to the minute that it was used. */
  async find(token: string): Promise<Proven | undefined> {
    const now = new Date(this.#now());
    const row = await this.#database.run((db) =>
      db
        .selectFrom('api_token')
        .innerJoin('account', 'account.id', 'api_token.account_id')
        .where('hash', '=', hashOf(token))
        .where('expires_at', '>', now)
        .where('disabled_at', 'is', null)
        .select(['api_token.id', 'account_id', 'organisation_id', 'account.name', 'roles', 'scopes'])
        .select(['expires_at', 'used_at'])
        .executeTakeFirst(),
    );
    if (row === undefined) return undefined;
    const isDue = row.used_at === null || now.getTime() - row.used_at.getTime() >= seenEveryMs;
    if (isDue)
      await this.#database.run((db) =>
        db.updateTable('api_token').set({ used_at: now }).where('id', '=', row.id).execute(),
      );
    const { account_id: accountId, organisation_id: organisationId, name, roles, scopes } = row;
    return {
      person: { kind: 'person', accountId, organisationId, name, roles, scopes, tokenId: row.id },
      seenAt: now.getTime(),
      expiresAt: row.expires_at.getTime(),
    };
  }
}

function toToken(row: Selectable<ApiTokenTable>): ApiToken {
  const { id, name, scopes, added_at: addedAt, expires_at: expiresAt, used_at: usedAt } = row;
  return {
    id,
    name,
    scopes,
    addedAt: addedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    ...(usedAt !== null && { usedAt: usedAt.toISOString() }),
  };
}
