import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startProgram, type Program } from './program.ts';
import { slidePath } from './shared-slides.ts';

/** In everything that names somebody or that nobody may know; chance does not write it. */
const mark = 'Quillfeather';
const chosenPassword = `${mark} likes nine microscopes`;
const slide = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');
const postgres = await startTestPostgres();

describe('the log at its most talkative', () => {
  let folder: string;
  let program: Program;
  /** Of the session, when there is one. */
  let cookie = '';
  /** What the service made and told us alone. */
  const told = new Set<string>();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-log-'));
    await mkdir(join(folder, 'archive'));
    program = await startProgram(['start'], {
      LOG_LEVEL: 'trace',
      TELEPATH_DATA: folder,
      DATABASE_URL: await postgres.newUrl(),
      TELEPATH_IMPORT_FROM: `My laboratory=${join(folder, 'archive')}`,
      TELEPATH_SAMPLE: 'false',
    });
  }, 120_000);
  afterAll(async () => {
    await program?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function ask(path: string, init: RequestInit = {}, headers: Record<string, string> = {}) {
    const answer = await fetch(path.startsWith('/') ? program.url + path : path, {
      redirect: 'manual',
      ...init,
      headers: {
        Origin: program.url,
        Cookie: cookie,
        ...(typeof init.body === 'string' && { 'Content-Type': 'application/json' }),
        ...headers,
      },
    });
    const set = /telepath[\w-]*=([^;]+)/i.exec(answer.headers.get('Set-Cookie') ?? '');
    if (set !== null && (set[1]?.length ?? 0) > 20) {
      cookie = set[0];
      told.add(set[1] ?? '');
    }
    const text = await answer.text();
    return { status: answer.status, text };
  }

  const post = async (path: string, body: unknown, method = 'POST') =>
    await ask(path, { method, body: JSON.stringify(body) });

  async function sent(name: string, body: Uint8Array): Promise<string> {
    const { status, text } = await ask(`/slides?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      body: new Uint8Array(body),
    });
    expect(status).toBe(201);
    return field(text, 'id');
  }

  async function settled(id: string): Promise<string> {
    let kind = '';
    const look = async () => {
      const { text } = await ask(`/slides/${id}.json`);
      kind = /"kind":"(\w+)"/.exec(text)?.[1] ?? /"state":"(\w+)"/.exec(text)?.[1] ?? '';
      return kind;
    };
    await expect.poll(look, { timeout: 60_000, interval: 300 }).toMatch(/complete|failed/);
    return kind;
  }

  it('knows accounts by their ids only', async () => {
    const once = /password (\S+) \(shown only now/.exec(program.output())?.[1] ?? '';
    expect(once).not.toBe('');
    for (const password of [`${mark} 1`, `${mark} 2`])
      expect((await post('/session', { email: `${mark}@lab.example`, password })).status).toBe(401);
    expect((await post('/session', { email: 'admin@localhost', password: once })).status).toBe(200);
    expect(
      (await post('/account/password', { current: once, new: chosenPassword }, 'PUT')).status,
    ).toBeLessThan(300);
    const again = await post('/session', { email: 'admin@localhost', password: chosenPassword });
    expect(again.status).toBe(200);
    const person = { email: `ada.${mark}@lab.example`, name: `Ada ${mark}`, roles: ['lab'] };
    const added = await post('/people', person);
    expect(added.status).toBe(201);
    told.add(field(added.text, 'oneTimePassword'));
    expect((await post('/people', person)).status).toBe(409);
    const factor = await post('/account/second-factor', {});
    told.add(field(factor.text, 'secret'));
    const token = await post('/account/tokens', { name: `${mark}'s scanner`, scopes: ['read'], days: 1 });
    expect(token.status).toBe(201);
    told.add(field(token.text, 'token'));
    expect(
      (await ask('/slides', {}, { Cookie: '', Authorization: `Bearer ${field(token.text, 'token')}` }))
        .status,
    ).toBe(200);
    expect((await ask('/slides', {}, { Cookie: '', Authorization: `Bearer ${mark}` })).status).toBe(401);
  }, 60_000);

  it('knows slides by their ids only, whatever becomes of them', async () => {
    const whole = await readFile(slide);
    const id = await sent(`${mark} Jane.svs`, withWords(whole));
    expect(await settled(id)).toBe('complete');
    const converted = await sent(
      `${mark} John.png`,
      await readFile(slidePath('derived/image/open_cmu_1501x1500.png')),
    );
    expect(await settled(converted)).toBe('complete');
    const link = await post(`/slides/${id}/links`, { hours: 1 });
    const token = new URL(field(link.text, 'url'), program.url).searchParams.get('token') ?? '';
    told.add(token);
    expect((await ask(`/slides/${id}.json?token=${token}`, {}, { Cookie: '' })).status).toBe(200);
    await post(`/slides/${id}/shares`, { organisation: `${mark} hospital` });
    // Cut off in the store: the tiles are gone.
    await truncate(join(folder, 'objects', 'slides', id, 'original', '0'), 5000);
    const answers = await Promise.all(
      [0, 1, 2].map(async (column) => (await ask(`/slides/${id}/levels/0/${column}_1.jpg`)).status),
    );
    expect(Math.min(...answers)).toBeGreaterThanOrEqual(400);
    expect((await ask(`/slides/${id}`, { method: 'DELETE' })).status).toBeLessThan(300);
    expect((await ask('/deleted-slides')).text).toContain(mark);
    expect((await ask(`/slides/${id}/restoration`, { method: 'POST' })).status).toBeLessThan(300);
    expect((await ask(`/slides/${converted}`, { method: 'DELETE' })).status).toBeLessThan(300);
    await post(`/slides/${converted}/purge`, { name: `${mark} John.png` });
  }, 120_000);

  it('knows no file that was refused', async () => {
    for (const path of ['svs/open_cmu_jp2k33005.svs', 'svs/open_cmu_jpeg_pyramid.svs']) {
      const bytes = (await readFile(slidePath(`derived/${path}`))).subarray(0, 90_000);
      const { status } = await ask(`/slides?name=${mark}.svs`, {
        method: 'POST',
        body: new Uint8Array(bytes),
      });
      expect(status).toBeGreaterThanOrEqual(400);
      await upload(`${mark} part.svs`, bytes);
      await upload(`${mark} other.svs`, bytes, 'ab'.repeat(32));
    }
    for (const path of [
      `/${mark}`,
      `/slides/${mark}`,
      `/slides?name=${mark}`,
      `/audit?text=${mark}&before=${mark}`,
      `/%E0%A4%A/${mark}`,
    ])
      expect((await ask(path)).status).toBeGreaterThanOrEqual(200);
    expect((await ask('/session', { method: 'POST', body: `{"email": "${mark}` })).status).toBe(400);
    expect((await ask('/uploads', { method: 'POST', body: `{"name": ${mark}` })).status).toBe(400);
    const archive = join(folder, 'archive');
    await writeFile(join(archive, `${mark} one.svs`), (await readFile(slide)).subarray(0, 50_000));
    await writeFile(join(archive, `${mark} two.svs`), withWords(await readFile(slide)));
    expect((await post('/imports', { from: archive })).status).toBeLessThan(300);
    await expect
      .poll(async () => (await ask('/imports')).text, { timeout: 30_000 })
      .toMatch(/"state":"(done|failed)"/);
    await rm(join(archive, `${mark} two.svs`));
    const { text } = await ask('/slides');
    const imported = /"id":"(\w{32})","name":"Quillfeather two\.svs"/.exec(text)?.[1];
    if (imported !== undefined) await ask(`/slides/${imported}/levels/0/0_0.jpg`);
    await post('/imports', { from: `/elsewhere/${mark}` });
  }, 120_000);

  it('holds none of it', async () => {
    await sleep(1500);
    cookie = '';
    await program.stop();
    const lines = program.output().split('\n');
    const said = lines
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { msg?: string });
    // What went wrong is there, by kind and id.
    const messages = said.map(({ msg }) => msg);
    expect(messages).toContain('answered');
    expect(messages).toContain('job done');
    expect(messages).toContain('upload refused');
    expect(told.size).toBeGreaterThanOrEqual(5);
    const secrets = [mark, chosenPassword, 'admin@localhost', ...told].map((secret) => secret.toLowerCase());
    const leaks = lines.filter(
      (line) =>
        !line.startsWith('First sign-in: ') && secrets.some((secret) => line.toLowerCase().includes(secret)),
    );
    expect(leaks).toEqual([]);
  }, 30_000);

  /** Sends a whole file by tus; the service then looks at it. */
  async function upload(name: string, bytes: Uint8Array, sha256?: string): Promise<void> {
    const started = await post('/uploads', {
      name,
      size: bytes.length,
      ...(sha256 !== undefined && { sha256 }),
    });
    expect(started.status).toBeLessThan(300);
    const url = /"url":"([^"]+)"/.exec(started.text)?.[1] ?? '';
    await ask(
      url,
      { method: 'PATCH', body: new Uint8Array(bytes) },
      {
        'Tus-Resumable': '1.0.0',
        'Upload-Offset': '0',
        'Content-Type': 'application/offset+octet-stream',
      },
    );
    await expect
      .poll(async () => (await ask(`/slides/${field(started.text, 'slideId')}.json`)).text, {
        timeout: 20_000,
      })
      .toMatch(/failed|Not found/);
  }
});

/** A field of a JSON answer. */
function field(text: string, name: string): string {
  const value: unknown = (JSON.parse(text) as Record<string, unknown>)[name]; // the service's own answer
  if (typeof value !== 'string') throw new Error(`no ${name} in the answer`);
  return value;
}

/** A slide whose description names somebody. */
function withWords(slideBytes: Buffer): Buffer {
  const changed = Buffer.from(slideBytes);
  const at = changed.indexOf('Aperio');
  if (at === -1) throw new Error('the slide has no description');
  changed.write(`|Title = ${mark}`, changed.indexOf('|', at), 'latin1');
  return Buffer.concat([changed, Buffer.from(randomUUID())]);
}
