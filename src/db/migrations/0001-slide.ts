import { sql, type Kysely } from 'kysely';

/** Slides: what the catalogue lists. */
export async function slide(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table slide (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      name text not null,
      state text not null check (state in ('converting', 'viewable', 'failed')),
      progress double precision check (progress between 0 and 1),
      reason text,
      added_at timestamptz not null,
      bytes bigint not null check (bytes >= 0),
      sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
      deleted_at timestamptz,
      check ((state = 'converting') = (progress is not null)),
      check ((state = 'failed') = (reason is not null))
    )`.execute(db);
  await sql`create index slide_newest_first on slide (added_at desc, id) where deleted_at is null`.execute(
    db,
  );
  await sql`create index slide_sha256 on slide (sha256) where sha256 is not null`.execute(db);
}
