import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { verifyAudit } from '../src/audit/verify.ts';
import { firstOrganisation, newId } from '../src/core/ids.ts';
import { openDatabase } from '../src/db/database.ts';
import { quiet, startTestPostgres } from '../src/db/test-database.ts';
import { purgeDue } from '../src/ingest/retention/caretaker.ts';
import { findCertificate } from '../src/ingest/retention/certificate.ts';
import { openStore } from '../src/storage/open.ts';

const postgres = await startTestPostgres();
const script = fileURLToPath(new URL('purge-process.ts', import.meta.url));
const kills = 10;
const slidesAtOnce = 12;

it(`loses no certificate and leaves no object when it is killed ${kills} times while it destroys slides`, async () => {
  const url = await postgres.newUrl();
  const root = await mkdtemp(join(tmpdir(), 'telepath-purge-'));
  const database = await openDatabase({ url, dataFolder: root, log: quiet });
  const store = await openStore({ kind: 'folder', root });
  const bytes = randomBytes(200_000);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const addSlide = async () => {
    const id = newId();
    for (const name of ['original/0', 'original/1', 'pyramid.tif', 'index', 'checksums'])
      await store.put(`slides/${id}/${name}`, bytes);
    await database.run((db) =>
      sql`insert into slide (id, organisation_id, name, state, added_at, bytes, deleted_at, kept_until)
        values (${id}, ${firstOrganisation}, 'x.svs', 'complete', now(), 400000, now(), now())`.execute(db),
    );
    return id;
  };
  const all: string[] = [];
  let unfinished = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const ids = await Promise.all(Array.from({ length: slidesAtOnce }, addSlide));
    all.push(...ids);
    const child = spawn(process.execPath, [script, url, root, ...ids], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => void child.stdout.once('data', resolve));
    await sleep(2 + kill * 10);
    const ended = new Promise((resolve) => void child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    const { rows } = await database.run((db) =>
      sql`select 1 from slide where purge_began_at is not null and purged_at is null`.execute(db),
    );
    unfinished += rows.length;
    await purgeDue({ database, store, onChange: async () => {}, log: quiet });
  }
  for (const id of all) {
    const objects = (await findCertificate(database, { slideId: id }))?.content.objects;
    expect(objects?.map(({ name }) => name).sort()).toEqual([
      'checksums',
      'index',
      'original/0',
      'original/1',
      'pyramid.tif',
    ]);
    expect(objects?.every((object) => object.sha256 === sha256 && object.bytes === bytes.length)).toBe(true);
  }
  for await (const { key } of store.list('slides/')) expect.fail(`${key} is left`);
  const finding = await verifyAudit(database);
  expect(finding).toMatchObject({ isWhole: true, checked: all.length });
  // Most kills found one half way.
  expect(unfinished).toBeGreaterThan(kills / 4);
  await store.close();
  await database.close();
  await rm(root, { recursive: true });
}, 240_000);
