import type { Selectable } from 'kysely';
import { hashOf, newSecret } from '../../auth/secrets.ts';
import type { Database } from '../../db/database.ts';
import type { MailTable } from '../../db/mail-schema.ts';
import { letterOf } from './letters.ts';
import { isNewsKind } from './news.ts';
import type { AddressedLetter } from './smtp.ts';

/** What letters are made of beside their rows. */
export interface EnvelopeParts {
  readonly database: Database;
  readonly publicUrl: string;
  /** Unix time, ms. */
  readonly now: number;
}

type MailRow = Selectable<MailTable>;

/**
 * The letter of a row of the outbox, as of now: whom it goes to is looked up when it is sent.
 *
 * Only the hash of a link's secret is kept anywhere. An invitation that holds the link therefore gets a secret of its
 * own, made here for this one try, which opens the same case as the one that the laboratory was shown: so a link waits
 * in no outbox, no backup and no log, and a draft can be asked about weeks before it is sent.
 *
 * @returns undefined when nobody is to get it any more
 */
export async function addressed(parts: EnvelopeParts, row: MailRow): Promise<AddressedLetter | undefined> {
  const { kind } = row;
  if (!isNewsKind(kind)) return undefined;
  const about = await caseOf(parts.database, row.case_id);
  const base = { kind, name: row.name, publicUrl: parts.publicUrl, ...about };
  const messageId = `<${row.id}.${row.case_id.slice(0, 12)}@${new URL(parts.publicUrl).hostname}>`;
  if (row.grant_id === null) {
    const account = await accountOf(parts.database, row.account_id ?? '');
    if (account === undefined) return undefined;
    const link = kind === 'withdrawn' ? undefined : `${parts.publicUrl}/case/${row.case_id}`;
    const letter = letterOf({ ...base, to: account.name, link });
    return { ...letter, messageId, to: { name: account.name, address: account.email } };
  }
  const grant = await grantOf(parts, row.grant_id, kind === 'withdrawn');
  if (grant === undefined) return undefined;
  const { name, email, expires_at: expiresAt, passcode } = grant;
  const link = kind === 'asked' && grant.mails_link ? await newLink(parts, row.grant_id) : undefined;
  const guest = { hasPasscode: passcode !== null, expiresAt };
  return { ...letterOf({ ...base, to: name, link, guest }), messageId, to: { name, address: email } };
}

async function newLink({ database, publicUrl, now }: EnvelopeParts, grantId: string): Promise<string> {
  const secret = newSecret();
  await database.run((db) =>
    db
      .insertInto('case_grant_secret')
      .values({ hash: hashOf(secret), grant_id: grantId, made_at: new Date(now) })
      .execute(),
  );
  return `${publicUrl}/consult#${secret}`;
}

async function caseOf(database: Database, id: string) {
  const row = await database.run((db) =>
    db
      .selectFrom('clinical_case')
      .innerJoin('organisation', 'organisation.id', 'clinical_case.organisation_id')
      .where('clinical_case.id', '=', id)
      .select(['organisation.name', 'is_urgent', 'due_on'])
      .executeTakeFirstOrThrow(),
  );
  return { laboratory: row.name, isUrgent: row.is_urgent, dueOn: row.due_on ?? undefined };
}

async function accountOf(database: Database, id: string) {
  return await database.run((db) =>
    db
      .selectFrom('account')
      .select(['name', 'email'])
      .where('id', '=', id)
      .where('disabled_at', 'is', null)
      .executeTakeFirst(),
  );
}

/** @param isOver whether it is told that the question was withdrawn */
async function grantOf({ database, now }: EnvelopeParts, id: string, isOver: boolean) {
  const found = await database.run((db) => {
    const one = db
      .selectFrom('case_grant')
      .select(['name', 'email', 'expires_at', 'passcode', 'mails_link'])
      .where('id', '=', id)
      .where('expires_at', '>', new Date(now));
    return (isOver ? one : one.where('revoked_at', 'is', null)).executeTakeFirst();
  });
  // The table's own checks see to it that a link ends.
  return found?.expires_at == null ? undefined : { ...found, expires_at: found.expires_at };
}
