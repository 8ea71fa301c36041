import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFolderStore } from '../storage/folder-store.ts';
import type { Store } from '../storage/store.ts';
import type { SlideRecord, SlideState } from './catalogue.ts';
import { importStoreCatalogue } from './import-catalogue.ts';
import { PostgresCatalogue } from './postgres-catalogue.ts';
import { openStoreCatalogue } from './store-catalogue.ts';
import { startTestPostgres } from './test-database.ts';

const postgres = await startTestPostgres();
let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-import-'));
  store = await openFolderStore(folder);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const idOf = (n: number) => n.toString(16).padStart(32, '0');
const slide = (n: number, state: SlideState = { kind: 'viewable' }): SlideRecord => ({
  id: idOf(n),
  name: `Fall ${n} – HE.svs`,
  state,
  addedAt: new Date(Date.UTC(2024, 0, 1, 0, 0, n)).toISOString(),
  bytes: 5_000_000_000 + n,
});

describe('importStoreCatalogue', () => {
  it('takes over every slide of the first release, once, in its order', async () => {
    const old = await openStoreCatalogue(store);
    await old.save(slide(1));
    await old.save(slide(2, { kind: 'converting', progress: 0.5 }));
    await old.save(slide(3, { kind: 'failed', reason: 'no slide' }));
    const database = await postgres.newDatabase();
    expect(await importStoreCatalogue(store, database)).toBe(3);
    expect(await new PostgresCatalogue(database).list()).toEqual(await old.list());
    expect(await importStoreCatalogue(store, database)).toBe(0);
  });

  it('changes no slide that the table has, and brings none back that was removed', async () => {
    const old = await openStoreCatalogue(store);
    const database = await postgres.newDatabase();
    const catalogue = new PostgresCatalogue(database);
    for (const n of [1, 2]) await old.save(slide(n));
    await importStoreCatalogue(store, database);
    await catalogue.save({ ...slide(1), name: 'renamed' });
    await catalogue.remove(idOf(2));
    expect(await importStoreCatalogue(store, database)).toBe(0);
    expect(await catalogue.list()).toEqual([{ ...slide(1), name: 'renamed' }]);
    expect(await store.head(`catalogue/${idOf(1)}.json`)).toBeDefined();
    expect(await store.head(`catalogue/${idOf(2)}.json`)).toBeUndefined();
  });

  it('leaves nothing of a removed slide that could name a patient', async () => {
    const database = await postgres.newDatabase();
    const catalogue = new PostgresCatalogue(database);
    await catalogue.save(slide(1, { kind: 'failed', reason: 'Fall 1: no slide' }));
    await catalogue.remove(idOf(1));
    const rows = await database.run((db) => db.selectFrom('slide').selectAll().execute());
    expect(JSON.stringify(rows)).not.toContain('Fall');
  });

  it('shows a damaged record as a failed slide, and passes over what is no record', async () => {
    await store.put(`catalogue/${idOf(1)}.json`, Buffer.from('not json'));
    await store.put('catalogue/notes.txt', Buffer.from('x'));
    const database = await postgres.newDatabase();
    expect(await importStoreCatalogue(store, database)).toBe(1);
    expect(await new PostgresCatalogue(database).list()).toMatchObject([
      { id: idOf(1), state: { kind: 'failed', reason: expect.stringContaining('damaged') } },
    ]);
  });

  it('takes over 600 slides by two processes at once without losing or doubling one', async () => {
    const all = Array.from({ length: 600 }, (_, n) => slide(n));
    await Promise.all(
      all.map((record) => store.put(`catalogue/${record.id}.json`, Buffer.from(JSON.stringify(record)))),
    );
    const database = await postgres.newDatabase();
    const counts = await Promise.all([1, 2].map(() => importStoreCatalogue(store, database)));
    expect(counts[0]! + counts[1]!).toBe(600);
    expect(await new PostgresCatalogue(database).list()).toEqual(all.toReversed());
  });
});
