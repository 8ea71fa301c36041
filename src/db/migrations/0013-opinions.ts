import { sql, type Kysely } from 'kysely';

/** Second opinions: drafts that only their authors see, what they signed, and the keys it was signed with. */
export async function opinions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table signing_key (
      id text primary key check (id ~ '^[0-9a-f]{64}$'),
      public_key text not null check (length(public_key) = 43),
      private_key text not null,
      made_at timestamptz not null,
      retired_at timestamptz
    )`.execute(db);
  await sql`create unique index signing_key_in_use on signing_key ((true)) where retired_at is null`.execute(
    db,
  );
  await sql`
    create table opinion_draft (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      case_id text not null references clinical_case (id),
      account_id text references account (id),
      grant_id text references case_grant (id),
      content jsonb not null,
      version integer not null default 1 check (version > 0),
      changed_at timestamptz not null,
      check ((account_id is null) <> (grant_id is null))
    )`.execute(db);
  await sql`create unique index opinion_draft_of_author
    on opinion_draft (case_id, coalesce(account_id, grant_id))`.execute(db);
  // Not in the slide's own row: there it says which uploads are the same slide, and what lies elsewhere may go.
  await sql`
    create table original_hash (
      slide_id text primary key references slide (id),
      sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$')
    )`.execute(db);
  await signed(db);
}

async function signed(db: Kysely<unknown>): Promise<void> {
  // Of the version before: its SHA-256 is in what is signed, so a foreign key would add nothing.
  await sql`
    create table opinion (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      case_id text not null references clinical_case (id),
      version integer not null check (version > 0),
      previous_id text unique,
      account_id text references account (id),
      grant_id text references case_grant (id),
      author_name text not null,
      draft_version integer not null,
      signed_at timestamptz(3) not null,
      code text not null unique check (code ~ '^[2-9A-HJ-NP-Z]{12}$'),
      content text not null,
      sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
      key_id text not null references signing_key (id),
      signature text not null check (length(signature) = 86),
      figures text[] not null,
      report_id text not null check (report_id ~ '^[0-9a-f]{32}$'),
      report_sha256 text not null check (report_sha256 ~ '^[0-9a-f]{64}$'),
      patient_report_id text check (patient_report_id ~ '^[0-9a-f]{32}$'),
      patient_report_sha256 text check (patient_report_sha256 ~ '^[0-9a-f]{64}$'),
      unique (case_id, version),
      check ((account_id is null) <> (grant_id is null)),
      check ((version = 1) = (previous_id is null)),
      check ((patient_report_id is null) = (patient_report_sha256 is null))
    )`.execute(db);
  await sql`create trigger opinion_is_append_only before update or delete or truncate on opinion
    for each statement execute function refuse_change()`.execute(db);
  await sql`
    create function signing_key_stays() returns trigger language plpgsql as $$
    begin
      if new.id <> old.id or new.public_key <> old.public_key or new.private_key <> old.private_key
        or new.made_at <> old.made_at or old.retired_at is not null then
        raise exception 'a signing key can only be retired' using errcode = '42501';
      end if;
      return new;
    end $$`.execute(db);
  await sql`create trigger signing_key_stays before update on signing_key
    for each row execute function signing_key_stays()`.execute(db);
  await sql`create trigger signing_key_is_kept before delete or truncate on signing_key
    for each statement execute function refuse_change()`.execute(db);
}
