import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { firstOrganisation } from '../core/ids.ts';
import { backupRows, restoreRows } from './backup-rows.ts';
import { openDatabase, type Database } from './database.ts';
import { quiet, startTestPostgres } from './test-database.ts';

const postgres = await startTestPostgres();
const root = await mkdtemp(join(tmpdir(), 'telepath-rows-'));
afterAll(() => rm(root, { recursive: true }));

/** A folder for the rows of one backup. */
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(root, 'backup-'));
  await mkdir(join(folder, 'rows'));
  return folder;
}

/** Somebody who is signed in, has a key for programs, and mistyped the password once. */
async function addPerson(database: Database): Promise<void> {
  const [account, hash] = ['a'.repeat(32), 'b'.repeat(64)];
  await database.run(async (db) => {
    await sql`insert into account (id, organisation_id, email, name, roles)
      values (${account}, ${firstOrganisation}, 'ada@lab.example', 'Ada', '{lab}')`.execute(db);
    await sql`insert into session values (${hash}, ${account}, 'password', now(), now(), now() + interval '1 day')`.execute(
      db,
    );
    await sql`insert into api_token values
      (${account}, ${account}, 'scanner', ${hash}, '{upload}', now(), now() + interval '1 day')`.execute(db);
    await sql`insert into sign_in_throttle values ('ada@lab.example', 1, now(), now())`.execute(db);
  });
}

/** How many rows a table has. */
async function countOf(database: Database, table: string): Promise<number> {
  const { rows } = await database.run((db) =>
    sql<{ count: number }>`select count(*)::int as count from ${sql.id(table)}`.execute(db),
  );
  return rows[0]?.count ?? 0;
}

/** How many accounts, keys for programs, sessions and tries to sign in there are. */
async function counts(database: Database): Promise<readonly number[]> {
  const tables = ['account', 'api_token', 'session', 'sign_in_throttle'];
  return await Promise.all(tables.map((table) => countOf(database, table)));
}

/** Adds two slides in one transaction: both rows or neither. */
async function addPair(database: Database, n: number): Promise<void> {
  const id = n.toString(16).padStart(31, '0');
  await database.transaction(async (db) => {
    for (const last of ['1', '2'])
      await sql`insert into slide (id, organisation_id, name, state, reason, added_at, bytes)
        values (${id + last}, ${firstOrganisation}, 'pair', 'failed', 'x', now(), 1)`.execute(db);
  });
}

describe('backupRows', () => {
  it('leaves out who is signed in: after a restore nobody is, and accounts and keys are as before', async () => {
    const database = await postgres.newDatabase();
    await addPerson(database);
    const folder = await newFolder();
    const backup = await backupRows(database, folder);
    for (const table of ['session', 'sign_in_throttle'])
      expect(await readdir(join(folder, 'rows'))).not.toContain(`${table}.jsonl`);
    const url = await postgres.newEmptyUrl();
    const restored = await openDatabase({ url, dataFolder: '', log: quiet, migrates: false });
    onTestFinished(() => restored.close());
    await restoreRows(restored, folder, backup);
    expect(await counts(restored)).toEqual([1, 1, 0, 0]);
    expect(await counts(database)).toEqual([1, 1, 1, 1]);
  });

  it('sees one moment, whatever is written meanwhile', async () => {
    const database = await postgres.newDatabase();
    const folder = await newFolder();
    const stop = new AbortController();
    await addPair(database, 0);
    const writing = (async () => {
      for (let n = 1; !stop.signal.aborted; n += 1) await addPair(database, n);
      return await countOf(database, 'slide');
    })();
    await backupRows(database, folder);
    stop.abort();
    const rows = (await readFile(join(folder, 'rows', 'slide.jsonl'), 'utf8')).trim().split('\n').length;
    expect(rows % 2).toBe(0);
    expect(rows).toBeGreaterThanOrEqual(2);
    expect(rows).toBeLessThanOrEqual(await writing);
  });
});
