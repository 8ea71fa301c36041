import { sql, type Kysely } from 'kysely';

/** Accounts, and what proves who somebody is: sessions, API tokens, recovery codes; how often signing in failed. */
export async function accounts(db: Kysely<unknown>): Promise<void> {
  await sql`alter table organisation add column is_demo boolean not null default false`.execute(db);
  await account(db);
  await proofs(db);
  await sql`
    create table sign_in_throttle (
      key text primary key,
      failures integer not null check (failures > 0),
      blocked_until timestamptz not null,
      last_at timestamptz not null
    )`.execute(db);
}

async function account(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table account (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      organisation_id text not null references organisation (id),
      email text not null unique check (email = lower(email) and length(email) between 3 and 254),
      name text not null check (length(name) between 1 and 200),
      roles text[] not null check (roles <@ array['lab', 'pathologist', 'administrator', 'operator']),
      password text,
      is_one_time boolean not null default false,
      totp_secret text,
      totp_pending text,
      totp_last_step bigint,
      oidc_issuer text,
      oidc_subject text,
      added_at timestamptz not null default now(),
      disabled_at timestamptz,
      unique (oidc_issuer, oidc_subject),
      check ((oidc_issuer is null) = (oidc_subject is null)),
      check (password is not null or not is_one_time)
    )`.execute(db);
  await sql`create index account_of_organisation on account (organisation_id, name, id)`.execute(db);
}

async function proofs(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table session (
      hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
      account_id text not null references account (id),
      way text not null check (way in ('password', 'demo', 'oidc')),
      started_at timestamptz not null,
      seen_at timestamptz not null,
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create index session_of_account on session (account_id)`.execute(db);
  await sql`
    create table api_token (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      account_id text not null references account (id),
      name text not null check (length(name) between 1 and 200),
      hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
      scopes text[] not null check (scopes <@ array['read', 'upload', 'manage'] and cardinality(scopes) > 0),
      added_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz
    )`.execute(db);
  await sql`create index api_token_of_account on api_token (account_id)`.execute(db);
  await sql`
    create table recovery_code (
      account_id text not null references account (id),
      hash text not null check (hash ~ '^[0-9a-f]{64}$'),
      primary key (account_id, hash)
    )`.execute(db);
}
