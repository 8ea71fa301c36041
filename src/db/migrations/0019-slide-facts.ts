import { sql, type Kysely } from 'kysely';

/** What lists tell of a slide, so that no tile index is read for a list. */
export async function slideFacts(db: Kysely<unknown>): Promise<void> {
  await sql`alter table slide add column facts jsonb`.execute(db);
}
