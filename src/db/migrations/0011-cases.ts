import { sql, type Kysely } from 'kysely';

/** Cases: what a laboratory asks, of whom, about which slides and documents; what is said about it. */
export async function cases(db: Kysely<unknown>): Promise<void> {
  await clinicalCase(db);
  await parts(db);
  await handOff(db);
  await talk(db);
}

async function clinicalCase(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table clinical_case (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      organisation_id text not null references organisation (id),
      state text not null default 'draft'
        check (state in ('draft', 'sent', 'in-review', 'answered', 'closed')),
      accession text not null default '' check (length(accession) <= 100),
      pseudonym text not null default '' check (length(pseudonym) <= 100),
      patient_name text not null default '' check (length(patient_name) <= 200),
      patient_number text not null default '' check (length(patient_number) <= 100),
      patient_born date,
      patient_sex text not null default '' check (patient_sex in ('', 'female', 'male', 'other', 'unknown')),
      specimen text not null default '' check (length(specimen) <= 2000),
      history text not null default '' check (length(history) <= 20000),
      question text not null default '' check (length(question) <= 5000),
      prior_diagnosis text not null default '' check (length(prior_diagnosis) <= 20000),
      notes text not null default '' check (length(notes) <= 20000),
      test_results text not null default '' check (length(test_results) <= 20000),
      is_urgent boolean not null default false,
      due_on date,
      version integer not null default 1 check (version > 0),
      added_by text references account (id),
      added_at timestamptz not null,
      changed_at timestamptz not null,
      sent_at timestamptz,
      review_at timestamptz,
      answered_at timestamptz,
      closed_at timestamptz,
      discarded_at timestamptz,
      words tsvector generated always as (to_tsvector('simple'::regconfig,
        accession || ' ' || pseudonym || ' ' || specimen || ' ' || history || ' ' || question || ' ' ||
        prior_diagnosis || ' ' || notes || ' ' || test_results)) stored,
      patient_words tsvector generated always as (to_tsvector('simple'::regconfig,
        patient_name || ' ' || patient_number)) stored,
      check (discarded_at is null or state = 'draft')
    )`.execute(db);
  await sql`create index clinical_case_newest_first on clinical_case (organisation_id, changed_at desc, id)
    where discarded_at is null`.execute(db);
  await sql`create index clinical_case_words on clinical_case using gin (words)`.execute(db);
  await sql`create index clinical_case_patient_words on clinical_case using gin (patient_words)`.execute(db);
}

async function parts(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table case_slide (
      case_id text not null references clinical_case (id),
      slide_id text not null references slide (id),
      position integer not null check (position >= 0),
      block text not null default '' check (length(block) <= 100),
      stain text not null default '' check (length(stain) <= 100),
      primary key (case_id, slide_id)
    )`.execute(db);
  await sql`create index case_slide_of_slide on case_slide (slide_id)`.execute(db);
  await sql`
    create table case_document (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      case_id text not null references clinical_case (id),
      kind text not null check (kind in ('document', 'figure')),
      name text not null check (length(name) between 1 and 255),
      media_type text not null,
      bytes bigint not null check (bytes >= 0),
      sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
      account_id text references account (id),
      grant_id text,
      author_name text not null,
      added_at timestamptz not null,
      removed_at timestamptz
    )`.execute(db);
  await sql`create index case_document_of_case on case_document (case_id, added_at)`.execute(db);
}

async function handOff(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table case_grant (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      case_id text not null references clinical_case (id),
      kind text not null check (kind in ('person', 'organisation', 'link')),
      account_id text references account (id),
      organisation_id text references organisation (id),
      name text not null default '' check (length(name) <= 200),
      email text not null default '' check (length(email) <= 254),
      secret_hash text unique check (secret_hash ~ '^[0-9a-f]{64}$'),
      passcode text,
      shows_patient boolean not null default false,
      may_answer boolean not null default true,
      added_by text references account (id),
      added_at timestamptz not null,
      expires_at timestamptz,
      revoked_at timestamptz,
      used_at timestamptz,
      uses integer not null default 0,
      check ((kind = 'person') = (account_id is not null)),
      check ((kind = 'organisation') = (organisation_id is not null)),
      check ((kind = 'link') = (secret_hash is not null)),
      check (kind <> 'link' or expires_at is not null)
    )`.execute(db);
  await sql`create index case_grant_of_case on case_grant (case_id)`.execute(db);
  await sql`create index case_grant_of_account on case_grant (account_id) where account_id is not null`.execute(
    db,
  );
  await sql`create index case_grant_of_organisation on case_grant (organisation_id)
    where organisation_id is not null`.execute(db);
  await sql`alter table case_document
    add constraint case_document_grant foreign key (grant_id) references case_grant (id)`.execute(db);
  await sql`
    create table guest_session (
      hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
      grant_id text not null references case_grant (id),
      name text not null check (length(name) between 1 and 200),
      started_at timestamptz not null,
      seen_at timestamptz not null,
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create index guest_session_of_grant on guest_session (grant_id)`.execute(db);
}

async function talk(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table case_message (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      case_id text not null references clinical_case (id),
      account_id text references account (id),
      grant_id text references case_grant (id),
      author_name text not null,
      at timestamptz not null,
      text text not null check (length(text) between 1 and 10000),
      mark jsonb
    )`.execute(db);
  await sql`create index case_message_of_case on case_message (case_id, at, id)`.execute(db);
  await sql`
    create table case_event (
      id bigint primary key generated always as identity,
      case_id text not null references clinical_case (id),
      at timestamptz not null,
      kind text not null,
      account_id text references account (id),
      grant_id text references case_grant (id),
      author_name text not null,
      detail jsonb not null default '{}'
    )`.execute(db);
  await sql`create index case_event_of_case on case_event (case_id, id)`.execute(db);
  await sql`
    create table case_seen (
      case_id text not null references clinical_case (id),
      account_id text not null references account (id),
      seen_at timestamptz not null,
      primary key (case_id, account_id)
    )`.execute(db);
}
