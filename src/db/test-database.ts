import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, inject } from 'vitest';
import { openDatabase, type Database, type DatabaseOptions } from './database.ts';
import type { EmbeddedPostgres } from './embedded/embedded-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address below which what all test files of a run share is started when it is asked for. */
    readonly sharedServices: string;
  }
}

/** A log nobody reads. */
export const quiet: DatabaseOptions['log'] = { info: () => {}, warn: () => {}, error: () => {} };

/** The database with the newest schema of which new ones are copies. */
export const template = 'telepath_template';

/** The same with the account that a service makes which has none. */
export const startedTemplate = 'telepath_started';

/** How to connect to the PostgreSQL of a run. */
export type SharedPostgres = EmbeddedPostgres['login'];

/** A real PostgreSQL, shared with other test files; its databases are not, and go after the file's tests. */
export interface TestPostgres {
  readonly login: SharedPostgres;
  /** Address of a new database with the newest schema and nothing in it but the first organisation; about 100 ms. */
  newUrl(): Promise<string>;
  /** Address of one like that of a service that was started once: with its first administrator. */
  newStartedUrl(): Promise<string>;
  /** Address of a new database without any schema. */
  newEmptyUrl(): Promise<string>;
  /** A new database with the newest schema; closed after the tests. */
  newDatabase(): Promise<Database>;
}

/** Starts a PostgreSQL unless another test file did; call it once, at the top of a test file. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const answer = await fetch(`${inject('sharedServices')}/postgres`);
  if (!answer.ok) throw new Error(await answer.text());
  // oxlint-disable-next-line no-unsafe-type-assertion -- made by the tests' own set-up
  const login = (await answer.json()) as SharedPostgres;
  const opened: Database[] = [];
  const names: string[] = [];
  afterAll(async () => {
    for (const database of opened) await database.close();
    for (const name of names) await ask(login, `drop database ${name} with (force)`);
  });
  const create = async (from: string) => {
    const name = `test_${randomBytes(8).toString('hex')}`;
    await ask(login, `create database ${name} template ${from} strategy file_copy`);
    names.push(name);
    const { user, password, host, port } = login;
    return `postgres://${user}:${password}@localhost/${name}?host=${encodeURIComponent(host)}&port=${port}`;
  };
  const newUrl = async () => await create(template);
  const newDatabase = async () => {
    const database = await openDatabase({ url: await newUrl(), dataFolder: '', log: quiet });
    opened.push(database);
    return database;
  };
  return {
    login,
    newUrl,
    newStartedUrl: async () => await create(startedTemplate),
    newEmptyUrl: async () => await create('template0'),
    newDatabase,
  };
}

async function ask(login: SharedPostgres, statement: string): Promise<void> {
  const client = new Client(login);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
