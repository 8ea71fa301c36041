import type { Selectable } from 'kysely';
import type { MailTable } from '../../db/mail-schema.ts';
import { deliver } from './deliver.ts';
import { addressed, type EnvelopeParts } from './envelope.ts';
import { laboratoryOf } from './recipients.ts';
import { SendFailure, type Mailer } from './smtp.ts';

/** Pauses between tries, ms; the last is repeated. */
const pausesMs = [10_000, 60_000, 300_000, 900_000, 3_600_000] as const;
/** How long it is tried, ms. */
const patienceMs = 86_400_000;
/** Letters of one round. */
const batch = 50;

/** What sending stands on. */
export interface OutboxParts extends EnvelopeParts {
  readonly mailer: Mailer;
}

type MailRow = Selectable<MailTable>;

/**
 * Sends what is due in the outbox. What the mail server does not take is tried again after longer and longer pauses,
 * for a day; what it refuses for good is given up at once. Each letter is sent at least once; a process that is killed
 * between the server's yes and the row may send it twice, with the same Message-ID.
 *
 * @returns how many were sent
 */
export async function sendDue(parts: OutboxParts): Promise<number> {
  const due = await parts.database.run((db) =>
    db
      .selectFrom('mail')
      .selectAll()
      .where('sent_at', 'is', null)
      .where('given_up_at', 'is', null)
      .where('next_at', '<=', new Date(parts.now))
      .orderBy('next_at')
      .limit(batch)
      .execute(),
  );
  let sent = 0;
  for (const row of due) {
    const outcome = await trySending(parts, row);
    if (outcome === 'sent') sent += 1;
    // The mail server is away: it would be for the others, too.
    if (outcome === 'failed') break;
  }
  return sent;
}

async function trySending(
  parts: OutboxParts,
  row: MailRow,
): Promise<'sent' | 'not-wanted' | 'refused' | 'failed'> {
  const letter = await addressed(parts, row);
  if (letter === undefined) {
    await giveUp(parts, row, 'not wanted any more');
    return 'not-wanted';
  }
  try {
    await parts.mailer.send(letter);
  } catch (error) {
    if (!(error instanceof SendFailure)) throw error;
    return await note(parts, row, error);
  }
  await parts.database.run((db) =>
    db
      .updateTable('mail')
      .set({ sent_at: new Date(parts.now), tries: row.tries + 1 })
      .where('id', '=', row.id)
      .execute(),
  );
  return 'sent';
}

/** Notes that a try failed. */
async function note(
  parts: OutboxParts,
  row: MailRow,
  { message: reason, isFinal }: SendFailure,
): Promise<'refused' | 'failed'> {
  const { now } = parts;
  if (isFinal || now - row.queued_at.getTime() >= patienceMs) {
    await giveUp(parts, row, reason);
    await tellUndelivered(parts, row);
    return isFinal ? 'refused' : 'failed';
  }
  const pause = pausesMs[Math.min(row.tries, pausesMs.length - 1)] ?? patienceMs;
  await parts.database.run((db) =>
    db
      .updateTable('mail')
      .set({ tries: row.tries + 1, next_at: new Date(now + pause), reason })
      .where('id', '=', row.id)
      .execute(),
  );
  return 'failed';
}

async function giveUp({ database, now }: OutboxParts, { id, tries }: MailRow, reason: string): Promise<void> {
  await database.run((db) =>
    db
      .updateTable('mail')
      .set({ given_up_at: new Date(now), tries: tries + 1, reason })
      .where('id', '=', id)
      .execute(),
  );
}

/** An invitation that did not arrive is the laboratory's concern: it has the link, and can tell it another way. */
async function tellUndelivered({ database, now }: OutboxParts, row: MailRow): Promise<void> {
  const { grant_id: grantId, case_id: caseId, kind } = row;
  if (grantId === null || kind !== 'asked') return;
  await database.transaction(async (db) => {
    const { name } = await db
      .selectFrom('case_grant')
      .select('name')
      .where('id', '=', grantId)
      .executeTakeFirstOrThrow();
    const to = await laboratoryOf(db, caseId);
    const news = {
      kind: 'undelivered',
      caseId,
      name,
      at: new Date(now),
      once: `undelivered:${row.id}`,
      to,
    } as const;
    await deliver(db, news, { sendsMail: false, now });
  });
}
