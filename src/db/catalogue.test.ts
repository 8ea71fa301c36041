import { beforeEach, describe, expect, it } from 'vitest';
import { firstOrganisation } from '../core/ids.ts';
import type { Catalogue, SlideRecord, SlideState } from './catalogue.ts';
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
