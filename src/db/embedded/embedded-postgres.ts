import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Logger } from 'pino';
import { prepareCluster, type Cluster } from './cluster.ts';
import { connectOrStart, freePort, socketAddress, stopServer, type ServerAddress } from './server.ts';

/** How {@link startEmbeddedPostgres} starts. */
export interface EmbeddedPostgresOptions {
  /** The database lives in `postgres` below it. */
  readonly dataFolder: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** User number that PostgreSQL runs as when this process is root; default 65534 (`nobody`). */
  readonly uid?: number;
  /** How long a start may take, recovery after a crash included, ms; default two minutes. */
  readonly timeoutMs?: number;
  /** Where it listens when it must be started; default: a socket, but an address of this machine on Windows. */
  readonly listen?: 'socket' | 'loopback';
  /** Folder of the npm package with the programs; default: the one installed. */
  readonly installed?: string;
}

/** A PostgreSQL of the service's own. */
export interface EmbeddedPostgres {
  /** How to connect; stays the same if the server must be started again. The password is a secret. */
  readonly login: ServerAddress & Cluster['login'];
  /** Below it: `postmaster.pid`, `server.log`. */
  readonly folder: string;
  /** Stops the server when no other process uses it. */
  close(): Promise<void>;
}

/** Everyone who uses the server holds this lock, shared; who gets it alone may stop the server. */
const presenceLock = 'pg_advisory_lock_shared(7310579, 1)';
const soleLock = 'pg_try_advisory_lock(7310579, 1)';

/**
 * Starts the service's own PostgreSQL, or joins the one that runs: started by another process on the same data
 * folder, or left running by one that was killed.
 *
 * It is a process of its own, which survives this one; it listens on a socket that only its user and root may use.
 * As root it is run as another user. What is committed is on disk (fsync stays on). If it ends unexpectedly it is
 * started again. About 2.5 s the first time, 0.3 s later.
 *
 * @throws {ServiceError} `unavailable` with the end of its log; `unsupported` where no PostgreSQL is installed
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const cluster = await prepareCluster({ ...options, uid: options.uid ?? 65_534 });
  const listen = options.listen ?? (process.platform === 'win32' ? 'loopback' : 'socket');
  const wanted = listen === 'socket' ? socketAddress(cluster) : { host: '127.0.0.1', port: await freePort() };
  const server = new Embedded(cluster, options);
  await server.join(wanted);
  return server;
}

class Embedded implements EmbeddedPostgres {
  readonly #cluster: Cluster;
  readonly #log: EmbeddedPostgresOptions['log'];
  readonly #timeoutMs: number;
  #address: ServerAddress = { host: '', port: 0 };
  /** Open as long as this process uses the server. */
  #presence: Client | undefined;
  #isClosed = false;
  #joining: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, { log, timeoutMs = 120_000 }: EmbeddedPostgresOptions) {
    this.#cluster = cluster;
    this.#log = log;
    this.#timeoutMs = timeoutMs;
  }

  get login(): EmbeddedPostgres['login'] {
    return { ...this.#address, ...this.#cluster.login };
  }

  get folder(): string {
    return this.#cluster.folder;
  }

  async join(wanted: ServerAddress): Promise<void> {
    const deadline = performance.now() + this.#timeoutMs;
    for (;;) {
      const { client, address } = await connectOrStart(this.#cluster, wanted, deadline - performance.now());
      try {
        await client.query(`select ${presenceLock}`);
      } catch (error) {
        // Whoever used it before was just stopping it.
        await client.end().catch(() => {}); // the connection is lost already
        if (performance.now() > deadline) throw error;
        continue;
      }
      this.#address = address;
      this.#presence = client;
      client.once('end', () => this.#lost());
      return;
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#joining;
    const presence = this.#presence;
    if (presence === undefined) return;
    try {
      await presence.query('select pg_advisory_unlock_all()');
      const { rows } = await presence.query<{ isSole: boolean }>(`select ${soleLock} as "isSole"`);
      // Who joins now waits for the lock until the server is gone, and then starts it.
      if (rows[0]?.isSole === true) await stopServer(this.#cluster);
    } finally {
      await presence.end().catch(() => {}); // cut off by the stop
    }
  }

  /** Starts the server again when it ended though nobody asked it to. */
  #lost(): void {
    if (this.#isClosed) return;
    this.#presence = undefined;
    this.#log.error({ folder: this.folder }, 'database lost; starting it again');
    this.#joining = this.#rejoin();
  }

  async #rejoin(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.join(this.#address);
        this.#log.info({ folder: this.folder }, 'database is back');
        return;
      } catch (error) {
        this.#log.error({ err: error }, 'database did not start; trying again');
        await sleep(1000);
      }
    }
  }
}
