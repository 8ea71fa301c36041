import { sql, type Kysely } from 'kysely';

/** The audit: rows that can be added, and never changed or deleted, not by the tables' owner either. */
export async function audit(db: Kysely<unknown>): Promise<void> {
  // No foreign keys: a row stays true when what it speaks of is gone.
  await sql`
    create table audit (
      seq bigint primary key check (seq between 1 and 9007199254740991),
      at timestamptz(3) not null,
      organisation_id text,
      actor_kind text not null,
      actor_id text,
      actor_organisation_id text,
      address text,
      action text not null,
      subject_kind text,
      subject_id text,
      outcome text not null,
      detail jsonb not null check (jsonb_typeof(detail) = 'object'),
      previous text not null unique check (previous ~ '^[0-9a-f]{64}$'),
      hash text not null check (hash ~ '^[0-9a-f]{64}$')
    )`.execute(db);
  await sql`create index audit_of_organisation on audit (organisation_id, seq)`.execute(db);
  await sql`create index audit_of_actor_organisation on audit (actor_organisation_id, seq)`.execute(db);
  await sql`create index audit_of_nobody on audit (seq)
    where organisation_id is null and actor_organisation_id is null`.execute(db);
  await sql`
    create table audit_head (
      is_only boolean primary key check (is_only),
      seq bigint not null check (seq >= 0),
      hash text not null check (hash ~ '^[0-9a-f]{64}$')
    )`.execute(db);
  await guards(db);
}

async function guards(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = '42501';
    end $$`.execute(db);
  await sql`create trigger audit_is_append_only before update or delete or truncate on audit
    for each statement execute function refuse_change()`.execute(db);
  await sql`create trigger audit_head_stays before delete or truncate on audit_head
    for each statement execute function refuse_change()`.execute(db);
  await sql`
    create function audit_head_moves_on() returns trigger language plpgsql as $$
    begin
      if new.seq <= old.seq or not exists (select from audit where seq = new.seq and hash = new.hash) then
        raise exception 'the end of the audit can only move on' using errcode = '42501';
      end if;
      return new;
    end $$`.execute(db);
  await sql`create trigger audit_head_moves_on before update on audit_head
    for each row execute function audit_head_moves_on()`.execute(db);
}
