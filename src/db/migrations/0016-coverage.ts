import { sql, type Kysely } from 'kysely';

/** What somebody has looked at, of each slide: for themself only. */
export async function coverage(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table coverage (
      slide_id text not null references slide (id),
      account_id text references account (id),
      grant_id text references case_grant (id),
      columns smallint not null check (columns between 1 and 128),
      rows smallint not null check (rows between 1 and 128),
      bands bytea not null check (octet_length(bands) <= 32768),
      changed_at timestamptz not null default now(),
      check ((account_id is null) <> (grant_id is null))
    )`.execute(db);
  await sql`create unique index coverage_of_account on coverage (slide_id, account_id)
    where account_id is not null`.execute(db);
  await sql`create unique index coverage_of_grant on coverage (slide_id, grant_id)
    where grant_id is not null`.execute(db);
}
