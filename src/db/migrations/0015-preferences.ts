import { sql, type Kysely } from 'kysely';

/** How people like the page: a small value for each name, for each account. */
export async function preferences(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table preference (
      account_id text not null references account (id),
      name text not null check (name ~ '^[a-z][a-z-]{0,31}$'),
      value jsonb not null,
      changed_at timestamptz not null default now(),
      primary key (account_id, name)
    )`.execute(db);
}
