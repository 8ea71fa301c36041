import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { quiet, startTestPostgres } from '../../db/test-database.ts';
import { DatabaseLocks } from './locks.ts';

const postgres = await startTestPostgres();
const database = await postgres.newDatabase();
/** Each as in a process of its own: they share nothing but the database. */
const [one, other] = [new DatabaseLocks(database, quiet), new DatabaseLocks(database, quiet)];
afterAll(async () => {
  await one.close();
  await other.close();
});

describe('DatabaseLocks', () => {
  it.each([
    ['the same process', one],
    ['another process', other],
  ])('gives a lock to one at a time, and tells its holder who of %s waits', async (_who, second) => {
    const wanted = Promise.withResolvers<void>();
    const release = await one.take('a', wanted.resolve);
    let isTaken = false;
    const waiting = second.take('a', () => {}).then((done) => ((isTaken = true), done));
    await wanted.promise;
    await sleep(150);
    expect(isTaken).toBe(false);
    await release();
    await (
      await waiting
    )();
    expect(isTaken).toBe(true);
  });

  it('does not disturb those who wait, however long', async () => {
    const disturbed: string[] = [];
    const release = await one.take('a', () => {});
    const third = new DatabaseLocks(database, quiet);
    const waiting = [other, third].map((locks, i) => locks.take('a', () => disturbed.push(`waiter ${i}`)));
    await sleep(400);
    expect(disturbed).toEqual([]);
    await release();
    const [first] = await Promise.race(waiting.map(async (taken, i) => [i, await taken] as const));
    await (
      await waiting[first]
    )?.();
    await (
      await waiting[1 - first]
    )?.();
    await third.close();
  });

  it('lets different things be held side by side', async () => {
    const releases = [
      await one.take('a', () => {}),
      await one.take('b', () => {}),
      await other.take('c', () => {}),
    ];
    for (const release of releases) await release();
  });

  it('does not wait where that is not wanted', async () => {
    const release = await one.take('a', () => {});
    expect(await one.tryTake('a')).toBeUndefined();
    expect(await other.tryTake('a')).toBeUndefined();
    await release();
    const taken = await other.tryTake('a');
    expect(taken).toBeDefined();
    await taken?.();
  });

  it('ends the waiting of who gives up', async () => {
    const release = await one.take('a', () => {});
    const over = new AbortController();
    const waiting = other.take('a', () => {}, over.signal);
    over.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'busy' });
    await release();
    await (
      await other.take('a', () => {})
    )();
  });

  it('tells every holder when its connection is lost, and takes locks anew', async () => {
    const lost = Promise.withResolvers<void>();
    const locks = new DatabaseLocks(database, quiet);
    const release = await locks.take('a', lost.resolve);
    const client = await database.connect();
    await client.query(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
      and database = (select oid from pg_database where datname = current_database())
      and pid <> pg_backend_pid()`);
    await client.end();
    await lost.promise;
    await (
      await other.take('a', () => {})
    )();
    // What was lost is not given back a second time.
    await release();
    await (
      await locks.take('a', () => {})
    )();
    await locks.close();
  });

  it('ends with its process', async () => {
    const dying = new DatabaseLocks(database, quiet);
    await dying.take('a', () => {});
    await dying.close();
    await (
      await one.take('a', () => {})
    )();
  });
});
