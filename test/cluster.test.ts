import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startCeph } from './ceph.ts';
import { liveThroughIt } from './end-to-end.ts';
import { newToken, startProgram, type Program } from './program.ts';

let folder: string;
const programs: Program[] = [];

/** Starts a command whose end the tests see to. */
async function start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Program> {
  const program = await startProgram(args, env);
  programs.push(program);
  return program;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-cluster-'));
});
afterAll(async () => {
  await Promise.all(programs.map(async (program) => await program.stop()));
  await rm(folder, { recursive: true, force: true });
});

describe('the service on one machine, with its own database and a folder', () => {
  it('takes slides in, prepares, shows and deletes them', async () => {
    const dataFolder = join(folder, 'one');
    const { url } = await start(['start'], { TELEPATH_DATA: dataFolder, TELEPATH_SAMPLE: 'false' });
    await liveThroughIt({ urls: [url, url, url], token: await newToken({ dataFolder }) });
  });
});

describe('three processes that serve and two that work, on one PostgreSQL and one Ceph bucket', async () => {
  const postgres = await startTestPostgres();
  let ceph: Awaited<ReturnType<typeof startCeph>>;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    ceph = await startCeph();
    env = {
      DATABASE_URL: await postgres.newUrl(),
      TELEPATH_STORE: `s3://${ceph.bucket}/lab`,
      TELEPATH_S3_ENDPOINT: ceph.endpoint,
      AWS_ACCESS_KEY_ID: ceph.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey,
    };
  });
  afterAll(async () => await ceph?.stop());

  it('do the same', async () => {
    const own = (name: string) => ({ ...env, TELEPATH_DATA: join(folder, name) });
    const serving = await Promise.all(['a', 'b', 'c'].map(async (name) => await start(['serve'], own(name))));
    await Promise.all(['d', 'e'].map(async (name) => await start(['work'], own(name))));
    const urls = serving.map(({ url }) => url);
    expect(new Set(urls).size).toBe(3);
    const token = await newToken({ url: env['DATABASE_URL'], dataFolder: folder });
    await liveThroughIt({ urls, token });
  });
});
