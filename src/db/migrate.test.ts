import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql, type Kysely } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { appliedSteps, migrate, schemaVersion } from './migrate.ts';
import { migrations } from './migrations/migrations.ts';
import { quiet, startTestPostgres } from './test-database.ts';

const postgres = await startTestPostgres();
const names = Object.keys(migrations);
const blank = async (url?: string) =>
  openDatabase({ url: url ?? (await postgres.newEmptyUrl()), dataFolder: '', log: quiet, migrates: false });

/** Every column, index and check of a schema, as PostgreSQL prints them. */
const describeSchema = sql<{ line: string }>`
  select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as line
    from information_schema.columns where table_schema = 'public'
  union all select indexdef from pg_indexes where schemaname = 'public'
  union all select conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint
    where connamespace = 'public'::regnamespace
  order by 1`;
const schemaOf = async <T>(db: Kysely<T>) => (await describeSchema.execute(db)).rows.map(({ line }) => line);

const newest = await (await postgres.newDatabase()).run(schemaOf);

describe('migrate', () => {
  it('has names that sort as they are listed, the last of which is the version', () => {
    expect([...names].sort()).toEqual(names);
    expect(schemaVersion).toBe(names.at(-1));
  });

  it.each([undefined, ...names.slice(0, -1)])('gives the same schema from step %s on', async (from) => {
    const database = await blank();
    await database.run(async (db) => {
      if (from !== undefined) await migrate(db, from);
      await migrate(db);
      expect(await appliedSteps(db)).toEqual(names);
      const schema = await schemaOf(db);
      expect(schema).toEqual(newest);
      expect(schema).toContain('slide.id text NO');
      await migrate(db);
    });
    await database.close();
  });

  it('takes back all of what was done when a later step fails', async () => {
    const database = await blank();
    const steps = {
      ...migrations,
      '9999-fails': { up: async (db: Kysely<unknown>) => void (await sql`select 1 / 0`.execute(db)) },
    };
    await database.run(async (db) => {
      await expect(migrate(db, undefined, steps)).rejects.toThrow('division by zero');
      expect(await appliedSteps(db)).toEqual([]);
      expect((await schemaOf(db)).join('\n')).not.toContain('slide.');
      await migrate(db);
      expect(await appliedSteps(db)).toEqual(names);
    });
    await database.close();
  });

  it('leaves alone a database that a newer release has changed', async () => {
    const url = await postgres.newEmptyUrl();
    const newer = await blank(url);
    const steps = { ...migrations, '9999-new': { up: async () => {} } };
    await newer.run((db) => migrate(db, undefined, steps));
    await expect(openDatabase({ url, dataFolder: '', log: quiet })).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('9999-new'),
    });
    await newer.close();
  });

  it('happens once when five processes start at the same time', async () => {
    const url = await postgres.newEmptyUrl();
    const module = fileURLToPath(new URL('database.ts', import.meta.url));
    const program = `
      import { openDatabase } from ${JSON.stringify(module)};
      const log = { info() {}, warn() {}, error() {} };
      await (await openDatabase({ url: process.env.URL_OF_TEST, dataFolder: '', log })).close();`;
    const children = Array.from({ length: 5 }, () =>
      spawn(process.execPath, ['--input-type=module', '--eval', program], {
        env: { ...process.env, URL_OF_TEST: url },
        stdio: 'inherit',
      }),
    );
    const ends = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(ends.map(([code]) => code)).toEqual([0, 0, 0, 0, 0]);
    const database = await blank(url);
    expect(await database.run(appliedSteps)).toEqual(names);
    await database.close();
  });
});
