import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { verifyAudit } from '../src/audit/verify.ts';
import { firstOrganisation, newId } from '../src/core/ids.ts';
import { openDatabase } from '../src/db/database.ts';
import { quiet, startTestPostgres } from '../src/db/test-database.ts';
import { dueSlides, purgeIfDue } from '../src/ingest/retention/due.ts';
import { findCertificate } from '../src/ingest/retention/certificate.ts';
import { openStore } from '../src/storage/open.ts';

const postgres = await startTestPostgres();
const script = fileURLToPath(new URL('purge-process.ts', import.meta.url));
const objects = ['checksums', 'index', 'original/0', 'original/1', 'pyramid.tif'];

it('loses no certificate and leaves no object, at whichever step it is killed while it destroys a slide', async () => {
  const url = await postgres.newUrl();
  const root = await mkdtemp(join(tmpdir(), 'telepath-purge-'));
  const database = await openDatabase({ url, dataFolder: root, log: quiet });
  const store = await openStore({ kind: 'folder', root });
  const bytes = randomBytes(200_000);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const addSlide = async () => {
    const id = newId();
    for (const name of objects) await store.put(`slides/${id}/${name}`, bytes);
    await database.run((db) =>
      sql`insert into slide (id, organisation_id, name, state, added_at, bytes, deleted_at, kept_until)
        values (${id}, ${firstOrganisation}, 'x.svs', 'complete', now(), 400000, now(), now())`.execute(db),
    );
    return id;
  };
  let slides = 0;
  for (let isKilled = true; isKilled;) {
    const id = await addSlide();
    slides += 1;
    const child = spawn(process.execPath, [script, url, root, id, String(slides)], { stdio: 'inherit' });
    const signal = await new Promise((resolve) => void child.once('exit', (_code, by) => resolve(by)));
    isKilled = signal === 'SIGKILL';
    expect((await findCertificate(database, { slideId: id })) === undefined).toBe(isKilled);
    const parts = { database, store, onChange: async () => {} };
    expect(await dueSlides(database)).toEqual(isKilled ? [id] : []);
    await purgeIfDue(parts, id);
    const certificate = await findCertificate(database, { slideId: id });
    const destroyed = certificate?.content.objects ?? [];
    expect(destroyed.map(({ name }) => name).sort()).toEqual(objects);
    for (const object of destroyed) expect(object).toMatchObject({ sha256, bytes: bytes.length });
    for await (const { key } of store.list('slides/')) expect.fail(`${key} is left`);
  }
  // Listing, reading five objects, deleting them, the index once more, listing what is left.
  expect(slides).toBeGreaterThan(12);
  expect(await verifyAudit(database)).toMatchObject({ isWhole: true, checked: slides });
  await store.close();
  await database.close();
  await rm(root, { recursive: true });
}, 120_000);
