import { sql, type Kysely } from 'kysely';

/**
 * What each process says of itself, for ten minutes. Not kept through a crash of the database, and not worth it: the
 * next sample comes within seconds.
 */
export async function operation(db: Kysely<unknown>): Promise<void> {
  await sql`
    create unlogged table process_report (
      process_id text primary key,
      host text not null,
      kind text not null check (kind in ('serve', 'work')),
      pid integer not null,
      started_at timestamptz not null,
      seen_at timestamptz not null,
      metrics jsonb not null
    )`.execute(db);
  await sql`
    create unlogged table process_sample (
      process_id text not null,
      at timestamptz not null,
      sample jsonb not null,
      primary key (at, process_id)
    )`.execute(db);
}
