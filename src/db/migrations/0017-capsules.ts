import { sql, type Kysely } from 'kysely';

/** Cases that came from elsewhere as a capsule: what they brought that nobody here wrote or signed. */
export async function capsules(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table case_import (
      case_id text primary key references clinical_case (id),
      organisation_id text not null references organisation (id),
      capsule_sha256 text not null check (capsule_sha256 ~ '^[0-9a-f]{64}$'),
      key_id text not null check (key_id ~ '^[0-9a-f]{64}$'),
      laboratory text not null,
      exported_at timestamptz not null,
      imported_at timestamptz not null,
      unique (organisation_id, capsule_sha256)
    )`.execute(db);
  await sql`
    create table imported_opinion (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      case_id text not null references clinical_case (id),
      position integer not null check (position >= 0),
      signed text not null,
      report_id text check (report_id ~ '^[0-9a-f]{32}$'),
      patient_report_id text check (patient_report_id ~ '^[0-9a-f]{32}$'),
      unique (case_id, position)
    )`.execute(db);
  await sql`create trigger imported_opinion_is_append_only before update or delete or truncate
    on imported_opinion for each statement execute function refuse_change()`.execute(db);
  // What was drawn elsewhere has an author, and no account here.
  await sql`alter table annotation drop constraint annotation_check`.execute(db);
  await sql`alter table annotation add constraint annotation_of_one check
    (account_id is null or grant_id is null)`.execute(db);
}
