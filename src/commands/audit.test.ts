import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi, type MockInstance } from 'vitest';
import { Audit } from '../audit/audit.ts';
import { openDatabase } from '../db/database.ts';
import { quiet, startTestPostgres } from '../db/test-database.ts';
import { audit } from './audit.ts';

const postgres = await startTestPostgres();

describe('telepath audit', () => {
  let folder: string;
  let url: string;
  let written: MockInstance<typeof process.stdout.write>;
  const said = () => String(written.mock.lastCall?.[0]);
  beforeAll(async () => {
    written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    folder = await mkdtemp(join(tmpdir(), 'telepath-audit-'));
    url = await postgres.newUrl();
    vi.stubEnv('TELEPATH_DATA', folder);
    vi.stubEnv('DATABASE_URL', url);
    vi.stubEnv('LOG_LEVEL', 'silent');
    const database = await openDatabase({ url, dataFolder: folder, log: quiet });
    const log = new Audit(database);
    for (let i = 0; i < 5; i += 1)
      await log.record({ action: 'session.start', actor: { kind: 'nobody' }, outcome: 'refused' });
    await database.close();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  it('says that all is whole, with the end to be noted, which it compares later', async () => {
    await audit(['verify']);
    const [, noted] = /^the audit is whole: 5 rows\..* (5:[0-9a-f]{64})\n$/.exec(said()) ?? [];
    expect(noted).toBeDefined();
    await audit(['verify', '--from', '3', '--noted', noted ?? '']);
    expect(said()).toContain('whole: 3 rows');
    const other = `5:${'0'.repeat(64)}`;
    await expect(audit(['verify', '--noted', other])).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringContaining('row 5 of the audit is broken: it is not the row that was noted'),
    });
  });

  it('writes all rows into a new file that only its owner reads, and into no other', async () => {
    const path = join(folder, 'audit.csv');
    await audit(['export', path]);
    expect(said()).toBe(`${path}: 5 rows\n`);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(6);
    expect(lines[1]).toContain('"1",');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(audit(['export', path])).rejects.toMatchObject({ kind: 'conflict' });
    expect((await readFile(path, 'utf8')).trimEnd().split('\r\n')).toEqual(lines);
  });

  it('names the first row that somebody changed', async () => {
    const superuser = new Client(url);
    await superuser.connect();
    await superuser.query('set session_replication_role = replica');
    await superuser.query(`update audit set outcome = 'done' where seq = 2`);
    await superuser.end();
    await expect(audit(['verify'])).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringContaining('row 2 of the audit is broken: it is not as it was written'),
    });
  });

  it.each([
    [[]],
    [['look']],
    [['verify', 'x']],
    [['verify', '--from', '0']],
    [['verify', '--noted', '5']],
    [['export']],
  ])('refuses %j', async (args) => {
    await expect(audit(args)).rejects.toMatchObject({ kind: 'invalid' });
  });
});
