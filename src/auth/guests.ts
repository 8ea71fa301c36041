import { LRUCache } from 'lru-cache';
import { sql, type Kysely } from 'kysely';
import { ServiceError } from '../core/errors.ts';
import type { Database } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import { isPassword } from './passwords.ts';
import type { Guest } from './principal.ts';
import { hashOf, newSecret, type Clock } from './secrets.ts';
import { seenEveryMs, type SessionLimits } from './sessions.ts';
import type { Throttle } from './throttle.ts';

/** Name of the cookie that holds a guest's session. */
export const guestCookie = 'telepath_guest';

/** How long a process goes by what it looked up of a guest, ms; a notice makes all processes forget at once. */
const freshMs = 3000;

/** What guests stand on. */
export interface GuestParts {
  readonly database: Database;
  readonly limits: SessionLimits;
  readonly throttle: Throttle;
  readonly now: Clock;
}

/** What somebody shows who comes by a link to a case. */
export interface Invitation {
  /** What stands in the link behind `#`. */
  readonly secret: string;
  readonly passcode?: string | undefined;
  /** Who they say they are. */
  readonly name: string;
  /** Network address, so that passcodes cannot be guessed. */
  readonly address: string;
}

interface Entry {
  readonly guest: Guest;
  readonly lookedUpAt: number;
}

/** Sessions of people without an account, each begun with the link to one case. The cookie's value is only kept as a hash. */
export class Guests {
  readonly #parts: GuestParts;
  readonly #entries = new LRUCache<string, Entry>({ max: 10_000 });
  /** Counts what was forgotten, so that what was looked up before is not kept after. */
  #generation = 0;

  constructor(parts: GuestParts) {
    this.#parts = parts;
  }

  /**
   * Lets in whoever has the link, and the passcode where there is one.
   *
   * @returns the guest, and what the cookie is to hold
   * @throws {ServiceError} `not-found` when the link holds no more; `unauthenticated` when a passcode is missing or wrong;
   *   `throttled`
   */
  async enter({ secret, passcode, name, address }: Invitation): Promise<{ guest: Guest; token: string }> {
    const grant = await this.#grantOf(secret);
    if (grant === undefined)
      throw new ServiceError('not-found', 'this link does not work any more; ask who sent it for a new one');
    await this.#checkPasscode(grant, passcode, address);
    const token = newSecret();
    const now = this.#parts.now();
    const ends = Math.min(now + this.#parts.limits.absoluteMs, grant.expires_at.getTime());
    await this.#parts.database.transaction(async (db) => {
      await db.deleteFrom('guest_session').where('expires_at', '<=', new Date(now)).execute();
      await db
        .insertInto('guest_session')
        .values({
          hash: hashOf(token),
          grant_id: grant.id,
          name,
          started_at: new Date(now),
          seen_at: new Date(now),
          expires_at: new Date(ends),
        })
        .execute();
      await db
        .updateTable('case_grant')
        .set({ used_at: new Date(now), uses: sql`uses + 1` })
        .where('id', '=', grant.id)
        .execute();
    });
    const guest = await this.find(token);
    if (guest === undefined) throw new ServiceError('not-found', 'this link was withdrawn just now');
    return { guest, token };
  }

  /**
   * Whether somebody is who came by the link, before they sign: the passcode once more, or the link where it has none.
   *
   * @throws {ServiceError} `throttled`
   */
  async isProven({ grantId }: Guest, proof: string, address: string): Promise<boolean> {
    const grant = await this.#parts.database.run((db) =>
      db
        .selectFrom('case_grant')
        .select(['id', 'passcode'])
        .where('id', '=', grantId)
        .where('revoked_at', 'is', null)
        .executeTakeFirst(),
    );
    if (grant === undefined) return false;
    const attempt = { email: `grant:${grant.id}`, address };
    await this.#parts.throttle.take(attempt);
    const secret = /#?([A-Za-z0-9_-]{43})$/.exec(proof.trim())?.[1] ?? '';
    const isRight =
      grant.passcode === null
        ? (await this.#grantOf(secret))?.id === grant.id
        : await isPassword(proof, grant.passcode);
    if (isRight) await this.#parts.throttle.succeed(attempt);
    return isRight;
  }

  /** Whether a link holds, and whether it asks for a passcode; undefined when it does not hold. */
  async looksFor(
    secret: string,
  ): Promise<{ readonly needsPasscode: boolean; readonly name: string } | undefined> {
    const grant = await this.#grantOf(secret);
    return grant && { needsPasscode: grant.passcode !== null, name: grant.name };
  }

  /** Whose session it is, if that is known for now. */
  known(token: string): Guest | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    const now = this.#parts.now();
    const ageMs = now - entry.lookedUpAt;
    return ageMs >= 0 && ageMs < freshMs && now < entry.guest.expiresAt ? entry.guest : undefined;
  }

  /** Whose session it is, as long as it lasts and its link holds. @param counts whether this is somebody at work */
  async find(token: string, counts = false): Promise<Guest | undefined> {
    const generation = this.#generation;
    const now = this.#parts.now();
    const row = await this.#row(token, now);
    if (row === undefined) {
      this.#entries.delete(token);
      return undefined;
    }
    if (counts && now - row.seen_at.getTime() >= seenEveryMs) await this.#see(token, now);
    const guest: Guest = {
      kind: 'guest',
      caseId: row.case_id,
      grantId: row.grant_id,
      name: row.name,
      mayAnswer: row.may_answer,
      seesPatient: row.shows_patient,
      hasPasscode: row.passcode !== null,
      expiresAt: Math.min(row.session_ends.getTime(), row.link_ends?.getTime() ?? Infinity),
    };
    if (generation === this.#generation) this.#entries.set(token, { guest, lookedUpAt: now });
    return guest;
  }

  /** The organisation whose case a guest has come to. */
  async laboratoryOf({ caseId }: Guest): Promise<string | undefined> {
    const row = await this.#parts.database.run((db) =>
      db.selectFrom('clinical_case').select('organisation_id').where('id', '=', caseId).executeTakeFirst(),
    );
    return row?.organisation_id;
  }

  /** Ends a session. */
  async leave(token: string): Promise<void> {
    await this.#parts.database.run((db) =>
      db.deleteFrom('guest_session').where('hash', '=', hashOf(token)).execute(),
    );
    this.forget();
  }

  /** Forgets all that was looked up, when a link was withdrawn: this process goes by it at once. */
  forget(): void {
    this.#generation += 1;
    this.#entries.clear();
  }

  async #row(token: string, now: number) {
    return await this.#parts.database.run((db) =>
      db
        .selectFrom('guest_session')
        .innerJoin('case_grant', 'case_grant.id', 'guest_session.grant_id')
        .where('hash', '=', hashOf(token))
        .where('guest_session.expires_at', '>', new Date(now))
        .where('guest_session.seen_at', '>', new Date(now - this.#parts.limits.idleMs))
        .where('case_grant.expires_at', '>', new Date(now))
        .where('revoked_at', 'is', null)
        .where('case_id', 'in', sentCases(db))
        .select([
          'grant_id',
          'case_id',
          'guest_session.name as name',
          'guest_session.expires_at as session_ends',
          'case_grant.expires_at as link_ends',
          'may_answer',
          'shows_patient',
          'passcode',
          'seen_at',
        ])
        .executeTakeFirst(),
    );
  }

  async #see(token: string, now: number): Promise<void> {
    await this.#parts.database.run((db) =>
      db
        .updateTable('guest_session')
        .set({ seen_at: new Date(now) })
        .where('hash', '=', hashOf(token))
        .execute(),
    );
  }

  async #grantOf(secret: string) {
    const found = await this.#parts.database.run((db) =>
      db
        .selectFrom('case_grant')
        .select(['id', 'passcode', 'expires_at', 'name'])
        .where((is) =>
          is.or([is('secret_hash', '=', hashOf(secret)), is('id', 'in', mailedWith(db, secret))]),
        )
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', new Date(this.#parts.now()))
        .where('case_id', 'in', sentCases(db))
        .executeTakeFirst(),
    );
    // The table's own checks see to it that a link ends.
    return found?.expires_at == null ? undefined : { ...found, expires_at: found.expires_at };
  }

  async #checkPasscode(
    grant: { readonly id: string; readonly passcode: string | null },
    passcode: string | undefined,
    address: string,
  ): Promise<void> {
    if (grant.passcode === null) return;
    if (passcode === undefined)
      throw new ServiceError('unauthenticated', 'this link asks for the passcode that came with it');
    const attempt = { email: `grant:${grant.id}`, address };
    await this.#parts.throttle.take(attempt);
    if (!(await isPassword(passcode, grant.passcode)))
      throw new ServiceError('unauthenticated', 'the passcode is wrong');
    await this.#parts.throttle.succeed(attempt);
  }
}

/** Links that were sent by e-mail have further secrets, one for each letter. */
function mailedWith(db: Kysely<Schema>, secret: string) {
  return db.selectFrom('case_grant_secret').select('grant_id').where('hash', '=', hashOf(secret));
}

/** Cases that were sent: a draft, and one that was taken back, is nobody's but the laboratory's. */
function sentCases(db: Kysely<Schema>) {
  return db.selectFrom('clinical_case').select('clinical_case.id').where('state', '<>', 'draft');
}
