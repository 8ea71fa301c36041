import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportKey } from '../src/core/objects.ts';
import { findCertificate } from '../src/ingest/retention/certificate.ts';
import { post, startTestLab, statusOf } from './lab.ts';
import { startProgram } from './program.ts';
import { sharedSample } from './shared-sample.ts';
import { slidePath } from './shared-slides.ts';

const run = promisify(execFile);
const lab = await startTestLab({ jobs: 1 });
const { service, database, slides } = lab;
const { jobs, store } = service;
const staff = lab.as('lab');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-exports-'));
  await jobs.idle();
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

interface Told {
  readonly id: string;
  readonly state: string;
  readonly progress: number;
  readonly bytes?: number;
  readonly reason?: string;
}

/** Asks for a slide as a file. */
async function start(slide: string, format: string): Promise<Told> {
  const answer = await staff(`/slides/${slide}/exports`, post({ format }));
  expect(answer.status).toBe(201);
  return (await answer.json()) as Told;
}

async function listed(slide: string): Promise<readonly Told[]> {
  return ((await (await staff(`/slides/${slide}/exports`)).json()) as { exports: Told[] }).exports;
}

/** Resolves when an export is in a state. */
async function until(slide: string, id: string, state: string): Promise<Told> {
  for (;;) {
    const found = (await listed(slide)).find((one) => one.id === id);
    if (found?.state === 'failed' && state !== 'failed') throw new Error(found.reason);
    if (found?.state === state) return found;
    await sleep(10);
  }
}

/** What the row of an export says. */
async function stateOf(id: string): Promise<string | undefined> {
  const row = await database.run((db) =>
    db.selectFrom('slide_export').select('state').where('id', '=', id).executeTakeFirst(),
  );
  return row?.state;
}

const pathOf = (slide: string, id: string) => `/slides/${slide}/exports/${id}`;

/** Fetches a file that is ready. @returns where it is now */
async function fetched(slide: string, id: string, name: string): Promise<string> {
  const answer = await staff(`${pathOf(slide, id)}/file`);
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename=${name}`);
  const path = join(folder, `${id}-${name}`);
  await writeFile(path, Buffer.from(await answer.arrayBuffer()));
  return path;
}

/** Holds the writing of zips back. @returns lets it go on */
function holdZips(): () => void {
  const real = store.putStream.bind(store);
  const gate = Promise.withResolvers<void>();
  store.putStream = async (key, bytes, options = {}) => {
    const { signal } = options;
    await Promise.race([gate.promise, ...(signal === undefined ? [] : [once(signal, 'abort')])]);
    return await real(key, bytes, options);
  };
  return () => {
    store.putStream = real;
    gate.resolve();
  };
}

/** Sends a slide of 17 megapixels. @returns its id */
async function sendLarge(): Promise<string> {
  const path = await sharedSample('deflate');
  const body = Readable.toWeb(createReadStream(path)) as ReadableStream;
  const answer = await staff('/slides?name=large.tif', {
    method: 'POST',
    body,
    duplex: 'half',
  } as RequestInit);
  return ((await answer.json()) as { id: string }).id;
}

describe('an export', () => {
  it('is made by a worker and fetched: a zip of Deep Zoom, and a pyramidal TIFF with the same pixels', async () => {
    const szi = await start(slides.own, 'szi');
    expect(szi).toMatchObject({ state: 'waiting', progress: 0 });
    expect((await start(slides.own, 'szi')).id).toBe(szi.id);
    const ready = await until(slides.own, szi.id, 'ready');
    const zip = await fetched(slides.own, szi.id, 'a.szi');
    expect((await run('unzip', ['-tq', zip])).stdout).toContain('No errors');
    const { stdout: names } = await run('unzip', ['-Z1', zip]);
    expect(names).toContain('a/a.dzi\n');
    expect(names).toContain('associated_images/macro.jpg');
    expect(names).not.toMatch(/label/i);
    expect(ready.bytes).toBe((await store.head(exportKey(slides.own, szi.id)))?.size);

    const tiff = await start(slides.own, 'tiff');
    await until(slides.own, tiff.id, 'ready');
    const path = await fetched(slides.own, tiff.id, 'a.tif');
    const whole = { limitInputPixels: false } as const;
    expect((await sharp(path).metadata()).pages).toBeGreaterThan(2);
    const [ours, theirs] = await Promise.all(
      [path, slidePath('derived/svs/open_cmu_jpeg_pyramid.svs')].map((one) =>
        sharp(one, whole).removeAlpha().raw().toBuffer(),
      ),
    );
    expect(theirs?.length).toBeGreaterThan(1_000_000);
    expect(ours?.equals(theirs!)).toBe(true);
    const rows = await database.run((db) =>
      db
        .selectFrom('audit')
        .select('detail')
        .where('action', '=', 'slide.export')
        .where('subject_id', '=', slides.own)
        .where('outcome', '=', 'done')
        .orderBy('seq')
        .execute(),
    );
    expect(rows.map(({ detail }) => detail)).toMatchObject([
      { route: 'startExport', format: 'szi' },
      { route: 'startExport', format: 'szi' },
      { route: 'getExportFile', bytes: String(ready.bytes) },
      { route: 'startExport', format: 'tiff' },
      { route: 'getExportFile' },
    ]);
  });

  it('is there for its own lab alone', async () => {
    const { id } = await start(slides.own, 'szi');
    const other = lab.as('administrator', 'other');
    for (const path of [`/slides/${slides.own}/exports`, `${pathOf(slides.own, id)}/file`])
      expect(await statusOf(other, path)).toBe(404);
    expect(await statusOf(other, pathOf(slides.own, id), { method: 'DELETE' })).toBe(404);
    // Shared with us: seen, but not to be taken away.
    expect(await statusOf(staff, `/slides/${slides.shared}/exports`, post({ format: 'szi' }))).toBe(403);
    // Under a slide of ours there is no file of another's.
    const another = await lab.addSlide();
    expect(await statusOf(staff, `${pathOf(another, id)}/file`)).toBe(404);
  });

  it('is refused for a slide that is not complete', async () => {
    const id = await lab.addSlide();
    await jobs.idle();
    await database.run((db) => sql`update slide set state = 'viewable' where id = ${id}`.execute(db));
    expect(await statusOf(staff, `/slides/${id}/exports`, post({ format: 'szi' }))).toBe(409);
  });

  it('is cancelled while it is made, and leaves nothing', async () => {
    const slide = await lab.addSlide();
    await jobs.idle();
    const release = holdZips();
    const { id } = await start(slide, 'szi');
    await until(slide, id, 'making');
    expect(await statusOf(staff, `${pathOf(slide, id)}/file`)).toBe(409);
    expect(await statusOf(staff, pathOf(slide, id), { method: 'DELETE' })).toBe(204);
    expect(await listed(slide)).toEqual([]);
    await jobs.idle(['export']);
    release();
    expect(await store.head(exportKey(slide, id))).toBeUndefined();
    expect(await statusOf(staff, pathOf(slide, id), { method: 'DELETE' })).toBe(404);
    // And is made when it is asked for again.
    await until(slide, (await start(slide, 'szi')).id, 'ready');
  });

  it('expires: nobody gets it, then nothing is left; nor of files that nobody knows of', async () => {
    const { id } = await start(slides.own, 'szi');
    await until(slides.own, id, 'ready');
    await database.run((db) =>
      sql`update slide_export set expires_at = now() - interval '1 second' where id = ${id}`.execute(db),
    );
    expect((await listed(slides.own)).map((one) => one.id)).not.toContain(id);
    expect(await statusOf(staff, `${pathOf(slides.own, id)}/file`)).toBe(404);
    const stray = exportKey(slides.own, 'f'.repeat(32));
    await store.put(stray, Buffer.from('left by a worker that was lost'));
    await service.retaining?.caretaker.look();
    expect(await store.head(exportKey(slides.own, id))).toBeUndefined();
    expect(await store.head(stray)).toBeUndefined();
    expect((await start(slides.own, 'szi')).id).not.toBe(id);
  });

  it('goes with its slide, named in the certificate of its destruction, which is a job', async () => {
    const slide = await lab.addSlide();
    await jobs.idle();
    const { id } = await start(slide, 'tiff');
    await until(slide, id, 'ready');
    expect(await statusOf(staff, `/slides/${slide}`, { method: 'DELETE' })).toBe(204);
    expect(await statusOf(staff, `${pathOf(slide, id)}/file`)).toBe(404);
    await database.run((db) => sql`update slide set kept_until = now() where id = ${slide}`.execute(db));
    await service.retaining?.caretaker.look();
    await jobs.idle(['purge']);
    const certificate = await findCertificate(database, { slideId: slide });
    expect(certificate?.content.objects.map(({ name }) => name)).toContain(`exports/${id}`);
    for (const prefix of [`slides/${slide}/`, exportKey(slide)])
      for await (const { key } of store.list(prefix)) expect.fail(`${key} is left`);
  });

  it('is made again by another worker when its own is killed', async () => {
    const large = await sendLarge();
    const other = await lab.addSlide();
    await jobs.idle();
    // Our own worker is busy with another file meanwhile.
    const release = holdZips();
    const held = await start(other, 'szi');
    await until(other, held.id, 'making');
    const env = {
      DATABASE_URL: String(database.login.connectionString),
      TELEPATH_STORE: join(lab.folder, 'objects'),
      TELEPATH_DATA: join(folder, 'worker'),
    };
    let wanted: Told;
    for (;;) {
      const worker = await startProgram(['work'], env);
      wanted = await start(large, 'szi');
      while ((await stateOf(wanted.id)) === 'waiting') await sleep(2);
      worker.signal('SIGKILL');
      await worker.ended;
      if ((await stateOf(wanted.id)) === 'making') break;
      // It was faster: once more.
      await statusOf(staff, pathOf(large, wanted.id), { method: 'DELETE' });
    }
    expect(await store.head(exportKey(large, wanted.id))).toBeUndefined();
    release();
    await until(large, wanted.id, 'ready');
    const { rows } = await database.run((db) =>
      sql<{ tries: number }>`select tries from slide_export where id = ${wanted.id}`.execute(db),
    );
    expect(rows[0]?.tries).toBe(2);
    const path = await fetched(large, wanted.id, 'large.szi');
    expect((await run('unzip', ['-tq', path])).stdout).toContain('No errors');
    await until(other, held.id, 'ready');
  }, 120_000);
});
