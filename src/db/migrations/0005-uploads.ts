import { sql, type Kysely } from 'kysely';

/** Uploads under way: what is to come, in spans that are sent one by one, and what has arrived. */
export async function uploads(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table upload (
      id text primary key references slide (id) on delete cascade,
      organisation_id text not null references organisation (id),
      account_id text,
      bytes bigint not null check (bytes > 0),
      received bigint not null default 0 check (received between 0 and bytes),
      state text not null check (state in ('receiving', 'received', 'checked', 'done', 'discarded')),
      expected_sha256 text check (expected_sha256 ~ '^[0-9a-f]{64}$'),
      files jsonb,
      multipart_id text,
      duplicate_of text references slide (id) on delete set null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      check (state <> 'received' or received = bytes)
    )`.execute(db);
  await sql`create index upload_of_account on upload (organisation_id, account_id, created_at)`.execute(db);
  await sql`create index upload_unfinished on upload (state) where state <> 'done'`.execute(db);
  await sql`create index upload_expiry on upload (expires_at)`.execute(db);
  await sql`
    create table upload_span (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      upload_id text not null references upload (id) on delete cascade,
      start bigint not null check (start >= 0),
      length bigint not null check (length > 0),
      received bigint not null default 0 check (received between 0 and length),
      unique (upload_id, start)
    )`.execute(db);
  await sql`
    create table upload_piece (
      upload_id text not null references upload (id) on delete cascade,
      start bigint not null check (start >= 0),
      length bigint not null check (length > 0),
      name text not null,
      primary key (upload_id, start)
    )`.execute(db);
}
