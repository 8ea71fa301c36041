import { createHash } from 'node:crypto';
import { access, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit } from '../src/audit/verify.ts';
import { ServiceError } from '../src/core/errors.ts';
import { findCertificate } from '../src/ingest/retention/certificate.ts';
import { dueSlides, purgeIfDue } from '../src/ingest/retention/due.ts';
import { purge } from '../src/ingest/retention/purge.ts';
import { measureSlides } from '../src/ingest/retention/storage-use.ts';
import type { Store } from '../src/storage/store.ts';
import { startTestLab } from './lab.ts';
import { slidePath } from './shared-slides.ts';

const lab = await startTestLab({ rendersAhead: false });
const { service, database } = lab;
const svs = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));
const administrator = lab.as('administrator');
const elsewhere = lab.as('administrator', 'other');

interface CertificateAnswer {
  readonly id: string;
  readonly sha256: string;
  readonly audit: { readonly seq: number; readonly hash: string };
  readonly content: { readonly objects: readonly { name: string; bytes: number; sha256: string }[] };
}

/** What the answer says. */
async function said<T>(answer: Response): Promise<T> {
  return (await answer.json()) as T; // what the schemas promise, held by the compiler at the other end
}
const objectsOf = (id: string) => readdir(join(lab.folder, 'objects', 'slides', id)).catch(() => []);
const listed = async () => (await said<{ slides: { id: string }[] }>(await administrator('/slides'))).slides;
const deleted = async (ask = administrator) =>
  (await said<{ slides: { id: string; name: string; purgeAt: string }[] }>(await ask('/deleted-slides')))
    .slides;
const auditOf = async (id: string) =>
  (
    await database.run((db) =>
      db.selectFrom('audit').selectAll().where('subject_id', '=', id).orderBy('seq').execute(),
    )
  ).map(({ action, outcome }) => `${action} ${outcome}`);

const use = async (ask: typeof administrator) =>
  (await said<{ organisations: Record<string, unknown>[] }>(await ask('/storage-use'))).organisations;
/** Nobody else has anything open here. */
const onChange = async () => {};
const order = { actor: { kind: 'system' } } as const;

describe('a deleted slide', () => {
  let id: string;
  beforeAll(async () => {
    id = await lab.addSlide();
    await service.intake.checked();
  });

  it('is on no list and cannot be seen, but nothing of it is destroyed', async () => {
    const before = await objectsOf(id);
    expect((await lab.as('pathologist')(`/slides/${id}`, { method: 'DELETE' })).status).toBe(403);
    expect((await elsewhere(`/slides/${id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await lab.as('lab')(`/slides/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await listed()).map((slide) => slide.id)).not.toContain(id);
    for (const path of ['.json', '.dzi', '_files/8/0_0.jpg', '/levels/0/0_0.jpg', '/thumbnail.jpg'])
      expect((await administrator(`/slides/${id}${path}`)).status, path).toBe(404);
    expect(await objectsOf(id)).toEqual(before);
    const [slide] = await deleted();
    const days = (new Date(slide?.purgeAt ?? '').getTime() - Date.now()) / 86_400_000;
    expect(slide).toMatchObject({ id, deletedBy: lab.accounts.own.lab });
    expect(days).toBeCloseTo(30, 2);
    expect(await deleted(elsewhere)).toEqual([]);
  });

  it('can be restored by its own lab, and is as it was', async () => {
    expect((await elsewhere(`/slides/${id}/restoration`, { method: 'POST' })).status).toBe(404);
    expect((await administrator(`/slides/${id}/restoration`, { method: 'POST' })).status).toBe(204);
    expect((await administrator(`/slides/${id}/restoration`, { method: 'POST' })).status).toBe(404);
    expect((await listed()).map((slide) => slide.id)).toContain(id);
    expect((await administrator(`/slides/${id}/levels/0/0_0.jpg`)).status).toBe(200);
    expect((await auditOf(id)).filter((row) => /delete|restore/.test(row))).toEqual([
      'slide.delete refused',
      'slide.delete refused',
      'slide.delete done',
      'slide.restore refused',
      'slide.restore done',
      'slide.restore refused',
    ]);
  });

  it('is destroyed by an administrator, with a certificate that the audit vouches for', async () => {
    expect((await administrator(`/slides/${id}/purge`, { method: 'POST' })).status).toBe(404);
    await lab.as('lab')(`/slides/${id}`, { method: 'DELETE' });
    expect((await lab.as('lab')(`/slides/${id}/purge`, { method: 'POST' })).status).toBe(403);
    const sizes = new Map(
      await Promise.all(
        ['original/0', 'index', 'checksums'].map(
          async (name) =>
            [name, (await readFile(join(lab.folder, 'objects', 'slides', id, name))).length] as const,
        ),
      ),
    );
    const answer = await administrator(`/slides/${id}/purge`, { method: 'POST' });
    expect(answer.status).toBe(201);
    const certificate = await said<CertificateAnswer>(answer);
    const objects = new Map(certificate.content.objects.map((object) => [object.name, object]));
    for (const [name, bytes] of sizes) expect(objects.get(name)?.bytes, name).toBe(bytes);
    expect(objects.get('original/0')?.sha256).toBe(createHash('sha256').update(svs).digest('hex'));
    await expect(access(join(lab.folder, 'objects', 'slides', id, 'original', '0'))).rejects.toThrow(
      'ENOENT',
    );
    for await (const { key } of service.store.list(`slides/${id}/`)) expect.fail(`${key} is left`);
    const row = await database.run((db) =>
      db.selectFrom('audit').selectAll().where('seq', '=', certificate.audit.seq).executeTakeFirstOrThrow(),
    );
    expect(row).toMatchObject({
      action: 'slide.purge',
      hash: certificate.audit.hash,
      actor_id: lab.accounts.own.administrator,
      detail: { certificate: certificate.id, sha256: certificate.sha256 },
    });
    const { rows } = await database.run((db) =>
      sql<{ text: string }>`select slide::text as text from slide where id = ${id}`.execute(db),
    );
    expect(rows[0]?.text).not.toContain('svs');
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true });
    const page = await administrator(`/certificates/${certificate.id}`);
    const html = await page.text();
    expect(page.headers.get('content-type')).toContain('text/html');
    for (const word of [id, objects.get('original/0')?.sha256 ?? '', certificate.audit.hash])
      expect(html).toContain(word);
    expect(await said(await administrator(`/certificates/${certificate.id}.json`))).toEqual(certificate);
    const kept = async (ask: typeof administrator) =>
      (await said<{ certificates: { id: string; slide: string }[] }>(await ask('/certificates')))
        .certificates;
    expect(await kept(administrator)).toMatchObject([{ id: certificate.id, slide: id }]);
    expect(await kept(elsewhere)).toEqual([]);
    expect((await elsewhere(`/certificates/${certificate.id}`)).status).toBe(404);
    expect((await administrator(`/slides/${id}/restoration`, { method: 'POST' })).status).toBe(404);
  });
});

describe('purge', () => {
  it('goes on wherever it was cut off, and certifies all that was there', async () => {
    let runs = 0;
    for (let cut = 1; ; cut += 1) {
      const id = await lab.addSlide();
      await lab.as('lab')(`/slides/${id}`, { method: 'DELETE' });
      const objects: string[] = [];
      for await (const { key } of service.store.list(`slides/${id}/`)) objects.push(key);
      const cutOff = await purge({ database, store: failingAt(cut), onChange }, id, order).then(
        () => false,
        () => true,
      );
      if (!cutOff) break;
      runs += 1;
      expect(await findCertificate(database, { slideId: id })).toBeUndefined();
      expect((await administrator(`/slides/${id}/restoration`, { method: 'POST' })).status).toBe(409);
      expect(await deleted()).toEqual([]);
      expect(await dueSlides(database)).toEqual([id]);
      await purgeIfDue({ database, store: service.store, onChange }, id);
      const certificate = await findCertificate(database, { slideId: id });
      expect(certificate?.content.objects.map(({ name }) => `slides/${id}/${name}`)).toEqual(objects);
      for await (const { key } of service.store.list(`slides/${id}/`)) expect.fail(`${key} is left`);
    }
    expect(runs).toBeGreaterThanOrEqual(4);
    expect(await verifyAudit(database)).toMatchObject({ isWhole: true });
  });

  it('is done when the time is up, not before, and once however many try', async () => {
    const [due, early] = [await lab.addSlide(), await lab.addSlide()];
    for (const id of [due, early]) await lab.as('lab')(`/slides/${id}`, { method: 'DELETE' });
    await database.run((db) =>
      sql`update slide set kept_until = now() - interval '1 second' where id = ${due}`.execute(db),
    );
    expect(await purgeIfDue({ database, store: service.store, onChange }, early)).toBeUndefined();
    const parts = { database, store: service.store, onChange };
    const [certificate] = await Promise.all([
      purge(parts, due, order),
      purge(parts, due, order),
      purgeIfDue(parts, due),
    ]);
    expect(certificate.content.by).toEqual({ kind: 'system' });
    expect((await auditOf(due)).filter((row) => row.startsWith('slide.purge'))).toEqual(['slide.purge done']);
    expect((await deleted()).map(({ id }) => id)).toEqual([early]);
    expect((await objectsOf(early)).length).toBeGreaterThan(0);
  });

  it('leaves other slides with the same bytes alone', async () => {
    const [gone, twin] = [await lab.addSlide(), await lab.addSlide()];
    await lab.as('lab')(`/slides/${gone}`, { method: 'DELETE' });
    expect((await administrator(`/slides/${gone}/purge`, { method: 'POST' })).status).toBe(201);
    const tile = await administrator(`/slides/${twin}/levels/0/0_0.jpg`);
    expect(tile.status).toBe(200);
  });

  it('refuses to change or delete a certificate', async () => {
    for (const query of [sql`update certificate set content = ''`, sql`delete from certificate`])
      await expect(database.run((db) => query.execute(db))).rejects.toThrow('never changed');
  });
});

describe('storage use', () => {
  it('counts originals, what was made, and what is kept though deleted, by organisation', async () => {
    const id = await lab.addSlide('other');
    await service.intake.checked();
    await measureSlides(database, service.store);
    let made = 0;
    for (const one of [id, lab.slides.other, lab.slides.shared])
      for await (const { key, size } of service.store.list(`slides/${one}/`))
        if (!key.includes('/original/')) made += size;
    const before = {
      organisation: lab.organisations.other,
      slides: 3,
      originalBytes: 3 * svs.length,
      madeBytes: made,
      bytes: 3 * svs.length + made,
      deletedSlides: 0,
      deletedBytes: 0,
      elsewhereBytes: 0,
    };
    expect(await use(elsewhere)).toEqual([before]);
    await lab.as('lab', 'other')(`/slides/${id}`, { method: 'DELETE' });
    const [after] = await use(elsewhere);
    expect(after).toMatchObject({ slides: 2, originalBytes: 2 * svs.length, deletedSlides: 1 });
    expect(Number(after?.['bytes']) + Number(after?.['deletedBytes'])).toBe(before.bytes);
    expect((await use(lab.as('operator'))).length).toBe(2);
    expect((await lab.as('pathologist')('/storage-use')).status).toBe(403);
  });
});

/** The service's store, whose nth stream or deletion fails; as a power cut, nothing after it works either. */
function failingAt(nth: number): Store {
  let calls = 0;
  const fail = () => {
    calls += 1;
    if (calls >= nth) throw new ServiceError('unavailable', 'the power is out');
  };
  const { store } = service;
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'delete' && name !== 'stream') return value.bind(target) as unknown;
      return async (...args: unknown[]) => {
        fail();
        return (await Reflect.apply(value, target, args)) as unknown;
      };
    },
  });
}
