import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll } from 'vitest';
import { openDatabase, type Database, type DatabaseOptions } from './database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded/embedded-postgres.ts';

/** A log nobody reads. */
export const quiet: DatabaseOptions['log'] = { info: () => {}, warn: () => {}, error: () => {} };

/** A real PostgreSQL for one test file, stopped and deleted after its tests. */
export interface TestPostgres {
  readonly server: EmbeddedPostgres;
  /** Address of a new, empty database in it; about 50 ms. */
  newUrl(): Promise<string>;
  /** A new database with the newest schema; closed after the tests. */
  newDatabase(): Promise<Database>;
}

/** Starts a PostgreSQL; call it once, at the top of a test file. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'telepath-db-'));
  const server = await startEmbeddedPostgres({ dataFolder, log: quiet });
  const opened: Database[] = [];
  afterAll(async () => {
    for (const database of opened) await database.close();
    await server.close();
    await rm(dataFolder, { recursive: true });
  });
  let count = 0;
  const newUrl = async () => {
    count += 1;
    const client = new Client(server.login);
    await client.connect();
    await client.query(`create database test_${count}`);
    await client.end();
    const { user, password, host, port } = server.login;
    return `postgres://${user}:${password}@localhost/test_${count}?host=${encodeURIComponent(host)}&port=${port}`;
  };
  const newDatabase = async () => {
    const database = await openDatabase({ url: await newUrl(), dataFolder, log: quiet });
    opened.push(database);
    return database;
  };
  return { server, newUrl, newDatabase };
}
