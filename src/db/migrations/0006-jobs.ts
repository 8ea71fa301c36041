import { sql, type Kysely } from 'kysely';

/** Slides that can be viewed while they arrive, and urgent ones. */
export async function jobs(db: Kysely<unknown>): Promise<void> {
  await sql`alter table slide
    add column is_viewable boolean,
    add column is_urgent boolean not null default false`.execute(db);
  await sql`update slide set is_viewable = false where state = 'receiving'`.execute(db);
  await sql`alter table slide add constraint slide_state_viewable_check
    check ((state = 'receiving') = (is_viewable is not null))`.execute(db);
  await sql`create index slide_unfinished on slide (state)
    where deleted_at is null and state in ('checking', 'converting', 'viewable')`.execute(db);
}
