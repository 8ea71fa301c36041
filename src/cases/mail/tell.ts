import type { Kysely, Selectable } from 'kysely';
import type { CaseEventTable, CaseMessageTable } from '../../db/case-schema.ts';
import type { Database } from '../../db/database.ts';
import type { Schema } from '../../db/schema.ts';
import { deliver, type Delivery } from './deliver.ts';
import type { News, NewsKind, Recipient } from './news.ts';
import { askedBy, consultantsOf, laboratoryOf, together, without } from './recipients.ts';

/** What is older is no news: cases that were imported, or rows of a database that stood still, ms. */
const newsMs = 2 * 86_400_000;
/** Events told of in one transaction. */
const batch = 100;

type EventRow = Selectable<CaseEventTable>;
type MessageRow = Selectable<CaseMessageTable>;

/**
 * Tells of all that happened to cases and was not told yet.
 *
 * A row is marked in the transaction in which its news are delivered, so each is told once, whatever is cut off, and
 * in whatever order transactions end.
 *
 * @returns how many rows were looked at
 */
export async function tellNews(database: Database, delivery: Delivery): Promise<number> {
  let count = 0;
  for (;;) {
    const done = await database.transaction(async (db) => await tellSome(db, delivery));
    count += done;
    if (done === 0) return count;
  }
}

async function tellSome(db: Kysely<Schema>, delivery: Delivery): Promise<number> {
  const told = { told_at: new Date(delivery.now) };
  const [events, messages] = [await untoldEvents(db), await untoldMessages(db)];
  for (const event of events) {
    const news = isFresh(event, delivery) ? await newsOf(db, event) : undefined;
    if (news !== undefined) await deliver(db, news, delivery);
    await db.updateTable('case_event').set(told).where('id', '=', event.id).execute();
  }
  for (const message of messages) {
    if (isFresh(message, delivery)) await deliver(db, await messageNews(db, message), delivery);
    await db.updateTable('case_message').set(told).where('id', '=', message.id).execute();
  }
  return events.length + messages.length;
}

async function untoldEvents(db: Kysely<Schema>): Promise<readonly EventRow[]> {
  return await db
    .selectFrom('case_event')
    .selectAll()
    .where('told_at', 'is', null)
    .orderBy('at')
    .limit(batch)
    .forUpdate()
    .skipLocked()
    .execute();
}

async function untoldMessages(db: Kysely<Schema>): Promise<readonly MessageRow[]> {
  return await db
    .selectFrom('case_message')
    .selectAll()
    .where('told_at', 'is', null)
    .orderBy('at')
    .limit(batch)
    .forUpdate()
    .skipLocked()
    .execute();
}

function isFresh({ at }: { readonly at: Date }, { now }: Delivery): boolean {
  return now - at.getTime() < newsMs;
}

async function messageNews(db: Kysely<Schema>, message: MessageRow): Promise<News> {
  const { id, case_id: caseId, author_name: name, at } = message;
  const { state } = await standing(db, caseId);
  const asked = state === 'draft' ? [] : await consultantsOf(db, caseId, 'involved');
  const to = without(together(await laboratoryOf(db, caseId), asked), message);
  return { kind: 'message', caseId, name, at, once: `message:${id}`, to };
}

/** Events that one side causes and the other is told of. */
const toLaboratory: Readonly<Record<string, NewsKind>> = {
  answered: 'answered',
  amended: 'amended',
  'given-back': 'given-back',
};
const toConsultants: Readonly<Record<string, NewsKind>> = {
  'asked-again': 'asked-again',
  closed: 'closed',
  recalled: 'withdrawn',
};

/** What an event makes news of; undefined for most. */
async function newsOf(db: Kysely<Schema>, event: EventRow): Promise<News | undefined> {
  const { id, case_id: caseId, author_name: name, at, kind } = event;
  const told = (news: NewsKind, to: readonly Recipient[], once = `event:${id}`): News => ({
    kind: news,
    caseId,
    name,
    at,
    once,
    to: without(to, event),
  });
  const lab = toLaboratory[kind];
  if (lab !== undefined) return told(lab, await laboratoryOf(db, caseId));
  const consultants = toConsultants[kind];
  if (consultants !== undefined)
    return told(consultants, await consultantsOf(db, caseId, kind === 'recalled' ? 'all' : 'involved'));
  const { state, sentAt } = await standing(db, caseId);
  // Nobody knows of a draft; who was asked meanwhile is told once it is sent.
  if (state === 'draft') return undefined;
  const once = `asked:${sentAt?.getTime() ?? 0}`;
  if (kind === 'sent') return told('asked', await consultantsOf(db, caseId, 'all'), once);
  const grantId = grantIn(event);
  if (grantId === undefined) return undefined;
  const those = await askedBy(db, caseId, grantId);
  return kind === 'asked' ? told('asked', those, once) : told('withdrawn', those);
}

/** The hand-off that an event is about. */
function grantIn({ kind, detail }: EventRow): string | undefined {
  if (kind !== 'asked' && kind !== 'ask-ended') return undefined;
  if (typeof detail !== 'object' || detail === null || !('grant' in detail)) return undefined;
  return typeof detail.grant === 'string' ? detail.grant : undefined;
}

async function standing(db: Kysely<Schema>, caseId: string) {
  const { state, sent_at: sentAt } = await db
    .selectFrom('clinical_case')
    .select(['state', 'sent_at'])
    .where('id', '=', caseId)
    .executeTakeFirstOrThrow();
  return { state, sentAt };
}
