import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Logger } from 'pino';
import { ServiceError } from '../../core/errors.ts';
import type { Database } from '../../db/database.ts';
import { InOrder } from '../../db/in-order.ts';

/** Channel on which processes ask each other to let go. */
const channel = 'telepath_lock_wanted';
/** How often a lock that another process holds is tried, ms. */
const retryMs = 50;
/** Longest wait for a lock, ms. */
const waitMs = 20_000;

/** A lock that is held, or waited for by this process. */
interface Slot {
  /** Told when somebody else wants it, or when it was lost. */
  readonly onWanted: () => void;
  readonly released: PromiseWithResolvers<void>;
  /** False while it is waited for: then another who waits must not end that. */
  isHeld: boolean;
}

/**
 * Named locks among all processes of a database: advisory locks on one connection, so that they end with the process.
 *
 * Who wants a lock tells its holder, wherever that is; the holder may let go. When the connection is lost, so are the
 * locks: every holder is told, and must not rely on them alone for what it writes.
 */
export class DatabaseLocks {
  readonly #database: Database;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #held = new Map<string, Slot>();
  readonly #queries = new InOrder();
  #client: Promise<Client> | undefined;
  #isClosed = false;

  constructor(database: Database, log: Pick<Logger, 'warn'>) {
    this.#database = database;
    this.#log = log;
  }

  /**
   * Takes a lock, asking who holds it to let go.
   *
   * @param onWanted told when somebody else wants it
   * @returns lets go
   * @throws {ServiceError} `busy` when it is not to be had within 20 seconds, or the signal ends the waiting
   */
  async take(name: string, onWanted: () => void, signal?: AbortSignal): Promise<() => Promise<void>> {
    const deadline = performance.now() + waitMs;
    const slot: Slot = { onWanted, released: Promise.withResolvers<void>(), isHeld: false };
    for (;;) {
      const other = this.#held.get(name);
      if (other === undefined) break;
      other.onWanted();
      await Promise.race([other.released.promise, sleep(Math.max(1, deadline - performance.now()))]);
      this.#checkWaiting(name, deadline, signal);
    }
    this.#held.set(name, slot);
    try {
      while (!(await this.#try(name))) {
        await this.#query('select pg_notify($1, $2)', [channel, name]);
        await sleep(retryMs);
        this.#checkWaiting(name, deadline, signal);
      }
    } catch (error) {
      this.#release(name, slot);
      throw error;
    }
    slot.isHeld = true;
    return async () => await this.#unlock(name, slot);
  }

  /** Takes a lock when nobody holds it. @returns lets go; undefined when somebody does */
  async tryTake(name: string): Promise<(() => Promise<void>) | undefined> {
    if (this.#held.has(name)) return undefined;
    const slot: Slot = { onWanted: () => {}, released: Promise.withResolvers<void>(), isHeld: true };
    this.#held.set(name, slot);
    try {
      if (await this.#try(name)) return async () => await this.#unlock(name, slot);
    } catch (error) {
      this.#release(name, slot);
      throw error;
    }
    this.#release(name, slot);
    return undefined;
  }

  /** Ends the connection, and with it every lock. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const client = await this.#client?.catch(() => undefined);
    await client?.end();
  }

  #checkWaiting(name: string, deadline: number, signal: AbortSignal | undefined): void {
    if (signal?.aborted !== true && performance.now() < deadline) return;
    throw new ServiceError('busy', `${name} is in use by another request; try again in a second`);
  }

  async #try(name: string): Promise<boolean> {
    const { rows } = await this.#query('select pg_try_advisory_lock(hashtextextended($1, 0)) as ok', [name]);
    return rows[0]?.ok === true;
  }

  async #unlock(name: string, slot: Slot): Promise<void> {
    try {
      // A slot that was lost with its connection holds nothing any more.
      if (this.#held.get(name) === slot)
        await this.#query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]);
    } catch (error) {
      this.#log.warn({ err: error }, 'lock not given back');
    } finally {
      this.#release(name, slot);
    }
  }

  #release(name: string, slot: Slot): void {
    if (this.#held.get(name) === slot) this.#held.delete(name);
    slot.released.resolve();
  }

  async #query(text: string, values: string[]): Promise<{ rows: { ok?: unknown }[] }> {
    if (this.#isClosed) throw new ServiceError('unavailable', 'the service is stopping');
    // One connection answers one query at a time.
    return await this.#queries.run('', async () => {
      this.#client ??= this.#connect();
      return await (await this.#client).query<{ ok?: unknown }>(text, values);
    });
  }

  async #connect(): Promise<Client> {
    try {
      const client = await this.#database.connect();
      client.on('notification', ({ payload = '' }) => this.#tell(payload));
      client.on('error', (error) => this.#lose(error));
      client.on('end', () => this.#lose());
      await client.query(`listen ${channel}`);
      return client;
    } catch (error) {
      this.#client = undefined;
      throw error;
    }
  }

  /** Tells who holds a lock here that somebody elsewhere wants it. */
  #tell(name: string): void {
    const slot = this.#held.get(name);
    if (slot?.isHeld === true) slot.onWanted();
  }

  /** Tells every holder that its lock is gone; the next one connects anew. */
  #lose(error?: Error): void {
    if (this.#isClosed || this.#client === undefined) return;
    this.#log.warn({ err: error }, 'the connection for locks was lost');
    this.#client = undefined;
    const lost = [...this.#held];
    this.#held.clear();
    for (const [, slot] of lost) slot.onWanted();
    for (const [, slot] of lost) slot.released.resolve();
  }
}
