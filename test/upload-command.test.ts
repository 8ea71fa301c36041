import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startCommand } from './client-command.ts';
import { cuttingProxy } from './cutting-proxy.ts';
import { startTestLab } from './lab.ts';
import { slidePath } from './shared-slides.ts';
import { startUploadService, type UploadService } from './upload-service.ts';

// Many processes start one after another here.
vi.setConfig({ testTimeout: 300_000 });
const postgres = await startTestPostgres();
const svs = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');
const MiB = 2 ** 20;

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Hash of the only slide that the service holds, or of the one with this name. */
async function storedHash(service: UploadService, name: string): Promise<string> {
  const slide = (await service.catalogue.list()).find((one) => one.name === name);
  return await sha256(join(service.folder, 'objects/slides', slide?.id ?? '', 'original/0'));
}

/** Waits until something holds, at most two minutes. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('telepath upload', () => {
  let folder: string;
  let large: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-sending-'));
    large = join(folder, 'large.svs');
    await cp(svs, large);
    // A slide with 300 MiB of nothing behind it: what a reader sees is the same.
    await truncate(large, 300 * MiB);
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  it('sends a folder of slides, passes over what is none, and sends nothing twice', async () => {
    await using service = await startUploadService(postgres);
    const scans = join(folder, 'scans');
    await mkdir(join(scans, 'deeper'), { recursive: true });
    await cp(svs, join(scans, 'a.svs'));
    await cp(slidePath('derived/tiff/open_cmu_pyr_lzw.tif'), join(scans, 'deeper', 'b.tif'));
    await writeFile(join(scans, 'notes.txt'), 'no slide');
    const args = ['upload', scans, '--server', service.url];
    const first = startCommand(args);
    expect(await first.ended(), first.text()).toBe(0);
    expect(first.text()).toContain('2 uploaded, 1 not slides');
    expect(first.text()).toMatch(/a\.svs: uploaded {2}http:\S+\/view\/[0-9a-f]{32}/);
    expect(await storedHash(service, 'a.svs')).toBe(await sha256(svs));
    const second = startCommand(args);
    expect(await second.ended()).toBe(0);
    expect(second.text()).toContain('0 uploaded, 2 already there, 1 not slides');
    expect((await service.catalogue.list()).length).toBe(2);
    const none = startCommand(['upload', join(scans, 'notes.txt'), '--server', service.url]);
    expect(await none.ended()).toBe(1);
    expect(none.text()).toContain('failed: notes.txt: none of the formats');
  });

  it('arrives byte for byte over a line that is cut every second', async () => {
    await using service = await startUploadService(postgres);
    const line = await cuttingProxy(service.url, 1000);
    try {
      const command = startCommand(['upload', large, '--server', line.url]);
      expect(await command.ended(), command.text()).toBe(0);
      expect(command.text()).toContain('1 uploaded');
    } finally {
      await line.close();
    }
    expect(line.cuts()).toBeGreaterThan(0);
    expect(await storedHash(service, 'large.svs')).toBe(await sha256(large));
  });

  it('goes on where it was when it is killed, and when the service is started again', async () => {
    const service = await startUploadService(postgres);
    const received = async () => {
      const [upload] = (await service.uploads?.rows.list({})) ?? [];
      return upload?.received ?? 0;
    };
    let killedAt = 0;
    for (let kill = 0; kill < 3; kill += 1) {
      const command = startCommand(['upload', large, '--server', service.url]);
      const before = killedAt;
      await until(async () => (await received()) > before);
      command.kill('SIGKILL');
      await command.ended();
      const now = await received();
      expect(now).toBeGreaterThan(killedAt);
      killedAt = now;
    }
    // One upload, however often it was begun.
    expect((await service.uploads?.rows.list({}))?.length).toBe(1);
    expect(killedAt).toBeLessThan(300 * MiB);
    const last = startCommand(['upload', large, '--server', service.url]);
    await until(async () => (await received()) > killedAt);
    const { port } = new URL(service.url);
    await service.close();
    await using again = await startUploadService(postgres, {
      beside: service,
      changes: { port: Number(port), dataFolder: service.config.dataFolder },
    });
    expect(await last.ended(), last.text()).toBe(0);
    expect(last.text()).toContain('1 uploaded');
    const [slide] = await again.catalogue.list();
    const stored = join(service.folder, 'objects/slides', slide?.id ?? '', 'original/0');
    expect(await sha256(stored)).toBe(await sha256(large));
    await rm(service.folder, { recursive: true, force: true });
  });

  it('says at once what is wrong with the address, and never shows the token', async () => {
    const secret = 'tp_this-is-a-secret';
    const lost = startCommand(['upload', svs], { TELEPATH_TOKEN: secret });
    expect(await lost.ended()).toBe(2);
    expect(lost.text()).toContain('--server');
    const plain = startCommand(['upload', svs, '--server', 'http://lab.example', '--token', secret]);
    expect(await plain.ended()).toBe(2);
    expect(plain.text()).toContain('over https only');
    const gone = startCommand(['upload', join(folder, 'absent.svs'), '--server', 'http://localhost:9']);
    expect(await gone.ended()).toBe(1);
    expect(gone.text()).toContain('no such file');
    for (const command of [lost, plain, gone]) expect(command.text()).not.toContain(secret);
  });
});

describe('telepath upload, to a service with accounts', async () => {
  const lab = await startTestLab();
  const { service } = lab;

  it('sends with a token that may upload and nothing else, and is refused with any other', async () => {
    const token = async (scopes: readonly ('upload' | 'read')[]) => {
      const made = await lab.as('lab')('/account/tokens', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: 'scanner', scopes, days: 30 }),
      });
      expect(made.status).toBe(201);
      return ((await made.json()) as { token: string }).token;
    };
    const args = ['upload', slidePath('derived/tiff/open_cmu_pyr_lzw.tif'), '--server', service.url];
    const refused = startCommand(args, { TELEPATH_TOKEN: await token(['read']) });
    expect(await refused.ended()).toBe(1);
    expect(refused.text()).toContain('may not do this');
    const nobody = startCommand(args, { TELEPATH_TOKEN: 'made-up' });
    expect(await nobody.ended()).toBe(1);
    expect(nobody.text()).not.toContain('made-up');
    const good = await token(['upload']);
    const sent = startCommand(args, { TELEPATH_TOKEN: good });
    expect(await sent.ended(), sent.text()).toBe(0);
    expect(sent.text()).toContain('1 uploaded');
    expect(sent.text()).not.toContain(good);
    const mine = (await service.catalogue.list()).find(({ name }) => name === 'open_cmu_pyr_lzw.tif');
    expect(mine?.organisationId).toBe(lab.organisations.own.id);
  });
});
