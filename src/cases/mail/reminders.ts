import { sql, type Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import type { Schema } from '../../db/schema.ts';
import { deliver, type Delivery } from './deliver.ts';
import { consultantsOf, laboratoryOf, together } from './recipients.ts';

/** After how many days without a look the laboratory is told. */
const unopenedDays = 2;
/** On how many days people are told that an answer is overdue. */
const overdueDays = 3;
const dayMs = 86_400_000;

/** Reminds of answers that are due or overdue, and tells of cases that nobody has opened. Days are those of UTC. */
export async function remind(database: Database, delivery: Delivery): Promise<void> {
  await database.transaction(async (db) => {
    await remindOfDays(db, delivery);
    await tellUnopened(db, delivery);
  });
}

async function remindOfDays(db: Kysely<Schema>, delivery: Delivery): Promise<void> {
  const today = new Date(delivery.now).toISOString().slice(0, 10);
  const { rows } = await sql<{ id: string; due: string; late: number; organisation: string }>`
    select c.id, c.due_on as due, ${today}::date - c.due_on as late, o.name as organisation
    from clinical_case c join organisation o on o.id = c.organisation_id
    where c.state in ('sent', 'in-review') and c.due_on between ${today}::date - ${overdueDays}::int and ${today}::date + 1
      and c.due_on <> ${today}::date`.execute(db);
  for (const { id: caseId, due, late, organisation: name } of rows) {
    const consultants = await consultantsOf(db, caseId, 'involved');
    const news = { caseId, name, at: new Date(delivery.now) };
    if (late < 0) await deliver(db, { ...news, kind: 'due', once: `due:${due}`, to: consultants }, delivery);
    else {
      const to = together(consultants, await laboratoryOf(db, caseId));
      await deliver(db, { ...news, kind: 'overdue', once: `overdue:${due}:${late}`, to }, delivery);
    }
  }
}

async function tellUnopened(db: Kysely<Schema>, delivery: Delivery): Promise<void> {
  const before = new Date(delivery.now - unopenedDays * dayMs);
  const { rows } = await sql<{ id: string; case_id: string; name: string }>`
    select g.id, g.case_id, g.name
    from case_grant g join clinical_case c on c.id = g.case_id
    where c.state = 'sent' and g.may_answer and g.revoked_at is null
      and (g.expires_at is null or g.expires_at > ${new Date(delivery.now)})
      and greatest(g.added_at, c.sent_at) <= ${before} and g.used_at is null
      and not exists (select from case_seen s join account a on a.id = s.account_id
        where s.case_id = c.id and (a.id = g.account_id or a.organisation_id = g.organisation_id))
      and not exists (select from notification n where n.case_id = c.id and n.once = 'unopened:' || g.id)`.execute(
    db,
  );
  for (const { id, case_id: caseId, name } of rows) {
    const to = await laboratoryOf(db, caseId);
    const news = { caseId, name, at: new Date(delivery.now), once: `unopened:${id}`, to } as const;
    await deliver(db, { ...news, kind: 'unopened' }, delivery);
  }
}
