import { sql } from 'kysely';
import type { Party, Subject } from '../auth/policy.ts';
import { idPattern } from '../core/ids.ts';
import type { Database } from '../db/database.ts';

type CaseSubject = Extract<Subject, { readonly kind: 'case' }>;

interface Row {
  readonly organisation_id: string;
  readonly asked: readonly { kind: string; id: string; answers: boolean; patient: boolean }[] | null;
}

/** The case as the subject of an action; undefined when there is none, or it was thrown away. A draft was not asked to anybody yet. */
export async function caseSubjectOf(database: Database, id: string): Promise<CaseSubject | undefined> {
  if (!idPattern.test(id)) return undefined;
  const { rows } = await database.run((db) =>
    sql<Row>`
      select organisation_id, (
        select json_agg(json_build_object('kind', kind, 'id', coalesce(account_id, case_grant.organisation_id),
            'answers', may_answer, 'patient', shows_patient))
          from case_grant
          where case_id = clinical_case.id and kind <> 'link' and revoked_at is null
            and (expires_at is null or expires_at > now()) and clinical_case.state <> 'draft') as asked
      from clinical_case where id = ${id} and discarded_at is null`.execute(db),
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const asked = row.asked ?? [];
  const party = (list: typeof asked): Party => ({
    organisations: list.flatMap((one) => (one.kind === 'organisation' ? [one.id] : [])),
    accounts: list.flatMap((one) => (one.kind === 'person' ? [one.id] : [])),
  });
  return {
    kind: 'case',
    id,
    organisationId: row.organisation_id,
    askedTo: {
      view: party(asked),
      answer: party(asked.filter(({ answers }) => answers)),
      patient: party(asked.filter(({ patient }) => patient)),
    },
  };
}
