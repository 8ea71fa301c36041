import { beforeEach, describe, expect, it } from 'vitest';
import { firstOrganisation } from '../core/ids.ts';
import {
  canBeViewed,
  type Catalogue,
  type SlideFilter,
  type SlideRecord,
  type SlideState,
} from './catalogue.ts';
import { MemoryCatalogue } from './memory-catalogue.ts';
import { PostgresCatalogue } from './postgres-catalogue.ts';
import { startTestPostgres } from './test-database.ts';

const idOf = (n: number) => n.toString(16).padStart(32, '0');

function slide(n: number, state: SlideState = { kind: 'viewable' }): SlideRecord {
  return {
    id: idOf(n),
    organisationId: firstOrganisation,
    name: `Fall ${n} – HE.svs`,
    state,
    addedAt: new Date(Date.UTC(2024, 0, 1, 0, 0, n)).toISOString(),
    bytes: 1000 + n,
  };
}

const states: readonly SlideState[] = [
  { kind: 'receiving', progress: 0.5, isViewable: false },
  { kind: 'receiving', progress: 0.75, isViewable: true },
  { kind: 'checking' },
  { kind: 'converting', progress: 0.25 },
  { kind: 'failed', reason: 'Scan the slide again.' },
  { kind: 'viewable' },
  { kind: 'complete' },
];

describe('canBeViewed', () => {
  it('is true of slides that arrive and can be viewed, that are viewable, that are complete', () => {
    expect(states.map(canBeViewed)).toEqual([false, true, false, false, false, true, true]);
  });
});

const postgres = await startTestPostgres();
const database = await postgres.newDatabase();
beforeEach(async () => {
  await database.run((db) => db.deleteFrom('slide').execute());
});

describe.each<[string, () => Promise<Catalogue>]>([
  ['PostgresCatalogue', async () => new PostgresCatalogue(database)],
  ['MemoryCatalogue', async () => new MemoryCatalogue()],
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

  it('lists a page: from the start, after a slide, around one', async () => {
    const catalogue = await open();
    const twin = { ...slide(9), addedAt: slide(3).addedAt };
    for (const record of [slide(1), slide(2), slide(3), twin, slide(4), slide(5)])
      await catalogue.save(record);
    const order = [5, 4, 3, 9, 2, 1].map(idOf);
    const page = async (filter: SlideFilter) => (await catalogue.list(filter)).map(({ id }) => id);
    const seen: string[] = [];
    for (let id: string | undefined; seen.length < 6; id = seen.at(-1))
      seen.push(...(await page({ limit: 1, from: id === undefined ? undefined : { side: 'after', id } })));
    expect(seen).toEqual(order);
    expect(await page({ limit: 4 })).toEqual(order.slice(0, 4));
    expect(await page({ limit: 4, from: { side: 'after', id: idOf(3) } })).toEqual(order.slice(3));
    expect(await page({ from: { side: 'after', id: idOf(1) } })).toEqual([]);
    for (const [n, from, to] of [
      [9, 2, 5],
      [3, 1, 4],
      [5, 0, 2],
      [1, 4, 6],
    ] as const)
      expect(await page({ limit: 3, from: { side: 'around', id: idOf(n) } })).toEqual(order.slice(from, to));
    expect(await page({ from: { side: 'around', id: idOf(3) } })).toEqual(order);
    for (const side of ['after', 'around'] as const)
      await expect(page({ limit: 3, from: { side, id: idOf(77) } })).rejects.toMatchObject({
        kind: 'not-found',
      });
  });

  it('finds words of the name and of the maker, and takes signs as they are', async () => {
    const catalogue = await open();
    const facts = { size: { width: 10, height: 20 }, mpp: { x: 0.25, y: 0.25 }, vendor: 'aperio' };
    const named = [
      { ...slide(3), name: '100% HE_1.svs' },
      { ...slide(2), name: '1000 he.svs', facts },
      { ...slide(1), name: 'PAS.svs', facts: { ...facts, vendor: 'hamamatsu' } },
    ];
    for (const record of named) await catalogue.save(record);
    expect(await catalogue.list()).toEqual(named);
    const found = async (...words: string[]) => (await catalogue.list({ words })).map(({ name }) => name);
    expect(await found('he')).toEqual(['100% HE_1.svs', '1000 he.svs']);
    expect(await found('100%')).toEqual(['100% HE_1.svs']);
    expect(await found('e_1')).toEqual(['100% HE_1.svs']);
    expect(await found('svs', 'Aperio')).toEqual(['1000 he.svs']);
    expect(await found('HAMA')).toEqual(['PAS.svs']);
    expect(await found('\\')).toEqual([]);
    expect(await found("'")).toEqual([]);
  });

  it('keeps what lists tell of a slide through changes of its state', async () => {
    const catalogue = await open();
    const facts = { size: { width: 10, height: 20 }, vendor: 'generic' };
    await catalogue.save(slide(1, { kind: 'converting', progress: 0 }));
    await catalogue.describe(idOf(1), facts);
    await catalogue.setState(idOf(1), { kind: 'viewable' });
    expect(await catalogue.list()).toEqual([{ ...slide(1), facts }]);
    await catalogue.describe(idOf(2), facts);
    expect(await catalogue.get(idOf(2))).toBeUndefined();
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

  it('changes the state alone, only from the states named, and never brings a slide back', async () => {
    const catalogue = await open();
    await catalogue.save(slide(1));
    for (const state of states) {
      expect(await catalogue.setState(idOf(1), state)).toBe(true);
      expect(await catalogue.get(idOf(1))).toEqual(slide(1, state));
    }
    expect(await catalogue.setState(idOf(1), { kind: 'checking' }, ['viewable', 'failed'])).toBe(false);
    expect(await catalogue.setState(idOf(1), { kind: 'viewable' }, ['complete', 'failed'])).toBe(true);
    expect(await catalogue.get(idOf(1))).toEqual(slide(1));
    await catalogue.remove(idOf(1));
    expect(await catalogue.setState(idOf(1), { kind: 'complete' })).toBe(false);
    expect(await catalogue.setUrgent(idOf(1), true)).toBe(false);
    expect(await catalogue.get(idOf(1))).toBeUndefined();
  });

  it('notes that a slide is urgent, and that it is not', async () => {
    const catalogue = await open();
    await catalogue.save(slide(1));
    expect(await catalogue.setUrgent(idOf(1), true)).toBe(true);
    expect(await catalogue.get(idOf(1))).toEqual({ ...slide(1), isUrgent: true });
    await catalogue.setUrgent(idOf(1), false);
    expect(await catalogue.get(idOf(1))).toEqual(slide(1));
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

describe('PostgresCatalogue, where a slide was deleted', () => {
  it('goes on from its place, and lists it nowhere', async () => {
    const catalogue = new PostgresCatalogue(database);
    for (const n of [1, 2, 3]) await catalogue.save(slide(n));
    await catalogue.remove(idOf(2));
    expect(await catalogue.list({ limit: 3, from: { side: 'after', id: idOf(2) } })).toEqual([slide(1)]);
    const around = await catalogue.list({ limit: 3, from: { side: 'around', id: idOf(2) } });
    expect(around).toEqual([slide(3), slide(1)]);
  });
});
