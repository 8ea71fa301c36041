import { sql, type Kysely } from 'kysely';

/** What people draw on slides. */
export async function annotations(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table annotation (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      slide_id text not null references slide (id),
      case_id text references clinical_case (id),
      organisation_id text references organisation (id),
      account_id text references account (id),
      grant_id text references case_grant (id),
      author_name text not null,
      kind text not null check
        (kind in ('point', 'arrow', 'line', 'rectangle', 'ellipse', 'polygon', 'freehand', 'text')),
      geometry jsonb not null,
      vertices integer not null check (vertices > 0),
      label text not null,
      colour text not null check (colour ~ '^#[0-9a-f]{6}$'),
      visibility text not null check (visibility in ('me', 'case', 'organisation')),
      version integer not null default 1 check (version > 0),
      added_at timestamptz not null default now(),
      changed_at timestamptz not null default now(),
      deleted_at timestamptz,
      check ((account_id is null) <> (grant_id is null)),
      check ((account_id is null) = (organisation_id is null)),
      check (visibility <> 'case' or case_id is not null)
    )`.execute(db);
  await sql`create index annotation_of_slide on annotation (slide_id, id) where deleted_at is null`.execute(
    db,
  );
}
