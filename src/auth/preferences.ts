import { ServiceError } from '../core/errors.ts';
import type { Database } from '../db/database.ts';

/** Largest value of a preference, bytes of JSON. */
export const maxPreferenceBytes = 4096;

/** What somebody chose, and when. */
export interface Preference {
  readonly value: unknown;
  /** ISO 8601, UTC. */
  readonly changedAt: string;
}

/** How people like the page, by account and name. What a name stands for, and what values it takes, callers know. */
export class Preferences {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What an account chose under a name; undefined when it never did. */
  async get(accountId: string, name: string): Promise<Preference | undefined> {
    const row = await this.#database.run((db) =>
      db
        .selectFrom('preference')
        .select(['value', 'changed_at'])
        .where('account_id', '=', accountId)
        .where('name', '=', name)
        .executeTakeFirst(),
    );
    return row && { value: row.value, changedAt: row.changed_at.toISOString() };
  }

  /**
   * Keeps what an account chose, in place of what it chose before.
   *
   * @throws {ServiceError} `too-large`
   */
  async put(accountId: string, name: string, chosen: unknown): Promise<void> {
    const value = JSON.stringify(chosen);
    const bytes = Buffer.byteLength(value);
    if (bytes > maxPreferenceBytes)
      throw new ServiceError(
        'too-large',
        `the preference ${name} is ${bytes} bytes of JSON; at most ${maxPreferenceBytes} are kept`,
      );
    const row = { value, changed_at: new Date() };
    await this.#database.run((db) =>
      db
        .insertInto('preference')
        .values({ account_id: accountId, name, ...row })
        .onConflict((conflict) => conflict.columns(['account_id', 'name']).doUpdateSet(row))
        .execute(),
    );
  }
}
