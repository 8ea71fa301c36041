import { sql, type Kysely } from 'kysely';
import { hashPassword } from '../auth/passwords.ts';
import { hashOf, newSecret } from '../auth/secrets.ts';
import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { Database } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import type { Author } from './author.ts';
import { noteEvent } from './case-events.ts';
import { lockedCase, type CaseListener } from './cases.ts';

/** The longest a link to a case can hold, days. */
export const maxGrantDays = 90;

/** Shortest passcode of a link, characters. */
export const minPasscodeLength = 6;

/** Somebody who is to be asked about a case. */
export type NewGrant = { readonly showsPatient: boolean; readonly mayAnswer: boolean } & (
  | {
      readonly kind: 'person';
      /** Of a colleague, or anybody with an account here. */ readonly email: string;
    }
  | { readonly kind: 'organisation'; /** Its name, letter by letter. */ readonly organisation: string }
  | {
      readonly kind: 'link';
      /** For whom it is. */
      readonly name: string;
      readonly email: string;
      /** Told by another way than the link. */
      readonly passcode?: string | undefined;
      /** 1–90. */
      readonly days: number;
      /** Whether the link is sent to them by e-mail, once the case is sent; default false. */
      readonly sendMail?: boolean | undefined;
    }
);

/** Somebody who was asked about a case. Times: ISO 8601, UTC. */
export interface CaseGrant {
  readonly id: string;
  readonly kind: 'person' | 'organisation' | 'link';
  readonly name: string;
  readonly email?: string;
  readonly showsPatient: boolean;
  readonly mayAnswer: boolean;
  readonly hasPasscode: boolean;
  /** Whether the link is sent by e-mail. */
  readonly isMailed: boolean;
  readonly addedAt: string;
  readonly expiresAt?: string;
  /** When it was withdrawn. */
  readonly revokedAt?: string;
  readonly usedAt?: string;
  readonly uses: number;
}

/** Who is asked about cases: colleagues, organisations, and whoever has a link. */
export class CaseGrants {
  readonly #database: Database;
  readonly #changed: CaseListener;

  constructor(database: Database, changed: CaseListener) {
    this.#database = database;
    this.#changed = changed;
  }

  /** Who was asked, oldest first; those who are not any more, too. */
  async list(caseId: string): Promise<readonly CaseGrant[]> {
    return await this.#database.run((db) => grantsOf(db, caseId));
  }

  /**
   * Asks somebody.
   *
   * @returns them, and for a link its secret, which is not kept and cannot be shown again
   * @throws {ServiceError} `not-found` when there is no such person or organisation; `conflict` when they were asked
   *   already, or the case is their own
   */
  async add(
    caseId: string,
    by: Author,
    wanted: NewGrant,
  ): Promise<{ readonly grant: CaseGrant; readonly secret?: string }> {
    const secret = wanted.kind === 'link' ? newSecret() : undefined;
    const passcode =
      wanted.kind === 'link' && wanted.passcode !== undefined ? await hashPassword(wanted.passcode) : null;
    const id = newId();
    const grant = await this.#database.transaction(async (db) => {
      const { organisationId, state } = await lockedCase(db, caseId);
      if (state === 'closed')
        throw new ServiceError('conflict', 'the case is closed: open it again before you ask somebody');
      const whom = await whomOf(db, wanted, { caseId, organisationId });
      await db
        .insertInto('case_grant')
        .values({
          id,
          case_id: caseId,
          ...whom,
          secret_hash: secret === undefined ? null : hashOf(secret),
          passcode,
          shows_patient: wanted.showsPatient,
          may_answer: wanted.mayAnswer,
          mails_link: wanted.kind === 'link' && wanted.sendMail === true,
          added_by: by.accountId ?? null,
          added_at: new Date(),
        })
        .execute();
      await noteEvent(db, caseId, by, { kind: 'asked', detail: { whom: whom.name, grant: id } });
      return grantIn(await grantsOf(db, caseId), id);
    });
    await this.#changed(caseId, 'asked');
    return { grant, ...(secret !== undefined && { secret }) };
  }

  /** Withdraws the question: whoever was asked sees nothing of the case any more. @throws {ServiceError} `not-found` */
  async revoke(caseId: string, grantId: string, by: Author): Promise<void> {
    await this.#database.transaction(async (db) => {
      const row = await db
        .updateTable('case_grant')
        .set({ revoked_at: new Date() })
        .where('id', '=', grantId)
        .where('case_id', '=', caseId)
        .where('revoked_at', 'is', null)
        .returning('name')
        .executeTakeFirst();
      if (row === undefined)
        throw new ServiceError('not-found', 'nobody of that kind is asked about the case');
      await db.deleteFrom('guest_session').where('grant_id', '=', grantId).execute();
      await noteEvent(db, caseId, by, { kind: 'ask-ended', detail: { whom: row.name, grant: grantId } });
    });
    await this.#changed(caseId, 'ask-ended');
  }
}

/** Who was asked, within a transaction. */
export async function grantsOf(db: Kysely<Schema>, caseId: string): Promise<readonly CaseGrant[]> {
  const rows = await db
    .selectFrom('case_grant')
    .selectAll()
    .where('case_id', '=', caseId)
    .orderBy('added_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    name: row.name,
    ...(row.email !== '' && { email: row.email }),
    showsPatient: row.shows_patient,
    mayAnswer: row.may_answer,
    hasPasscode: row.passcode !== null,
    isMailed: row.mails_link,
    addedAt: row.added_at.toISOString(),
    ...(row.expires_at !== null && { expiresAt: row.expires_at.toISOString() }),
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at.toISOString() }),
    ...(row.used_at !== null && { usedAt: row.used_at.toISOString() }),
    uses: row.uses,
  }));
}

/** Whether somebody is asked still. @param now Unix time, ms */
export function isOpen({ revokedAt, expiresAt }: CaseGrant, now: number = Date.now()): boolean {
  return revokedAt === undefined && (expiresAt === undefined || Date.parse(expiresAt) > now);
}

function grantIn(grants: readonly CaseGrant[], id: string): CaseGrant {
  const found = grants.find((grant) => grant.id === id);
  if (found === undefined) throw new Error(`hand-off ${id} was added and is not there`);
  return found;
}

interface Whom {
  readonly kind: CaseGrant['kind'];
  readonly account_id: string | null;
  readonly organisation_id: string | null;
  readonly name: string;
  readonly email: string;
  readonly expires_at: Date | null;
}

/** @throws {ServiceError} `not-found`, `conflict` */
async function whomOf(
  db: Kysely<Schema>,
  wanted: NewGrant,
  about: { readonly caseId: string; readonly organisationId: string },
): Promise<Whom> {
  if (wanted.kind === 'person') return await personOf(db, wanted.email, about.caseId);
  if (wanted.kind === 'organisation') return await organisationOf(db, wanted.organisation, about);
  const expires = new Date(Date.now() + wanted.days * 86_400_000);
  const { kind, name, email } = wanted;
  return { kind, account_id: null, organisation_id: null, name, email, expires_at: expires };
}

async function personOf(db: Kysely<Schema>, email: string, caseId: string): Promise<Whom> {
  const account = await db
    .selectFrom('account')
    .select(['id', 'name', 'email'])
    .where('email', '=', email.toLowerCase())
    .where('disabled_at', 'is', null)
    .where(sql<boolean>`'pathologist' = any(roles)`)
    .executeTakeFirst();
  if (account === undefined)
    throw new ServiceError(
      'not-found',
      `no pathologist with the e-mail ${email} has an account here; make a link for them`,
    );
  await checkNotAsked(db, caseId, 'account_id', account.id);
  return {
    kind: 'person',
    account_id: account.id,
    organisation_id: null,
    name: account.name,
    email: account.email,
    expires_at: null,
  };
}

async function organisationOf(
  db: Kysely<Schema>,
  name: string,
  { caseId, organisationId }: { readonly caseId: string; readonly organisationId: string },
): Promise<Whom> {
  const found = await db
    .selectFrom('organisation')
    .select(['id', 'name'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (found === undefined)
    throw new ServiceError(
      'not-found',
      `no organisation is called “${name}” here; ask it for its name, letter by letter`,
    );
  if (found.id === organisationId)
    throw new ServiceError(
      'conflict',
      `the case is ${found.name}’s own; choose a colleague, or another organisation`,
    );
  await checkNotAsked(db, caseId, 'organisation_id', found.id);
  return {
    kind: 'organisation',
    account_id: null,
    organisation_id: found.id,
    name: found.name,
    email: '',
    expires_at: null,
  };
}

async function checkNotAsked(
  db: Kysely<Schema>,
  caseId: string,
  column: 'account_id' | 'organisation_id',
  id: string,
): Promise<void> {
  const there = await db
    .selectFrom('case_grant')
    .select('id')
    .where('case_id', '=', caseId)
    .where(column, '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (there !== undefined) throw new ServiceError('conflict', 'they are asked about this case already');
}
