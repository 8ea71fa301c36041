import { sql } from 'kysely';
import { ServiceError } from '../core/errors.ts';
import type { Database } from '../db/database.ts';
import { hashOf, type Clock } from './secrets.ts';

/** Wrong tries before the next has to wait; from one address come many people. */
const freeTries = { account: 5, address: 30 } as const;
/** The wait doubles with each try, from one second to this, s. */
const longestWait = 900;
/** Without a try for so long, what went wrong is forgotten, ms. */
const memoryMs = 3_600_000;

/** An end of a wait that is always over. */
const never = new Date(0);

/** What is tried: an account, known by what was typed, from an address. */
export interface Try {
  readonly email: string;
  readonly address: string;
}

/**
 * Lets passwords be guessed a few times only: by account, and by address. Counted in PostgreSQL, so that it holds for
 * all processes together; and before a try is looked at, so that many at the same time gain nothing.
 */
export class Throttle {
  readonly #database: Database;
  readonly #now: Clock;

  constructor(database: Database, now: Clock) {
    this.#database = database;
    this.#now = now;
  }

  /** Counts a try as a wrong one. @throws {ServiceError} `throttled` when it comes too early */
  async take({ email, address }: Try): Promise<void> {
    await this.#takeOne(addressKey(address), freeTries.address);
    await this.#takeOne(accountKey(email), freeTries.account);
  }

  async #takeOne(key: string, free: number): Promise<void> {
    const now = this.#now();
    const [at, forgotten] = [new Date(now), new Date(now - memoryMs)];
    const counted = sql`case when tried.last_at < ${forgotten} then 1 else tried.failures + 1 end`;
    const seconds = sql`least(${longestWait}::float, power(2, least(${counted} - ${free} - 1, 20)))`;
    // Before the first wait nothing is compared with the time: clocks of two processes differ.
    const until = sql`case when ${counted} <= ${free} then ${never}
      else ${at}::timestamptz + make_interval(secs => ${seconds}) end`;
    const isTaken = await this.#database.run(async (db) => {
      const { rows } = await sql`
        insert into sign_in_throttle as tried (key, failures, blocked_until, last_at)
          values (${key}, 1, ${never}, ${at})
        on conflict (key) do update set failures = ${counted},
          blocked_until = ${until}, last_at = ${at}
        where tried.blocked_until <= ${at}
        returning key`.execute(db);
      return rows.length > 0;
    });
    if (!isTaken) throw await this.#tooEarly(key, now);
  }

  async #tooEarly(key: string, now: number): Promise<ServiceError> {
    const row = await this.#database.run((db) =>
      db.selectFrom('sign_in_throttle').select('blocked_until').where('key', '=', key).executeTakeFirst(),
    );
    const waitMs = (row?.blocked_until.getTime() ?? now) - now;
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
    return new ServiceError('throttled', `too many wrong tries; wait ${waitText(retryAfterSeconds)}`, {
      retryAfterSeconds,
    });
  }

  /** Takes back a try that was neither wrong nor wholly right. */
  async release({ email, address }: Try): Promise<void> {
    await this.#uncount(addressKey(address));
    await this.#uncount(accountKey(email));
  }

  /** Forgets the wrong tries of an account after a right one; of its address only this try. */
  async succeed({ email, address }: Try): Promise<void> {
    await this.#uncount(addressKey(address));
    await this.#database.run((db) =>
      db
        .deleteFrom('sign_in_throttle')
        .where((is) =>
          is.or([is('key', '=', accountKey(email)), is('last_at', '<', new Date(this.#now() - memoryMs))]),
        )
        .execute(),
    );
  }

  async #uncount(key: string): Promise<void> {
    await this.#database.run(async (db) => {
      await db.deleteFrom('sign_in_throttle').where('key', '=', key).where('failures', '<=', 1).execute();
      await db
        .updateTable('sign_in_throttle')
        .set({ failures: sql`failures - 1`, blocked_until: never })
        .where('key', '=', key)
        .execute();
    });
  }
}

/** Never what was typed itself: people type their password where the e-mail belongs. */
function accountKey(email: string): string {
  return `account:${hashOf(email.toLowerCase())}`;
}

function addressKey(address: string): string {
  return `address:${address}`;
}

/** A wait in words. */
function waitText(seconds: number): string {
  if (seconds === 1) return 'a second';
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
