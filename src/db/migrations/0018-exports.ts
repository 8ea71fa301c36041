import { sql, type Kysely } from 'kysely';

/** Slides as files that were asked for: being made, or to be fetched for a while. One for each slide and format. */
export async function exports(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table slide_export (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      slide_id text not null references slide (id),
      format text not null check (format in ('szi', 'tiff')),
      state text not null default 'waiting' check (state in ('waiting', 'making', 'ready', 'failed')),
      progress double precision not null default 0 check (progress between 0 and 1),
      tries integer not null default 0 check (tries >= 0),
      reason text,
      bytes bigint,
      asked_by text references account (id),
      asked_at timestamptz not null default now(),
      expires_at timestamptz,
      unique (slide_id, format),
      check ((state = 'failed') = (reason is not null)),
      check ((state = 'ready') = (bytes is not null)),
      check ((state in ('ready', 'failed')) = (expires_at is not null))
    )`.execute(db);
}
