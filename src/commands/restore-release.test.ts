import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit } from '../audit/verify.ts';
import { readConfig } from '../config.ts';
import type { BackupManifest } from '../db/backup-manifest.ts';
import { restoreRows } from '../db/backup-rows.ts';
import { openDatabase, type Database } from '../db/database.ts';
import { appliedSteps, schemaVersion } from '../db/migrate.ts';
import { quiet, startTestPostgres } from '../db/test-database.ts';
import { startService } from '../main.ts';

/** Rows that a lab's day left in the release with this schema, as its own `telepath backup` wrote them. */
const release = '0010-link';
const folder = fileURLToPath(new URL(`../db/releases/${release}`, import.meta.url));
/** Its slides and whether they are urgent; the deleted and the unfinished ones are on no list. */
const names = ['a.svs false', 'a.svs true', 'in place.svs false'];
/** Of every account among them. */
const password = 'nine green microscopes';

const postgres = await startTestPostgres();
let url: string;
let database: Database;
let backup: Pick<BackupManifest, 'schemaVersion' | 'tables' | 'sequences'>;

beforeAll(async () => {
  backup = JSON.parse(await readFile(join(folder, 'backup.json'), 'utf8')) as typeof backup;
  url = await postgres.newEmptyUrl();
  database = await openDatabase({ url, dataFolder: '', log: quiet, migrates: false });
});
afterAll(async () => await database.close());

/** Every row of a table, as JSON. */
async function rowsOf(table: string): Promise<Record<string, unknown>[]> {
  const { rows } = await database.run((db) =>
    sql<{ row: Record<string, unknown> }>`select row_to_json(t) as row from ${sql.id(table)} t`.execute(db),
  );
  return rows.map(({ row }) => row);
}

describe(`the rows of the release before (${release})`, () => {
  it('are all there in the newest schema, each value as it was', async () => {
    await restoreRows(database, folder, backup);
    expect(await database.run(appliedSteps)).toContain(schemaVersion);
    expect(backup.tables.length).toBeGreaterThan(15);
    for (const { name } of backup.tables) {
      const lines = (await readFile(join(folder, 'rows', `${name}.jsonl`), 'utf8')).split('\n');
      const before = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as object);
      // What had arrived of an unfinished upload is in no backup.
      const expected = name === 'upload' ? before.map((row) => ({ ...row, state: 'discarded' })) : before;
      expect(await rowsOf(name), name).toEqual(expected.map((row) => expect.objectContaining(row)));
    }
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true });
  });

  it('are what its people go on with: they sign in, and see their slides', async () => {
    const data = await mkdtemp(join(tmpdir(), 'telepath-release-'));
    const config = readConfig({ TELEPATH_DATA: data, PORT: '0', LOG_LEVEL: 'silent' });
    const service = await startService({ ...config, databaseUrl: url });
    try {
      const signedIn = await fetch(`${service.url}/session`, {
        method: 'POST',
        headers: { Origin: service.url },
        body: JSON.stringify({ email: 'lab@own.example', password }),
      });
      expect(signedIn.status).toBe(200);
      const Cookie = signedIn.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';', 1)[0])
        .join('; ');
      const headers = { Cookie, Origin: service.url };
      const { slides } = (await (await fetch(`${service.url}/slides`, { headers })).json()) as {
        slides: { name: string; urgent: boolean }[];
      };
      expect(slides.map(({ name, urgent }) => `${name} ${urgent}`).sort()).toEqual(names);
    } finally {
      await service.close();
      await rm(data, { recursive: true, force: true });
    }
  });
});
