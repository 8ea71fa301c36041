import { mkdtemp, rm, appendFile, chmod } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { PgBoss } from 'pg-boss';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../src/db/database.ts';
import { prepareCluster } from '../src/db/embedded/cluster.ts';
import { startEmbeddedPostgres } from '../src/db/embedded/embedded-postgres.ts';
import { quiet, templateName, type SharedPostgres } from '../src/db/test-database.ts';
import { bossSchema } from '../src/ingest/boss.ts';

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

/** Starts a real PostgreSQL, with a database that has the newest schema. */
async function startPostgres(): Promise<Running<SharedPostgres>> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'telepath-db-'));
  await chmod(dataFolder, 0o755);
  const { folder } = await prepareCluster({ dataFolder, uid: 65_534 });
  await appendFile(join(folder, 'postgresql.conf'), settings);
  const server = await startEmbeddedPostgres({ dataFolder, log: quiet });
  const { host, port, user, password, database } = server.login;
  const client = new Client(server.login);
  await client.connect();
  await client.query(`create database ${templateName}`);
  await client.end();
  const url = `postgres://${user}:${password}@localhost/${templateName}?host=${encodeURIComponent(host)}&port=${port}`;
  await (await openDatabase({ url, dataFolder, log: quiet })).close();
  // The tables of the jobs, too; its queues are made by each service in its own way.
  const boss = new PgBoss({ connectionString: url, schema: bossSchema, schedule: false, supervise: false });
  await boss.start();
  await boss.stop({ graceful: false });
  const close = async () => {
    await server.close();
    await rm(dataFolder, { recursive: true, force: true });
  };
  return { value: { host, port, user, password, database }, close };
}

/** Called by vitest before the first test file. @returns what it calls after the last */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let postgres: Promise<Running<SharedPostgres>> | undefined;
  const server = createServer((_request, response) => {
    postgres ??= startPostgres();
    postgres.then(
      ({ value }) => response.end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('sharedServices', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    server.closeAllConnections();
    await (await postgres)?.close();
  };
}
