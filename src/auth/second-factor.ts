import { randomInt } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { ServiceError } from '../core/errors.ts';
import type { Database } from '../db/database.ts';
import type { Account } from './accounts.ts';
import { hashOf, type Clock } from './secrets.ts';

/** Recovery codes an account has at first. */
const recoveryCodes = 10;
/** One step is 30 s; a code of the step before or after is taken too, because clocks differ. */
const period = 30;
const window = 1;

/** What an authenticator app needs to know. */
export interface Enrolment {
  /** Base32. */
  readonly secret: string;
  /** `otpauth://…`, what the picture says. */
  readonly uri: string;
  /** The picture to take a photo of: SVG. */
  readonly qr: string;
}

/** Codes of an authenticator app (RFC 6238), and of paper for the day the phone is lost. */
export class SecondFactors {
  readonly #database: Database;
  readonly #now: Clock;

  constructor(database: Database, now: Clock) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Begins to set a second factor up; it counts only when {@link confirm} was given a code.
   *
   * @throws {ServiceError} `conflict` when there is one, or the account has no password
   */
  async begin({ id, email, hasSecondFactor, hasPassword }: Account): Promise<Enrolment> {
    if (hasSecondFactor)
      throw new ServiceError('conflict', 'this account has a second factor already; remove it first');
    if (!hasPassword)
      throw new ServiceError('conflict', 'this account signs in elsewhere; set a second factor up there');
    const secret = new Secret({ size: 20 });
    await this.#database.run((db) =>
      db.updateTable('account').set({ totp_pending: secret.base32 }).where('id', '=', id).execute(),
    );
    // Loaded when somebody asks for it: it is no part of a process's start.
    const { toString: toSvg } = await import('qrcode');
    const uri = new TOTP({ issuer: 'Telepath', label: email, secret, period }).toString();
    return { secret: secret.base32, uri, qr: await toSvg(uri, { type: 'svg', margin: 2 }) };
  }

  /**
   * Makes the second factor count, when a code proves that the app makes the right ones.
   *
   * @returns recovery codes, which are not kept and cannot be shown again
   * @throws {ServiceError} `conflict` when it was not begun, `unauthenticated` when the code is wrong
   */
  async confirm({ id }: Account, code: string): Promise<readonly string[]> {
    return await this.#database.transaction(async (db) => {
      const row = await db
        .selectFrom('account')
        .select(['totp_pending', 'totp_secret'])
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirstOrThrow();
      const { totp_pending: pending, totp_secret: existing } = row;
      if (pending === null || existing !== null)
        throw new ServiceError('conflict', 'no second factor is being set up; begin again');
      const step = this.#stepOf(pending, code);
      if (step === undefined)
        throw new ServiceError(
          'unauthenticated',
          'code: this is not the code the app shows; check its clock',
        );
      await db
        .updateTable('account')
        .set({ totp_secret: pending, totp_pending: null, totp_last_step: step })
        .where('id', '=', id)
        .execute();
      const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
      const rows = codes.map((one) => ({ account_id: id, hash: hashOf(one) }));
      await db.deleteFrom('recovery_code').where('account_id', '=', id).execute();
      await db.insertInto('recovery_code').values(rows).execute();
      return codes;
    });
  }

  /** Takes the second factor away. */
  async remove(id: string): Promise<void> {
    await this.#database.transaction(async (db) => {
      const none = { totp_secret: null, totp_pending: null, totp_last_step: null };
      await db.updateTable('account').set(none).where('id', '=', id).execute();
      await db.deleteFrom('recovery_code').where('account_id', '=', id).execute();
    });
  }

  /** Whether a code is right; each is taken once, whichever process is asked. */
  async isCode(id: string, code: string): Promise<boolean> {
    const text = code.replaceAll(/[\s-]/g, '').toLowerCase();
    return /^\d{6}$/.test(text) ? await this.#useTotp(id, text) : await this.#useRecovery(id, text);
  }

  async #useTotp(id: string, code: string): Promise<boolean> {
    const row = await this.#database.run((db) =>
      db.selectFrom('account').select('totp_secret').where('id', '=', id).executeTakeFirst(),
    );
    const secret = row?.totp_secret ?? undefined;
    const step = secret === undefined ? undefined : this.#stepOf(secret, code);
    if (step === undefined) return false;
    const { numUpdatedRows } = await this.#database.run((db) =>
      db
        .updateTable('account')
        .set({ totp_last_step: step })
        .where('id', '=', id)
        .where('totp_secret', '=', secret ?? null)
        .where((is) => is.or([is('totp_last_step', 'is', null), is('totp_last_step', '<', step)]))
        .executeTakeFirst(),
    );
    return numUpdatedRows > 0n;
  }

  async #useRecovery(id: string, code: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.run((db) =>
      db
        .deleteFrom('recovery_code')
        .where('account_id', '=', id)
        .where('hash', '=', hashOf(spelled(code)))
        .executeTakeFirst(),
    );
    return numDeletedRows > 0n;
  }

  /** The step that a code belongs to; undefined when it is wrong now. */
  #stepOf(secret: string, code: string): number | undefined {
    const timestamp = this.#now();
    const delta = TOTP.validate({
      token: code,
      secret: Secret.fromBase32(secret),
      period,
      timestamp,
      window,
    });
    return delta === null ? undefined : TOTP.counter({ period, timestamp }) + delta;
  }
}

const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Sixteen letters and digits in groups of four: 79 random bits, so that a plain hash of it may be kept. */
function newRecoveryCode(): string {
  return spelled(Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join(''));
}

/** A recovery code as it is shown and hashed. */
function spelled(letters: string): string {
  return letters.match(/.{1,4}/g)?.join('-') ?? '';
}
