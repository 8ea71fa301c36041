import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { firstOrganisation } from '../core/ids.ts';
import { startTestPostgres } from '../db/test-database.ts';
import { readLink, signLink } from './link-token.ts';
import { maxLinkHours, SlideLinks } from './slide-links.ts';

const postgres = await startTestPostgres();
const slideId = 'a'.repeat(32);
const hour = 3_600_000;
const begin = Date.parse('2026-11-03T09:00:00.000Z');

/** Links on a database of their own, with one slide in it, and a clock. */
async function start() {
  const database = await postgres.newDatabase();
  await database.run((db) =>
    db
      .insertInto('slide')
      .values({
        id: slideId,
        organisation_id: firstOrganisation,
        name: 'a.svs',
        state: 'viewable',
        progress: null,
        reason: null,
        added_at: new Date(begin).toISOString(),
        bytes: 1,
      })
      .execute(),
  );
  const clock = { now: begin };
  const links = new SlideLinks(database, () => clock.now);
  const keys = () => database.run((db) => db.selectFrom('link_key').selectAll().orderBy('number').execute());
  return { database, clock, links, keys, elsewhere: new SlideLinks(database, () => clock.now) };
}

describe('signLink', () => {
  const key = Buffer.alloc(32, 7);
  const claim = { keyNumber: 258, linkId: 'b'.repeat(32), slideId, expiresAt: 1_793_782_800 };

  it('writes version, key, link, slide and seconds, then their HMAC-SHA-256', () => {
    const signed = `0100000102${'b'.repeat(32)}${slideId}00006aeaf410`;
    const mac = createHmac('sha256', key).update(Buffer.from(signed, 'hex')).digest('hex');
    expect(Buffer.from(signLink(claim, key), 'base64url').toString('hex')).toBe(signed + mac);
  });

  it('is read back, and vouched for by its own key only', () => {
    const link = readLink(signLink(claim, key));
    expect(link?.claim).toEqual(claim);
    expect(link?.isSignedBy(key)).toBe(true);
    expect(link?.isSignedBy(Buffer.alloc(32, 8))).toBe(false);
  });

  it.each(['', 'a', 'A'.repeat(100), `${'A'.repeat(99)}=`, 'A'.repeat(101), `Ag${'A'.repeat(98)}`])(
    'is not %j',
    (text) => {
      expect(readLink(text)).toBeUndefined();
    },
  );
});

describe('SlideLinks', () => {
  it('holds for its hours to the second, here and in other processes', async () => {
    const { clock, links, elsewhere } = await start();
    const { token, id, expiresAt } = await links.add(slideId, { hours: 2 });
    expect(expiresAt).toBe('2026-11-03T11:00:00.000Z');
    const holder = { kind: 'link', slideId, linkId: id, expiresAt: begin + 2 * hour };
    clock.now = begin + 2 * hour - 1;
    for (const one of [links, elsewhere]) {
      expect(await one.holderOf(token)).toEqual(holder);
      expect(one.known(token)).toEqual(holder);
    }
    clock.now += 1;
    for (const one of [links, elsewhere]) {
      expect(one.known(token)).toBeUndefined();
      expect(await one.holderOf(token)).toBeUndefined();
    }
    expect(await links.list(slideId)).toEqual([]);
  });

  it('ends within 3 s where another process withdrew it', async () => {
    const { clock, links, elsewhere } = await start();
    const { token } = await links.add(slideId, { hours: 2 });
    await elsewhere.holderOf(token);
    expect(await links.remove(slideId)).toBe(1);
    clock.now += 3000;
    expect(elsewhere.known(token)).toBeUndefined();
    expect(await elsewhere.holderOf(token)).toBeUndefined();
  });

  it('asks the database nothing about a token that nobody here signed', async () => {
    const { database, links } = await start();
    const { token } = await links.add(slideId, { hours: 1 });
    const forged = readLink(token);
    if (forged === undefined) throw new Error('no token');
    let queries = 0;
    const run = database.run.bind(database);
    database.run = (work) => ((queries += 1), run(work));
    expect(await links.holderOf(signLink(forged.claim, Buffer.alloc(32)))).toBeUndefined();
    expect(await links.holderOf('x')).toBeUndefined();
    expect(queries).toBe(0);
  });

  it('signs with a new key after 30 days, and deletes the old one when no link of it can hold', async () => {
    const { clock, links, keys, elsewhere } = await start();
    const first = await links.add(slideId, { hours: maxLinkHours });
    clock.now = begin + maxLinkHours * hour - 1000;
    const last = await links.add(slideId, { hours: maxLinkHours });
    expect(await keys()).toHaveLength(1);
    clock.now += 1000;
    await links.add(slideId, { hours: 1 });
    expect(await keys()).toHaveLength(2);
    expect(await elsewhere.holderOf(first.token)).toBeUndefined();
    expect(await elsewhere.holderOf(last.token)).toBeDefined();
    clock.now = begin + 2 * maxLinkHours * hour;
    expect(await elsewhere.holderOf(last.token)).toBeUndefined();
    await links.add(slideId, { hours: 1 });
    expect((await keys()).map(({ number }) => number)).not.toContain(1);
  });
});
