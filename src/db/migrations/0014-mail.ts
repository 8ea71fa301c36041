import { sql, type Kysely } from 'kysely';

/** What people are told about cases, in the page and by e-mail; links that are sent by e-mail. */
export async function mail(db: Kysely<unknown>): Promise<void> {
  await news(db);
  await outbox(db);
  await sql`alter table case_grant add column mails_link boolean not null default false`.execute(db);
  await sql`
    create table case_grant_secret (
      hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
      grant_id text not null references case_grant (id),
      made_at timestamptz not null
    )`.execute(db);
}

/** What has happened already is no news. */
async function news(db: Kysely<unknown>): Promise<void> {
  for (const name of ['case_event', 'case_message']) {
    const table = sql.table(name);
    await sql`alter table ${table} add column told_at timestamptz default now()`.execute(db);
    await sql`alter table ${table} alter column told_at drop default`.execute(db);
    await sql`create index ${sql.id(`${name}_untold`)} on ${table} (at) where told_at is null`.execute(db);
  }
  await sql`
    create table notification (
      id bigint primary key generated always as identity,
      account_id text not null references account (id),
      case_id text not null references clinical_case (id),
      kind text not null,
      name text not null default '',
      at timestamptz not null,
      once text not null,
      read_at timestamptz,
      unique (account_id, case_id, once)
    )`.execute(db);
  await sql`create index notification_newest_first on notification (account_id, id desc)`.execute(db);
}

async function outbox(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table mail (
      id bigint primary key generated always as identity,
      account_id text references account (id),
      grant_id text references case_grant (id),
      case_id text not null references clinical_case (id),
      kind text not null,
      name text not null default '',
      once text not null,
      queued_at timestamptz not null,
      next_at timestamptz not null,
      tries integer not null default 0 check (tries >= 0),
      sent_at timestamptz,
      given_up_at timestamptz,
      reason text,
      check ((account_id is null) <> (grant_id is null)),
      check (sent_at is null or given_up_at is null)
    )`.execute(db);
  await sql`create unique index mail_once on mail (coalesce(account_id, grant_id), case_id, once)`.execute(
    db,
  );
  await sql`create index mail_waiting on mail (next_at) where sent_at is null and given_up_at is null`.execute(
    db,
  );
}
