import { sql, type Kysely } from 'kysely';
import { firstOrganisation } from '../../core/ids.ts';

/** Organisations, to one of which every slide belongs; what is shared with others; more states of a slide. */
export async function organisation(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table organisation (
      id text primary key check (id ~ '^[0-9a-f]{32}$'),
      name text not null unique check (length(name) between 1 and 200),
      added_at timestamptz not null default now()
    )`.execute(db);
  await sql`insert into organisation (id, name)
    select ${firstOrganisation}, 'My laboratory' where exists (select 1 from slide)`.execute(db);
  await sql`alter table slide
    add column organisation_id text references organisation (id),
    drop constraint slide_state_check,
    add constraint slide_state_check
      check (state in ('receiving', 'checking', 'converting', 'viewable', 'complete', 'failed')),
    drop constraint slide_check,
    add constraint slide_state_progress_check check ((state in ('receiving', 'converting')) = (progress is not null))`.execute(
    db,
  );
  await sql`update slide set organisation_id = ${firstOrganisation}`.execute(db);
  await sql`alter table slide alter column organisation_id set not null`.execute(db);
  await sql`drop index slide_newest_first`.execute(db);
  await sql`create index slide_newest_first on slide (organisation_id, added_at desc, id) where deleted_at is null`.execute(
    db,
  );
  await sql`
    create table slide_share (
      slide_id text not null references slide (id),
      organisation_id text not null references organisation (id),
      added_at timestamptz not null default now(),
      primary key (slide_id, organisation_id)
    )`.execute(db);
  await sql`create index slide_share_with on slide_share (organisation_id)`.execute(db);
}
