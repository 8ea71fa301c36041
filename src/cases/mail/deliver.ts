import { sql, type Kysely } from 'kysely';
import type { Schema } from '../../db/schema.ts';
import { mailPreference, newsGroups, type News, type Recipient } from './news.ts';

/** How long messages are gathered before an e-mail says that there are some, ms: a talk is one e-mail, not twenty. */
export const gatherMs = 60_000;

/** How news reach people. */
export interface Delivery {
  /** Whether e-mail is sent at all. */
  readonly sendsMail: boolean;
  /** Unix time, ms. */
  readonly now: number;
}

/** Tells people in the page, and puts e-mails for them into the outbox, in the caller's transaction. */
export async function deliver(db: Kysely<Schema>, news: News, { sendsMail, now }: Delivery): Promise<void> {
  const { kind, caseId, name, at, once, to } = news;
  const rows = to.flatMap(({ accountId }) =>
    accountId === undefined
      ? []
      : [{ account_id: accountId, case_id: caseId, kind, name: name.slice(0, 200), at, once }],
  );
  if (rows.length > 0)
    await db
      .insertInto('notification')
      .values(rows)
      .onConflict((there) => there.doNothing())
      .execute();
  if (!sendsMail) return;
  for (const one of to) if (await wantsMail(db, one, news)) await queue(db, one, news, now);
}

async function queue(
  db: Kysely<Schema>,
  { accountId, grantId }: Recipient,
  { kind, caseId, name, once }: News,
  now: number,
): Promise<void> {
  await db
    .insertInto('mail')
    .values({
      account_id: accountId ?? null,
      grant_id: grantId ?? null,
      case_id: caseId,
      kind,
      name: name.slice(0, 200),
      once,
      queued_at: new Date(now),
      next_at: new Date(kind === 'message' ? now + gatherMs : now),
    })
    .onConflict((there) => there.doNothing())
    .execute();
}

/** Whether somebody wants it by e-mail, and does not get one already that says the same. */
async function wantsMail(
  db: Kysely<Schema>,
  { accountId, grantId }: Recipient,
  { kind, caseId }: News,
): Promise<boolean> {
  // What could not be sent is not told by another e-mail.
  if (kind === 'undelivered') return false;
  const { rows } = await sql<{ refuses: boolean; waits: boolean }>`
    select
      exists (select from preference where account_id = ${accountId ?? null} and name = ${mailPreference}
        and value -> ${newsGroups[kind]} = 'false'::jsonb) as refuses,
      exists (select from mail where sent_at is null and given_up_at is null and kind = 'message'
        and case_id = ${caseId} and coalesce(account_id, grant_id) = ${accountId ?? grantId ?? null}) as waits`.execute(
    db,
  );
  const [found] = rows;
  return found?.refuses === false && !(kind === 'message' && found.waits);
}
