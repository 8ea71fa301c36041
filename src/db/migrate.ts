import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { ServiceError } from '../core/errors.ts';
import { migrations } from './migrations/migrations.ts';

/** Tables in which Kysely notes what was done. */
export const migrationTables: readonly string[] = ['kysely_migration', 'kysely_migration_lock'];

/** Name of the newest step of the schema this program knows. */
export const schemaVersion: string = Object.keys(migrations).at(-1) ?? '';

/**
 * Brings a database to the newest schema: in one transaction under an advisory lock, so that it happens once and
 * wholly or not at all, however many processes start together.
 *
 * @param to last step to take; default: all
 * @throws {ServiceError} `unsupported` when a newer release has changed the database already
 */
export async function migrate<T>(
  db: Kysely<T>,
  to?: string,
  steps: Readonly<Record<string, Migration>> = migrations,
): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...steps }) } });
  const unknown = (await appliedSteps(db)).filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0)
    throw new ServiceError(
      'unsupported',
      `the database has the step ${unknown.join(', ')}, which this release does not know: start the newer release, or restore a backup made by this one`,
    );
  const { error } = to === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(to);
  if (error !== undefined) throw error;
}

/** Names of the steps a database has, in order; none when it is empty. */
export async function appliedSteps<T>(db: Kysely<T>): Promise<string[]> {
  const found = await sql<{ isThere: boolean }>`
    select to_regclass('kysely_migration') is not null as "isThere"`.execute(db);
  if (found.rows[0]?.isThere !== true) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}
