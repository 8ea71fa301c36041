import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFolderStore } from '../storage/folder-store.ts';
import type { Store } from '../storage/store.ts';
import type { Catalogue, SlideRecord, SlideState } from './catalogue.ts';
import { MemoryCatalogue } from './memory-catalogue.ts';
import { PostgresCatalogue } from './postgres-catalogue.ts';
import { openStoreCatalogue } from './store-catalogue.ts';
import { startTestPostgres } from './test-database.ts';

const refreshMs = 100;
let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-catalogue-'));
  store = await openFolderStore(folder);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const idOf = (n: number) => n.toString(16).padStart(32, '0');
const keyOf = (n: number) => `catalogue/${idOf(n)}.json`;

function slide(n: number, state: SlideState = { kind: 'viewable' }): SlideRecord {
  return {
    id: idOf(n),
    name: `Fall ${n} – HE.svs`,
    state,
    addedAt: new Date(Date.UTC(2024, 0, 1, 0, 0, n)).toISOString(),
    bytes: 1000 + n,
  };
}

/** The same store, counting what is asked of it. */
function counting(inner: Store): {
  readonly store: Store;
  readonly counts: { list: number; stream: number };
} {
  const counts = { list: 0, stream: 0 };
  const counted: Store = {
    name: inner.name,
    head: (...args) => inner.head(...args),
    read: (...args) => inner.read(...args),
    put: (...args) => inner.put(...args),
    putStream: (...args) => inner.putStream(...args),
    putFile: (...args) => inner.putFile(...args),
    delete: (...args) => inner.delete(...args),
    close: () => inner.close(),
    list: (...args) => {
      counts.list += 1;
      return inner.list(...args);
    },
    stream: (...args) => {
      counts.stream += 1;
      return inner.stream(...args);
    },
  };
  return { store: counted, counts };
}

const postgres = await startTestPostgres();
const database = await postgres.newDatabase();
beforeEach(async () => {
  await database.run((db) => db.deleteFrom('slide').execute());
});

describe.each<[string, () => Promise<Catalogue>]>([
  ['PostgresCatalogue', async () => new PostgresCatalogue(database)],
  ['MemoryCatalogue', async () => new MemoryCatalogue()],
  ['openStoreCatalogue', () => openStoreCatalogue(store, { refreshMs })],
])('%s', (_name, open) => {
  it('lists newest first, the same second by id, and knows what it does not have', async () => {
    const catalogue = await open();
    const twin = { ...slide(9), addedAt: slide(2).addedAt };
    for (const record of [slide(2), slide(1), twin, slide(3)]) await catalogue.save(record);
    expect(await catalogue.list()).toEqual([slide(3), slide(2), twin, slide(1)]);
    expect(await catalogue.get(idOf(2))).toEqual(slide(2));
    expect(await catalogue.get(idOf(4))).toBeUndefined();
    expect(await catalogue.get('../x')).toBeUndefined();
  });

  it('replaces and removes', async () => {
    const catalogue = await open();
    await catalogue.save(slide(1, { kind: 'converting', progress: 0.25 }));
    await catalogue.save(slide(1));
    expect(await catalogue.list()).toEqual([slide(1)]);
    await catalogue.remove(idOf(1));
    await catalogue.remove(idOf(1));
    expect(await catalogue.list()).toEqual([]);
    expect(await catalogue.get(idOf(1))).toBeUndefined();
  });

  it('keeps the last of many saves that were not waited for', async () => {
    const catalogue = await open();
    const states = Array.from({ length: 20 }, (_, i): SlideState => ({
      kind: 'converting',
      progress: i / 20,
    }));
    await Promise.all(
      [...states, { kind: 'viewable' } as const].map((state) => catalogue.save(slide(1, state))),
    );
    expect(await catalogue.get(idOf(1))).toEqual(slide(1));
    expect(await (await open()).list()).toHaveLength(_name === 'MemoryCatalogue' ? 0 : 1);
  });
});

describe('openStoreCatalogue', () => {
  it('is there again after a restart, as one object per slide', async () => {
    const saved = [
      slide(1),
      slide(2, { kind: 'failed', reason: 'not a slide' }),
      slide(3, { kind: 'converting', progress: 1 }),
    ];
    const first = await openStoreCatalogue(store);
    for (const record of saved) await first.save(record);
    expect(await (await openStoreCatalogue(store)).list()).toEqual(saved.toReversed());
    expect(await store.head(keyOf(2))).toBeDefined();
  });

  it('sees what another process saves and removes, within its refresh', async () => {
    const [here, there] = [
      await openStoreCatalogue(store, { refreshMs }),
      await openStoreCatalogue(store, { refreshMs }),
    ];
    await here.save(slide(1, { kind: 'converting', progress: 0.5 }));
    await here.save(slide(2));
    await sleep(refreshMs + 20);
    expect(await there.list()).toHaveLength(2);
    await there.save(slide(1));
    await there.remove(idOf(2));
    await sleep(refreshMs + 20);
    expect(await here.get(idOf(1))).toEqual(slide(1));
    expect(await here.get(idOf(2))).toBeUndefined();
    expect(await here.list()).toEqual([slide(1)]);
  });

  it('reads 500 records once: then a refresh is one listing, and a list within the refresh asks nothing', async () => {
    for (let n = 0; n < 500; n += 1) await store.put(keyOf(n), Buffer.from(JSON.stringify(slide(n))));
    const { store: counted, counts } = counting(store);
    const catalogue = await openStoreCatalogue(counted, { refreshMs });
    expect(counts).toEqual({ list: 1, stream: 500 });
    await sleep(refreshMs + 20);
    const lists = await Promise.all([catalogue.list(), catalogue.list(), catalogue.list()]);
    for (const list of lists) expect(list).toHaveLength(500);
    expect(counts).toEqual({ list: 2, stream: 500 });
    await store.put(keyOf(7), Buffer.from(JSON.stringify({ ...slide(7), name: 'other' })));
    await sleep(refreshMs + 20);
    expect((await catalogue.list()).find(({ id }) => id === idOf(7))?.name).toBe('other');
    expect(counts).toEqual({ list: 3, stream: 501 });
  });

  it.each([
    ['no JSON', 'not json'],
    ['an empty object', ''],
    ['a record without a state', JSON.stringify({ ...slide(2), state: undefined })],
    ['an unknown state', JSON.stringify({ ...slide(2), state: { kind: 'lost' } })],
    ['negative bytes', JSON.stringify({ ...slide(2), bytes: -1 })],
    ['the record of another slide', JSON.stringify(slide(3))],
  ])('shows %s as a failed slide in the list, and throws damaged when asked for it', async (_name, text) => {
    await store.put(keyOf(1), Buffer.from(JSON.stringify(slide(1))));
    await store.put(keyOf(2), Buffer.from(text));
    const catalogue = await openStoreCatalogue(store, { refreshMs });
    const state = { kind: 'failed', reason: expect.stringContaining('damaged') };
    expect(await catalogue.list()).toMatchObject([slide(1), { id: idOf(2), state }]);
    await expect(catalogue.get(idOf(2))).rejects.toMatchObject({ kind: 'damaged' });
    await catalogue.save(slide(2));
    expect(await catalogue.get(idOf(2))).toEqual(slide(2));
  });

  it('passes over objects that are no records', async () => {
    await store.put('catalogue/notes.txt', Buffer.from('x'));
    await store.put('catalogue/x.json', Buffer.from('{}'));
    expect(await (await openStoreCatalogue(store)).list()).toEqual([]);
  });

  it('refuses to save what it could not read again', async () => {
    const catalogue = await openStoreCatalogue(store);
    await expect(catalogue.save({ ...slide(1), bytes: 0.5 })).rejects.toThrow('malformed');
    expect(await catalogue.list()).toEqual([]);
  });
});
