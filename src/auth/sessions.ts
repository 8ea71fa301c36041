import type { Database } from '../db/database.ts';
import type { Person } from './principal.ts';
import { hashOf, newSecret, type Clock } from './secrets.ts';

/** How long a session lasts. */
export interface SessionLimits {
  /** Without a request, ms. */
  readonly idleMs: number;
  /** Altogether, ms. */
  readonly absoluteMs: number;
}

/** How somebody signed in. */
export type Way = 'password' | 'demo' | 'oidc';

/** Who a proof belongs to, as of when it was looked up. */
export interface Proven {
  readonly person: Person;
  /** When it was used last, as far as is written down, to the minute. Unix time, ms. */
  readonly seenAt: number;
  /** When it ends whatever happens. Unix time, ms. */
  readonly expiresAt: number;
}

/** Use is written down no more often than this, ms. A session can end so much earlier than its idle limit says. */
export const seenEveryMs = 60_000;

/** Who has signed in with a browser. The cookie's value is the key; only its hash is kept. */
export class Sessions {
  readonly #database: Database;
  readonly #limits: SessionLimits;
  readonly #now: Clock;

  constructor(database: Database, limits: SessionLimits, now: Clock) {
    this.#database = database;
    this.#limits = limits;
    this.#now = now;
  }

  /** Starts a session, and clears away those of everyone that have ended. @returns what the cookie is to hold */
  async start(accountId: string, way: Way): Promise<string> {
    const token = newSecret();
    const now = this.#now();
    const row = { started_at: new Date(now), seen_at: new Date(now) };
    const expires = new Date(now + this.#limits.absoluteMs);
    await this.#database.run(async (db) => {
      await db
        .deleteFrom('session')
        .where((is) =>
          is.or([is('expires_at', '<=', new Date(now)), is('seen_at', '<=', this.#idleSince(now))]),
        )
        .execute();
      await db
        .insertInto('session')
        .values({ hash: hashOf(token), account_id: accountId, way, ...row, expires_at: expires })
        .execute();
    });
    return token;
  }

  /**
   * Whose session it is, when it lasts still and the account may be used.
   *
   * @param counts whether this is its owner at work, and not a page that asks by itself
   */
  async find(token: string, counts: boolean): Promise<Proven | undefined> {
    const hash = hashOf(token);
    const now = this.#now();
    const row = await this.#database.run((db) =>
      db
        .selectFrom('session')
        .innerJoin('account', 'account.id', 'session.account_id')
        .where('hash', '=', hash)
        .where('expires_at', '>', new Date(now))
        .where('seen_at', '>', this.#idleSince(now))
        .where('disabled_at', 'is', null)
        .select([
          'account.id',
          'organisation_id',
          'name',
          'roles',
          'is_one_time',
          'way',
          'seen_at',
          'expires_at',
        ])
        .executeTakeFirst(),
    );
    if (row === undefined) return undefined;
    const isDue = counts && now - row.seen_at.getTime() >= seenEveryMs;
    if (isDue) await this.#see(hash, now);
    const { id: accountId, organisation_id: organisationId, name, roles } = row;
    const mustChange = row.is_one_time && row.way === 'password';
    return {
      person: {
        kind: 'person',
        accountId,
        organisationId,
        name,
        roles,
        ...(mustChange && { mustChangePassword: true }),
      },
      seenAt: isDue ? now : row.seen_at.getTime(),
      expiresAt: row.expires_at.getTime(),
    };
  }

  async #see(hash: string, now: number): Promise<void> {
    await this.#database.run((db) =>
      db
        .updateTable('session')
        .set({ seen_at: new Date(now) })
        .where('hash', '=', hash)
        .execute(),
    );
  }

  /** Since when a session lasts, Unix time, ms; undefined when it does not. */
  async startedAt(token: string): Promise<number | undefined> {
    const row = await this.#database.run((db) =>
      db.selectFrom('session').select('started_at').where('hash', '=', hashOf(token)).executeTakeFirst(),
    );
    return row?.started_at.getTime();
  }

  /** Ends one session. */
  async end(token: string): Promise<void> {
    await this.#database.run((db) => db.deleteFrom('session').where('hash', '=', hashOf(token)).execute());
  }

  /** Ends all sessions of an account, but for the one that is kept. */
  async endAll(accountId: string, keptToken?: string): Promise<void> {
    await this.#database.run((db) => {
      const all = db.deleteFrom('session').where('account_id', '=', accountId);
      return (keptToken === undefined ? all : all.where('hash', '!=', hashOf(keptToken))).execute();
    });
  }

  #idleSince(now: number): Date {
    return new Date(now - this.#limits.idleMs);
  }
}
