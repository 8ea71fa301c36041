import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import type { Schema } from '../../db/schema.ts';
import { SignedOpinion } from '../opinions/signed-opinion.ts';
import type { CapsuleOpinion } from './capsule-opinion.ts';

/** Where a case came from. */
export interface CaseOrigin {
  readonly laboratory: string;
  /** Fingerprint of the key that signed the capsule. */
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly exportedAt: string;
  readonly importedAt: string;
}

/** The case that a capsule became in an organisation, unless it was thrown away. @param sha256 of its manifest */
export async function importedCase(
  database: Database,
  organisationId: string,
  sha256: string,
): Promise<string | undefined> {
  return await database.run((db) => importedCaseIn(db, organisationId, sha256));
}

/** As {@link importedCase}, within a transaction. */
export async function importedCaseIn(
  db: Kysely<Schema>,
  organisationId: string,
  sha256: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('case_import')
    .innerJoin('clinical_case', 'clinical_case.id', 'case_import.case_id')
    .select('case_id')
    .where('case_import.organisation_id', '=', organisationId)
    .where('capsule_sha256', '=', sha256)
    .where('discarded_at', 'is', null)
    .executeTakeFirst();
  return row?.case_id;
}

/** Where a case came from; undefined for one that was begun here. */
export async function originOf(database: Database, caseId: string): Promise<CaseOrigin | undefined> {
  const row = await database.run((db) =>
    db.selectFrom('case_import').selectAll().where('case_id', '=', caseId).executeTakeFirst(),
  );
  return (
    row && {
      laboratory: row.laboratory,
      key: row.key_id,
      exportedAt: row.exported_at.toISOString(),
      importedAt: row.imported_at.toISOString(),
    }
  );
}

/** Opinions about a case that were signed elsewhere, oldest first. */
export async function importedOpinions(
  database: Database,
  caseId: string,
): Promise<readonly CapsuleOpinion[]> {
  const rows = await database.run((db) =>
    db.selectFrom('imported_opinion').selectAll().where('case_id', '=', caseId).orderBy('position').execute(),
  );
  return rows.map(({ signed, report_id: report, patient_report_id: patientReport }) => ({
    signed: SignedOpinion.parse(JSON.parse(signed) as unknown),
    ...(report !== null && { reportId: report }),
    ...(patientReport !== null && { patientReportId: patientReport }),
  }));
}
