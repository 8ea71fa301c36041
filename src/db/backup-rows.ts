import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sql, type Kysely } from 'kysely';
import { ServiceError } from '../core/errors.ts';
import type { SlideId } from '../core/slide.ts';
import { writeLines, type BackupManifest } from './backup-manifest.ts';
import type { SlideRecord } from './catalogue.ts';
import type { Database } from './database.ts';
import { appliedSteps, migrate, migrationTables } from './migrate.ts';
import { migrations } from './migrations/migrations.ts';
import { toRecord } from './postgres-catalogue.ts';
import type { Schema } from './schema.ts';

/** Rows fetched or inserted together. */
const batch = 500;

/**
 * Tables that are in no backup: who had signed in, and failed to, is not so any more when it is restored; exports are
 * gone after a day.
 */
const shortLived: readonly string[] = ['session', 'guest_session', 'sign_in_throttle', 'slide_export'];

type Rows = Pick<BackupManifest, 'schemaVersion' | 'tables' | 'sequences'>;

/**
 * Writes every row of every table below `rows/`, all as of one moment, while the service goes on; but for sessions,
 * tries to sign in and exports, which nobody shall find revived.
 *
 * @param folder must hold an empty folder `rows`
 * @returns what the manifest says of them, and the slides as of that moment
 */
export async function backupRows(database: Database, folder: string): Promise<Rows & SlidesThen> {
  return await database.run((db) =>
    db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (moment: Kysely<Schema>) => {
        const tables: Rows['tables'] = [];
        const names = (await tableNames(moment)).filter((name) => !shortLived.includes(name));
        for (const name of inOrder(names, await references(moment)))
          tables.push({
            name,
            file: await writeLines(folder, `rows/${name}.jsonl`, rowsOf(moment, name)),
          });
        const slides = await slidesThen(moment);
        return {
          schemaVersion: (await appliedSteps(moment)).at(-1) ?? '',
          tables,
          sequences: await sequencesOf(moment),
          ...slides,
        };
      }),
  );
}

/** Slides as of the moment of a backup. */
interface SlidesThen {
  /** Those of which anything is kept: deleted ones that can be restored are among them. */
  readonly slides: readonly SlideRecord[];
  /** Those whose originals lie elsewhere, and are not copied. */
  readonly elsewhere: ReadonlySet<SlideId>;
}

async function slidesThen(moment: Kysely<Schema>): Promise<SlidesThen> {
  const slides = await moment
    .selectFrom('slide')
    .selectAll()
    .where((is) =>
      is.or([
        is('deleted_at', 'is', null),
        is.and([is('kept_until', 'is not', null), is('purge_began_at', 'is', null)]),
      ]),
    )
    .execute();
  const origins = await moment.selectFrom('slide_origin').select('slide_id').execute();
  return { slides: slides.map(toRecord), elsewhere: new Set(origins.map((row) => row.slide_id)) };
}

/**
 * Fills an empty database with the rows of a backup, then brings it to the newest schema: wholly or not at all.
 *
 * @throws {ServiceError} `conflict` when it is not empty, `unsupported` when the backup is of a newer release,
 *   `damaged`
 */
export async function restoreRows(database: Database, folder: string, backup: Rows): Promise<void> {
  const { schemaVersion, tables, sequences } = backup;
  if (!Object.hasOwn(migrations, schemaVersion))
    throw new ServiceError(
      'unsupported',
      `the backup has the schema ${schemaVersion}, which this release does not know; use the one that made it`,
    );
  await database.transaction(async (db) => {
    await checkEmpty(db, schemaVersion);
    await migrate(db, schemaVersion);
    for (const table of tables) await fill(db, folder, table);
    for (const { name, value } of sequences) await sql`select setval(${name}, ${value})`.execute(db);
    await migrate(db);
    // What has arrived of unfinished uploads is not in a backup: their senders begin anew.
    await db.updateTable('upload').set({ state: 'discarded' }).where('state', '=', 'receiving').execute();
  });
}

/** @throws {ServiceError} `conflict` */
export async function checkEmpty(db: Kysely<Schema>, schemaVersion: string): Promise<void> {
  const names = Object.keys(migrations);
  const newest = (await appliedSteps(db)).at(-1);
  if (newest !== undefined && names.indexOf(newest) > names.indexOf(schemaVersion))
    throw new ServiceError(
      'conflict',
      `the database has the schema ${newest} already, the backup ${schemaVersion}: restore into a new, empty database`,
    );
  for (const name of await tableNames(db)) {
    const { rows } = await sql`select 1 from ${sql.id(name)} limit 1`.execute(db);
    if (rows.length > 0)
      throw new ServiceError(
        'conflict',
        `the database is not empty (there are rows in ${name}): restore into a new one, so that nothing is overwritten`,
      );
  }
}

async function tableNames(db: Kysely<Schema>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relpersistence = 'p' order by relname`.execute(
    db,
  );
  return rows.map(({ name }) => name).filter((name) => !migrationTables.includes(name));
}

/** Which table refers to which, by foreign keys. */
interface Reference {
  readonly from: string;
  readonly to: string;
}

async function references(db: Kysely<Schema>): Promise<readonly Reference[]> {
  const { rows } = await sql<Reference>`
    select a.relname as "from", b.relname as "to"
    from pg_constraint c join pg_class a on a.oid = c.conrelid join pg_class b on b.oid = c.confrelid
    where c.contype = 'f' and c.connamespace = 'public'::regnamespace`.execute(db);
  return rows;
}

/** Tables so that what is referred to comes before what refers to it. */
export function inOrder(names: readonly string[], refersTo: readonly Reference[]): string[] {
  const ordered = new Set<string>();
  const place = (name: string, path: readonly string[]) => {
    if (ordered.has(name)) return;
    if (path.includes(name)) throw new Error(`foreign keys go in a circle: ${[...path, name].join(' → ')}`);
    for (const { from, to } of refersTo) if (from === name && to !== name) place(to, [...path, name]);
    ordered.add(name);
  };
  for (const name of names) place(name, []);
  return [...ordered];
}

/** The rows of a table, each as JSON. */
async function* rowsOf(db: Kysely<Schema>, table: string): AsyncGenerator<string> {
  await sql`declare backup_rows no scroll cursor for
    select row_to_json(t)::text as line from ${sql.id(table)} t`.execute(db);
  for (;;) {
    const { rows } = await sql<{ line: string }>`fetch ${sql.lit(batch)} from backup_rows`.execute(db);
    for (const { line } of rows) yield line;
    if (rows.length < batch) break;
  }
  await sql`close backup_rows`.execute(db);
}

async function sequencesOf(db: Kysely<Schema>): Promise<Rows['sequences']> {
  const { rows } = await sql<{ name: string; value: number }>`
    select sequencename as name, last_value as value from pg_sequences
    where schemaname = 'public' and last_value is not null order by 1`.execute(db);
  return rows;
}

/** Inserts the rows of one table. @throws {ServiceError} `damaged` */
async function fill(db: Kysely<Schema>, folder: string, { name, file }: Rows['tables'][number]) {
  const columns = sql.join((await writableColumns(db, name)).map((column) => sql.id(column)));
  let inserted = 0n;
  let lines: string[] = [];
  const insert = async () => {
    const { numAffectedRows } = await sql`
      insert into ${sql.id(name)} (${columns}) overriding system value
      select ${columns} from json_populate_recordset(null::${sql.id(name)}, ${`[${lines.join(',')}]`}::json)`.execute(
      db,
    );
    inserted += numAffectedRows ?? 0n;
    lines = [];
  };
  for await (const line of createInterface({ input: createReadStream(join(folder, file.path)) })) {
    lines.push(line);
    if (lines.length === batch) await insert();
  }
  if (lines.length > 0) await insert();
  if (Number(inserted) !== file.lines)
    throw new ServiceError('damaged', `${file.path}: ${inserted} rows instead of ${file.lines}`);
}

/** Columns that are not computed by the database. */
async function writableColumns(db: Kysely<Schema>, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER'
    order by ordinal_position`.execute(db);
  return rows.map(({ name }) => name);
}
