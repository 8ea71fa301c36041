import { sql, type Kysely } from 'kysely';

/** Slides that were deleted and can be restored for a time; what was destroyed for good, and the proof of it. */
export async function retention(db: Kysely<unknown>): Promise<void> {
  await sql`alter table slide
    add column deleted_by text,
    add column kept_until timestamptz,
    add column purge_began_at timestamptz,
    add column purged_at timestamptz,
    add column made_bytes bigint check (made_bytes >= 0)`.execute(db);
  await sql`alter table slide
    add constraint slide_kept_check check (kept_until is null or deleted_at is not null),
    add constraint slide_purge_check check (purge_began_at is null or kept_until is not null),
    add constraint slide_purged_check check (purged_at is null or (purge_began_at is not null and name = ''))`.execute(
    db,
  );
  await sql`create index slide_kept on slide (kept_until) where kept_until is not null and purged_at is null`.execute(
    db,
  );
  await sql`create index slide_unmeasured on slide (id)
    where made_bytes is null and deleted_at is null and state = 'complete'`.execute(db);
  await sql`
    create table purge (
      slide_id text primary key references slide (id),
      actor jsonb not null,
      address text,
      objects jsonb
    )`.execute(db);
  await sql`
    create table certificate (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      slide_id text not null unique references slide (id),
      organisation_id text not null references organisation (id),
      content text not null,
      sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
      audit_seq bigint not null,
      audit_hash text not null
    )`.execute(db);
  await sql`create index certificate_of_organisation on certificate (organisation_id, audit_seq)`.execute(db);
  await sql`create trigger certificate_stays before update or delete or truncate on certificate
    for each statement execute function refuse_change()`.execute(db);
}
