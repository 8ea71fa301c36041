import { appendFile, chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { PgBoss } from 'pg-boss';
import type { TestProject } from 'vitest/node';
import { makeSample } from '../samples/make-sample.ts';
import { firstEmail } from '../src/auth/first-start.ts';
import { firstOrganisation, newId } from '../src/core/ids.ts';
import { openDatabase } from '../src/db/database.ts';
import { prepareCluster } from '../src/db/embedded/cluster.ts';
import { startEmbeddedPostgres } from '../src/db/embedded/embedded-postgres.ts';
import { quiet, startedTemplate, template, type SharedPostgres } from '../src/db/test-database.ts';
import { bossSchema } from '../src/ingest/boss.ts';
import { quickHash } from './quick-hash.ts';

// What all test files of one run share. It is started when the first of them asks for it, and ends with the run.

/** What is running, and how it ends. */
interface Running<T> {
  readonly value: T;
  close(): Promise<void>;
}

/**
 * Settings of a PostgreSQL whose rows nobody needs after a crash of the machine: processes that are killed lose
 * nothing by them. Tests of what survives start one of their own.
 */
const settings = `
fsync = off
full_page_writes = off
max_connections = 500
shared_buffers = 256MB
max_wal_size = 8GB
`;

/** Starts a real PostgreSQL, with the databases of which those of tests are copies. */
async function startPostgres(): Promise<Running<SharedPostgres>> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'telepath-db-'));
  await chmod(dataFolder, 0o755);
  const { folder } = await prepareCluster({ dataFolder, uid: 65_534 });
  await appendFile(join(folder, 'postgresql.conf'), settings);
  const server = await startEmbeddedPostgres({ dataFolder, log: quiet });
  await fill(server.login);
  const { host, port, user, password, database } = server.login;
  const close = async () => {
    await server.close();
    await rm(dataFolder, { recursive: true, force: true });
  };
  return { value: { host, port, user, password, database }, close };
}

async function fill(login: SharedPostgres): Promise<void> {
  const { host, port, user, password } = login;
  const url = `postgres://${user}:${password}@localhost/${template}?host=${encodeURIComponent(host)}&port=${port}`;
  const client = new Client(login);
  await client.connect();
  await client.query(`create database ${template}`);
  await (await openDatabase({ url, dataFolder: '', log: quiet })).close();
  // The tables of the jobs, too; its queues are made by each service in its own way.
  const boss = new PgBoss({ connectionString: url, schema: bossSchema, schedule: false, supervise: false });
  await boss.start();
  await boss.stop({ graceful: false });
  await client.query(`create database ${startedTemplate} template ${template}`);
  await client.end();
  await addFirstAdministrator(url.replace(template, startedTemplate));
}

/** As `FirstStart` does, with a password that nobody knows. */
async function addFirstAdministrator(url: string): Promise<void> {
  const database = await openDatabase({ url, dataFolder: '', log: quiet });
  const administrator = {
    id: newId(),
    organisation_id: firstOrganisation,
    email: firstEmail,
    name: 'Administrator',
    roles: ['administrator' as const, 'operator' as const, 'lab' as const, 'pathologist' as const],
    password: quickHash(newId()),
    is_one_time: true,
  };
  await database.run((db) => db.insertInto('account').values(administrator).execute());
  await database.close();
}

/** Makes the slide that test files share. */
async function makeSlide(layout: 'svs' | 'deflate'): Promise<Running<string>> {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-sample-'));
  const out = join(folder, layout === 'svs' ? 'sample.svs' : 'sample.tif');
  const size = layout === 'svs' ? { width: 8000, height: 6000 } : { width: 4096, height: 4096 };
  await makeSample({ ...size, out, layout, seed: 21 });
  return { value: out, close: async () => await rm(folder, { recursive: true, force: true }) };
}

/** What can be asked for, by the path of its address. */
const services: Readonly<Record<string, () => Promise<Running<unknown>>>> = {
  '/postgres': startPostgres,
  '/samples/svs': async () => await makeSlide('svs'),
  '/samples/deflate': async () => await makeSlide('deflate'),
};

/** Called by vitest before the first test file. @returns what it calls after the last */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = new Map<string, Promise<Running<unknown>>>();
  const startOnce = async (path = '') => {
    const running = started.get(path) ?? services[path]?.();
    if (running === undefined) throw new Error(`nothing is shared at ${path}`);
    started.set(path, running);
    return (await running).value;
  };
  const server = createServer((request, response) => {
    startOnce(request.url).then(
      (value) => response.end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('sharedServices', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    server.closeAllConnections();
    for (const running of started.values()) await (await running).close();
  };
}
