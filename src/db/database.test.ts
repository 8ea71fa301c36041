import { sql } from 'kysely';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { quiet, startTestPostgres } from './test-database.ts';

const postgres = await startTestPostgres();
const open = (url: string) => openDatabase({ url, dataFolder: '/nowhere', log: quiet });

describe('openDatabase', () => {
  it.each([
    ['no address at all', 'hunter2'],
    ['another kind of address', 'https://me:hunter2@localhost/x'],
    ['an address without a host', 'postgres://me:hunter2@/x'],
  ])('refuses %s without repeating it', async (_name, url) => {
    const refusal = await open(url).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ kind: 'invalid', message: expect.stringContaining('DATABASE_URL') });
    expect(String(refusal)).not.toContain('hunter2');
  });

  it('says unavailable, without the password, when nobody answers or the login is wrong', async () => {
    const good = await postgres.newUrl();
    const { user, password } = postgres.login;
    for (const url of [
      'postgres://me:hunter2@127.0.0.1:1/x',
      good.replace(`${user}:${password}`, `${user}:hunter2`),
      good.replace(/test_\w+/, 'no_such'),
    ]) {
      const refusal = await open(url).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ kind: 'unavailable' });
      expect(String(refusal)).not.toContain('hunter2');
      expect(String(refusal)).not.toContain(password);
    }
  });

  it('goes on with another connection when its own are cut', async () => {
    const url = await postgres.newUrl();
    const database = await open(url);
    const other = new Client(url);
    await other.connect();
    await other.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
    await other.end();
    await expect.poll(() => database.run((db) => db.selectFrom('slide').selectAll().execute())).toEqual([]);
    await database.close();
  });

  it('says unavailable for a query whose connection is cut under way', async () => {
    const database = await open(await postgres.newUrl());
    const cut = database.run((db) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(db));
    await expect(cut).rejects.toMatchObject({ kind: 'unavailable' });
    await database.close();
  });

  it('reads a bigint as a number, exactly or not at all', async () => {
    const database = await open(await postgres.newUrl());
    const read = (text: string) =>
      database.run(
        async (db) => (await sql<{ n: number }>`select ${text}::bigint as n`.execute(db)).rows[0]?.n,
      );
    expect(await read('9007199254740991')).toBe(9_007_199_254_740_991);
    await expect(read('9007199254740993')).rejects.toThrow('too large');
    await database.close();
  });

  it('takes back a transaction that fails', async () => {
    const database = await postgres.newDatabase();
    const failing = database.transaction(async (db) => {
      await sql`insert into slide (id, name, state, added_at, bytes)
        values (${'a'.repeat(32)}, 'x', 'viewable', now(), 1)`.execute(db);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.run((db) => db.selectFrom('slide').selectAll().execute())).toEqual([]);
  });
});
