import { sql, type Kysely } from 'kysely';

/** Links to a slide for who has no account, and the keys that sign them; who shared a slide. */
export async function link(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table link_key (
      number integer primary key generated always as identity,
      secret text not null check (secret ~ '^[0-9a-f]{64}$'),
      added_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table slide_link (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      slide_id text not null references slide (id),
      added_by text references account (id),
      added_at timestamptz not null default now(),
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create index slide_link_of_slide on slide_link (slide_id)`.execute(db);
  await sql`create index slide_link_expiry on slide_link (expires_at)`.execute(db);
}
