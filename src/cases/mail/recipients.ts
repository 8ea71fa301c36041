import { sql, type Kysely } from 'kysely';
import type { Schema } from '../../db/schema.ts';
import type { Recipient } from './news.ts';

/** Whom of an organisation that was asked news concern: all its pathologists, or those who took part in the case. */
export type Reach = 'all' | 'involved';

interface Row {
  readonly account_id: string | null;
  readonly grant_id: string | null;
}

const isOpen = sql`g.revoked_at is null and (g.expires_at is null or g.expires_at > now())`;

/** People who have done, said or seen something of a case. */
const involved = (caseId: string) => sql`(
  select account_id from case_event where case_id = ${caseId}
  union select account_id from case_message where case_id = ${caseId}
  union select account_id from case_seen where case_id = ${caseId})`;

/** Who was asked about a case and still is. */
export async function consultantsOf(
  db: Kysely<Schema>,
  caseId: string,
  reach: Reach,
): Promise<readonly Recipient[]> {
  return await asked(db, { caseId, reach, which: sql`${isOpen}` });
}

/** Who one hand-off asked, also when it was withdrawn since. */
export async function askedBy(
  db: Kysely<Schema>,
  caseId: string,
  grantId: string,
): Promise<readonly Recipient[]> {
  return await asked(db, { caseId, reach: 'all', which: sql`g.id = ${grantId}` });
}

async function asked(
  db: Kysely<Schema>,
  { caseId, reach, which }: { caseId: string; reach: Reach; which: ReturnType<typeof sql> },
): Promise<readonly Recipient[]> {
  const { rows } = await sql<Row & { is_involved: boolean; by: string }>`
    select g.id as by, a.id as account_id, case when g.kind = 'link' then g.id end as grant_id,
      g.kind <> 'organisation' or a.id in ${involved(caseId)} as is_involved
    from case_grant g left join account a on a.disabled_at is null and (a.id = g.account_id
      or (a.organisation_id = g.organisation_id and 'pathologist' = any(a.roles)))
    where g.case_id = ${caseId} and (a.id is not null or g.kind = 'link') and ${which}`.execute(db);
  // Of an organisation in which nobody has looked yet, all are told.
  const isNamed = new Set(rows.filter((row) => row.is_involved).map(({ by }) => by));
  return unique(rows.filter((row) => reach === 'all' || row.is_involved || !isNamed.has(row.by)));
}

/** Who in the laboratory a case concerns: who began it, asked, or wrote; all its lab staff where none of these is there. */
export async function laboratoryOf(db: Kysely<Schema>, caseId: string): Promise<readonly Recipient[]> {
  const { rows } = await sql<Row & { is_involved: boolean }>`
    select a.id as account_id, null as grant_id,
      a.id in (select c.added_by union select added_by from case_grant where case_id = ${caseId}
        union select account_id from case_message where case_id = ${caseId}) as is_involved
    from clinical_case c join account a on a.organisation_id = c.organisation_id
    where c.id = ${caseId} and a.disabled_at is null and a.roles && array['lab', 'pathologist', 'administrator']
      `.execute(db);
  const those = rows.filter((row) => row.is_involved);
  if (those.length > 0) return unique(those);
  const { rows: staff } = await sql<Row>`
    select a.id as account_id, null as grant_id
    from clinical_case c join account a on a.organisation_id = c.organisation_id
    where c.id = ${caseId} and a.disabled_at is null and 'lab' = any(a.roles)`.execute(db);
  return unique(staff);
}

/** All but one, who has done it. */
export function without(
  those: readonly Recipient[],
  { account_id: accountId, grant_id: grantId }: Row,
): readonly Recipient[] {
  return those.filter((one) =>
    one.accountId === undefined ? one.grantId !== grantId : one.accountId !== accountId,
  );
}

/** Two lists as one, nobody twice. */
export function together(some: readonly Recipient[], others: readonly Recipient[]): readonly Recipient[] {
  const seen = new Set(some.map(keyOf));
  return [...some, ...others.filter((one) => !seen.has(keyOf(one)))];
}

function keyOf({ accountId, grantId }: Recipient): string {
  return accountId ?? grantId ?? '';
}

function unique(rows: readonly Row[]): readonly Recipient[] {
  const found = new Map<string, Recipient>();
  for (const { account_id: accountId, grant_id: grantId } of rows) {
    const one = accountId !== null ? { accountId } : grantId !== null ? { grantId } : undefined;
    if (one !== undefined) found.set(keyOf(one), one);
  }
  return [...found.values()];
}
