import { sql, type Selectable } from 'kysely';
import type { AuditTable } from '../db/audit-schema.ts';
import type { Database } from '../db/database.ts';

type Row = Pick<Selectable<AuditTable>, 'actor_id' | 'actor_organisation_id' | 'subject_kind' | 'subject_id'>;

/** Names of what rows of the audit speak of, as an organisation's administrator may know them. */
export interface Names {
  /** Of who did it: a colleague's name; of anybody else's people only where they belong. */
  actor(row: Row): string | undefined;
  /** Of the organisation's own slide, case or account. */
  subject(row: Row): string | undefined;
}

/** Looks up the names of what some rows speak of. Of other organisations only their own names are told. */
export async function namesIn(
  database: Database,
  rows: readonly Row[],
  organisationId: string,
): Promise<Names> {
  const ids = rows.flatMap((row) => [row.actor_id, row.subject_id]);
  const organisationIds = rows.flatMap((row) => [row.actor_organisation_id, row.subject_id]);
  const named = await database.run(async (db) => {
    const found = await sql<{ readonly id: string; readonly name: string; readonly is_own: boolean }>`
      select id, name, true as is_own from account where organisation_id = ${organisationId} and id = any(${ids})
      union all
      select id, name, true from slide
        where organisation_id = ${organisationId} and name <> '' and id = any(${ids})
      union all
      select id, coalesce(nullif(accession, ''), nullif(pseudonym, ''), 'without a number'), true from clinical_case
        where organisation_id = ${organisationId} and id = any(${ids})
      union all
      select case_grant.id, case_grant.name || ' (by a link)', true
        from case_grant join clinical_case on clinical_case.id = case_grant.case_id
        where kind = 'link' and clinical_case.organisation_id = ${organisationId} and case_grant.id = any(${ids})
      union all
      select id, name, false from organisation where id = any(${organisationIds})`.execute(db);
    return found.rows;
  });
  const mapOf = (isOwn: boolean) =>
    new Map(named.flatMap(({ id, name, is_own }) => (is_own === isOwn ? [[id, name]] : [])));
  const own = mapOf(true);
  const organisations = mapOf(false);
  return {
    actor: (row) => {
      const name = row.actor_id === null ? undefined : own.get(row.actor_id);
      const elsewhere = row.actor_organisation_id;
      if (name !== undefined || elsewhere === null || elsewhere === organisationId) return name;
      return `Somebody of ${organisations.get(elsewhere) ?? 'another organisation'}`;
    },
    subject: (row) => {
      if (row.subject_id === null) return undefined;
      return (row.subject_kind === 'organisation' ? organisations : own).get(row.subject_id);
    },
  };
}
