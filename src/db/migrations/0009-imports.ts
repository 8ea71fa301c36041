import { sql, type Kysely } from 'kysely';

/** Where the originals of slides lie that were imported in place, and the imports themselves. */
export async function imports(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table slide_origin (
      slide_id text primary key references slide (id) on delete cascade,
      organisation_id text not null references organisation (id),
      kind text not null check (kind in ('file', 's3')),
      bucket text check ((kind = 's3') = (bucket is not null)),
      path text not null,
      bytes bigint not null check (bytes >= 0),
      version text not null,
      place_sha256 text not null check (place_sha256 ~ '^[0-9a-f]{64}$'),
      is_current boolean not null default true,
      added_at timestamptz not null default now()
    )`.execute(db);
  await sql`create unique index slide_origin_once on slide_origin (organisation_id, place_sha256)
    where is_current`.execute(db);
  await sql`
    create table slide_import (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      organisation_id text not null references organisation (id),
      account_id text,
      source text not null,
      state text not null check (state in ('running', 'done', 'failed')),
      progress jsonb not null,
      reason text,
      started_at timestamptz not null default now(),
      seen_at timestamptz not null default now(),
      finished_at timestamptz,
      check ((state = 'failed') = (reason is not null)),
      check ((state = 'running') = (finished_at is null))
    )`.execute(db);
  await sql`create index slide_import_newest_first on slide_import (organisation_id, started_at desc)`.execute(
    db,
  );
}
