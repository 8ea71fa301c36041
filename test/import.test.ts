import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { everyoneIsLocal } from '../src/auth/authenticator.ts';
import { readConfig } from '../src/config.ts';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startService, type Service } from '../src/main.ts';
import { startCeph } from './ceph.ts';
import { startTestLab } from './lab.ts';
import { slidePath } from './shared-slides.ts';

const run = promisify(execFile);
// Many processes start one after another here.
vi.setConfig({ testTimeout: 300_000 });
const postgres = await startTestPostgres();
const svs = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');
const lzw = slidePath('derived/tiff/open_cmu_pyr_lzw.tif');
const png = slidePath('derived/image/open_cmu_1501x1500.png');

/** What a call of the command gave. */
interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A service, and the command on its rows and objects. */
async function site(from: string, env: NodeJS.ProcessEnv = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-import-'));
  const environment = {
    PATH: process.env['PATH'],
    TELEPATH_DATA: folder,
    DATABASE_URL: await postgres.newStartedUrl(),
    TELEPATH_IMPORT_FROM: from,
    PORT: '0',
    LOG_LEVEL: 'error',
    ...env,
  };
  let service: Service | undefined;
  const start = async () => {
    service = await startService(readConfig(environment), { authenticator: everyoneIsLocal });
    return service;
  };
  const command = async (...args: string[]): Promise<Outcome> => {
    const call = run(process.execPath, ['src/cli.ts', 'import', ...args], { env: environment });
    return await call.then(
      ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        code: error.code,
        out: error.stdout,
        err: error.stderr,
      }),
    );
  };
  const stop = async () => {
    await service?.close();
    service = undefined;
  };
  const end = async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, start, command, stop, [Symbol.asyncDispose]: end };
}

/** State of each slide by its name. */
async function states(service: Service): Promise<Record<string, string>> {
  const slides = await service.catalogue.list();
  return Object.fromEntries(slides.map(({ name, state }) => [name, state.kind]));
}

async function idOf(service: Service, name: string): Promise<string> {
  const found = (await service.catalogue.list()).find((slide) => slide.name === name);
  if (found === undefined) throw new Error(`no slide ${name}`);
  return found.id;
}

/** Bytes of the slide's own tile in the middle. */
async function tile(service: Service, id: string): Promise<{ status: number; bytes: Buffer }> {
  const answer = await fetch(`${service.url}/slides/${id}/levels/0/1_1.jpg`);
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
}

/** Waits until something holds, at most two minutes. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A folder as a scanner leaves it, with what does not belong there. */
async function scans(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-scans-'));
  await mkdir(join(folder, 'day 1'));
  await cp(svs, join(folder, 'day 1', 'Ä 1 #+%.svs'));
  await cp(svs, join(folder, 'b.svs'));
  await cp(lzw, join(folder, 'lzw.tif'));
  await cp(png, join(folder, 'snapshot.png'));
  await writeFile(join(folder, 'notes.txt'), 'not a slide');
  await writeFile(join(folder, '.hidden.svs'), 'not looked at');
  return folder;
}

describe('telepath import FOLDER', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await scans();
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  it('makes slides of files where they lie, once, and shows them after a restart', async () => {
    await using at = await site(folder);
    expect(await at.command(folder, '--dry-run')).toMatchObject({
      code: 0,
      out: expect.stringContaining('3 slides would be imported'),
    });
    const service = await at.start();
    const first = await at.command(folder);
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^3 slides imported, 2 not imported;/),
    });
    expect(first.err).toContain('not imported: notes.txt: none of the formats');
    expect(first.err).toContain('not imported: snapshot.png: a picture');
    await until(async () => (await states(service))['lzw.tif'] === 'complete');
    expect(await states(service)).toEqual({
      'Ä 1 #+%.svs': 'complete',
      'b.svs': 'complete',
      'lzw.tif': 'complete',
    });
    for (const name of ['Ä 1 #+%.svs', 'lzw.tif'])
      expect((await tile(service, await idOf(service, name))).status, name).toBe(200);
    const stored: string[] = [];
    for await (const { key } of service.store.list('slides/')) stored.push(key);
    expect(stored.filter((key) => key.includes('original'))).toEqual([]);
    const again = await at.command(folder);
    expect(again.out).toMatch(/^0 slides imported, 3 there already, 2 not imported;/);
    await at.stop();
    const restarted = await at.start();
    const { status, bytes } = await tile(restarted, await idOf(restarted, 'b.svs'));
    expect(status).toBe(200);
    expect(bytes.length).toBeGreaterThan(1000);
    expect((await restarted.catalogue.list()).length).toBe(3);
  });

  it('lets nothing be reached from outside the folders that may be imported from', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'telepath-outside-'));
    await cp(svs, join(outside, 'secret.svs'));
    const inside = join(folder, 'day 1');
    await symlink(outside, join(inside, 'way-out'));
    await symlink(join(outside, 'secret.svs'), join(inside, 'secret.svs'));
    await using at = await site(inside);
    for (const from of [
      outside,
      folder,
      `${inside}/..`,
      join(inside, 'way-out'),
      join(inside, 'secret.svs'),
      `${inside}x`,
      's3://somebody/else',
    ]) {
      const refused = await at.command(from);
      expect(refused.code, from).not.toBe(0);
      expect(refused.out, from).toBe('');
    }
    expect((await at.command(inside)).out).toMatch(/^1 slide imported; 1 files/);
    await using closed = await site('');
    expect((await closed.command(inside)).err).toContain('TELEPATH_IMPORT_FROM');
    await rm(outside, { recursive: true });
    await rm(join(inside, 'way-out'));
    await rm(join(inside, 'secret.svs'));
  });

  it('never shows tiles of a file that was changed, or put in its place from outside', async () => {
    const mine = await scans();
    await using at = await site(mine);
    const service = await at.start();
    await at.command(join(mine, 'b.svs'));
    const id = await idOf(service, 'b.svs');
    expect((await tile(service, id)).status).toBe(200);
    service.library.forget(id);
    const changed = await readFile(join(mine, 'b.svs'));
    changed[changed.length - 5] = 0xff;
    await writeFile(join(mine, 'b.svs'), changed);
    await utimes(join(mine, 'b.svs'), new Date(), new Date(Date.now() + 5000));
    // A file that is open is trusted for a second.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await fetch(`${service.url}/slides/${id}/levels/0/2_1.jpg`)).status).toBe(422);
    await until(async () => (await states(service))['b.svs'] === 'failed');
    expect((await at.command(mine)).out).toMatch(/^3 slides imported/);
    const both = (await service.catalogue.list()).filter(({ name }) => name === 'b.svs');
    expect(both.map(({ state }) => state.kind).sort()).toEqual(['complete', 'failed']);
    // A link to a file elsewhere in the place of one that was imported.
    const newer = both.find(({ state }) => state.kind === 'complete');
    await rename(join(mine, 'b.svs'), join(folder, 'moved.svs'));
    await symlink(join(folder, 'moved.svs'), join(mine, 'b.svs'));
    // A file that is open is trusted for a second.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const answer = await fetch(`${service.url}/slides/${newer?.id}/levels/0/1_2.jpg`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    await rm(join(folder, 'moved.svs'));
    await rm(mine, { recursive: true });
  });
});

describe('imports that administrators ask for', async () => {
  const folder = await scans();
  const other = await scans();
  afterAll(async () => {
    for (const one of [folder, other]) await rm(one, { recursive: true });
  });
  const lab = await startTestLab({
    importFrom: [
      { root: { kind: 'folder', root: folder }, organisation: 'Own laboratory' },
      { root: { kind: 'folder', root: other }, organisation: 'Other laboratory' },
      { root: { kind: 'folder', root: tmpdir() }, organisation: undefined },
    ],
  });
  const start = async (from: string) =>
    await lab.as('administrator')('/imports', { method: 'POST', body: JSON.stringify({ from }) });

  it('are made, noted, and seen by their organisation alone', async () => {
    const started = await start(folder);
    expect(started.status).toBe(201);
    expect(await started.json()).toMatchObject({ state: 'running', from: folder });
    await lab.service.imports?.idle();
    const mine = (await (await lab.as('administrator')('/imports')).json()) as { imports: unknown[] };
    expect(mine.imports).toMatchObject([{ state: 'done', found: 5, registered: 3, known: 0, refused: 2 }]);
    const theirs = await lab.as('administrator', 'other')('/imports');
    expect(await theirs.json()).toEqual({ imports: [] });
    const slide = (await lab.service.catalogue.list()).find(({ name }) => name === 'b.svs');
    expect(slide?.organisationId).toBe(lab.organisations.own.id);
    const path = `/slides/${slide?.id}/levels/0/1_1.jpg`;
    expect((await lab.as('pathologist')(path)).status).toBe(200);
    expect((await lab.as('pathologist', 'other')(path)).status).toBe(404);
  });

  it.each([other, tmpdir(), '/etc', 's3://any/thing', '/not/there'])('are not made from %s', async (from) => {
    const refused = await start(from);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('TELEPATH_IMPORT_FROM') });
  });
});

describe('telepath import s3://bucket/prefix', () => {
  let ceph: Awaited<ReturnType<typeof startCeph>>;
  beforeAll(async () => {
    ceph = await startCeph();
    const { endpoint, accessKeyId, secretAccessKey, bucket } = ceph;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    const Body = await readFile(svs);
    for (const Key of ['scans/Ä 1 #+%.svs', 'scans/deep/er/b.svs', 'scans2/c.svs', 'd.svs'])
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    await client.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'scans/lzw.tif', Body: await readFile(lzw) }),
    );
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'scans/notes.txt', Body: 'not a slide' }));
    client.destroy();
  });
  afterAll(async () => await ceph?.stop());

  it('makes slides of objects of any name, and of none outside the prefix', async () => {
    const { endpoint, accessKeyId, secretAccessKey, bucket } = ceph;
    await using at = await site(`s3://${bucket}/scans`, {
      TELEPATH_S3_ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    });
    for (const from of [
      `s3://${bucket}`,
      `s3://${bucket}/scans2`,
      `s3://${bucket}/d.svs`,
      's3://other/scans',
    ])
      expect((await at.command(from)).err, from).toContain('TELEPATH_IMPORT_FROM');
    const service = await at.start();
    const first = await at.command(`s3://${bucket}/scans`);
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^3 slides imported, 1 not imported;/),
    });
    await until(async () => (await states(service))['lzw.tif'] === 'complete');
    for (const name of ['Ä 1 #+%.svs', 'b.svs', 'lzw.tif'])
      expect((await tile(service, await idOf(service, name))).status, name).toBe(200);
    expect((await at.command(`s3://${bucket}/scans/`)).out).toMatch(/^0 slides imported, 3 there already/);
    // Another object under the same key.
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    const Body = Buffer.concat([await readFile(svs), Buffer.from([0])]);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'scans/deep/er/b.svs', Body }));
    client.destroy();
    const answer = await fetch(`${service.url}/slides/${await idOf(service, 'b.svs')}/levels/0/2_1.jpg`);
    expect(answer.status).toBe(422);
    expect((await states(service))['b.svs']).toBe('failed');
  });
});
