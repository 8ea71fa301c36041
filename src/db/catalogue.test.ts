import { beforeEach, describe, expect, it } from 'vitest';
import { firstOrganisation } from '../core/ids.ts';
import { canBeViewed, type Catalogue, type SlideRecord, type SlideState } from './catalogue.ts';
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
