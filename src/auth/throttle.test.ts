import { describe, expect, it } from 'vitest';
import { startTestPostgres } from '../db/test-database.ts';
import { Throttle, type Try } from './throttle.ts';

const postgres = await startTestPostgres();
const database = await postgres.newDatabase();
let now = Date.UTC(2026, 10, 24, 8);
const clock = () => now;
const throttle = new Throttle(database, clock);
let count = 0;

/** An account and an address nobody has tried. */
function fresh(): Try {
  count += 1;
  return { email: `p${count}@lab.example`, address: `192.0.2.${count}` };
}

/** Seconds that a try must wait; undefined when it is looked at. */
async function waitOf(attempt: Try, by = throttle): Promise<number | undefined> {
  try {
    await by.take(attempt);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ kind: 'throttled' });
    return (error as { retryAfterSeconds: number }).retryAfterSeconds;
  }
}

describe('wrong tries', () => {
  it('are free five times, then make one wait 1, 2, 4 … 900 seconds', async () => {
    const attempt = fresh();
    const waits: (number | undefined)[] = [];
    for (let tries = 1; tries <= 17; tries += 1) {
      expect(await waitOf(attempt)).toBeUndefined();
      const wait = tries <= 5 ? undefined : await waitOf({ ...attempt, email: attempt.email.toUpperCase() });
      waits.push(wait);
      now += (wait ?? 0) * 1000;
    }
    expect(waits.slice(5)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });

  it('are counted for all processes together, and before they are looked at', async () => {
    const attempt = fresh();
    const other = new Throttle(database, clock);
    const tries = Array.from({ length: 12 }, (_, i) => waitOf(attempt, i % 2 === 0 ? throttle : other));
    const waits = await Promise.all(tries);
    expect(waits.filter((wait) => wait === undefined)).toHaveLength(6);
  });

  it('from one address are free thirty times, whatever accounts they are for', async () => {
    const { address } = fresh();
    for (let tries = 1; tries <= 31; tries += 1)
      expect(await waitOf({ email: `a${tries}@b.example`, address })).toBeUndefined();
    expect(await waitOf({ email: 'a@c.example', address })).toBe(1);
    expect(await waitOf({ email: 'a@c.example', address: '198.51.100.1' })).toBeUndefined();
  });

  it('are forgotten by a right one, and after an hour', async () => {
    const attempt = fresh();
    const wrongFive = async () => {
      for (let tries = 0; tries < 5; tries += 1) expect(await waitOf(attempt)).toBeUndefined();
    };
    await wrongFive();
    expect(await waitOf(attempt)).toBeUndefined();
    await throttle.succeed(attempt);
    await wrongFive();
    expect(await waitOf(attempt)).toBeUndefined();
    expect(await waitOf(attempt)).toBe(1);
    now += 3_600_001;
    await wrongFive();
  });

  it('are not made by what was neither wrong nor wholly right', async () => {
    const attempt = fresh();
    for (let tries = 0; tries < 40; tries += 1) {
      expect(await waitOf(attempt)).toBeUndefined();
      await throttle.release(attempt);
    }
  });

  it('leave no e-mail behind: people type their password there', async () => {
    await waitOf({ email: 'my secret password', address: '192.0.2.99' });
    const rows = await database.run((db) => db.selectFrom('sign_in_throttle').selectAll().execute());
    expect(JSON.stringify(rows)).not.toContain('secret');
    expect(rows.map(({ key }) => key)).toContain('address:192.0.2.99');
  });
});
