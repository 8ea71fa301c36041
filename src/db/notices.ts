import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Client } from 'pg';
import type { Logger } from 'pino';
import type { Database } from './database.ts';

/**
 * What processes tell each other through the database.
 *
 * `published`: a slide's index or checksums are new, or gone · `jobs`: there is work to do · `cancelled`: the work for
 * a slide is not wanted any more · `grants`: who was asked about a case has changed · `case`: something new about a case ·
 * `live`: what people who look at a case together see and do.
 */
export type Topic = (typeof topics)[number];

const topics = ['published', 'jobs', 'cancelled', 'grants', 'case', 'live'] as const;
const channelOf = (topic: Topic): string => `telepath_${topic}`;

/** Who is told: of a notice, or, without a text, that some may have been missed while the database was away. */
export type Listener = (text: string | undefined) => void;

/** Notices between the processes on one database; each process hears its own, too. A notice takes milliseconds. */
export class Notices {
  readonly #database: Database;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #listeners = new Map<string, Set<Listener>>(topics.map((topic) => [channelOf(topic), new Set()]));
  #client: Client | undefined;
  #isClosed = false;
  #joining: Promise<void> = Promise.resolve();

  private constructor(database: Database, log: Pick<Logger, 'warn'>) {
    this.#database = database;
    this.#log = log;
  }

  /** Begins to listen. @throws {ServiceError} `unavailable` */
  static async open(database: Database, log: Pick<Logger, 'warn'>): Promise<Notices> {
    const notices = new Notices(database, log);
    await notices.#join();
    return notices;
  }

  /** Names somebody who is told from now on. @returns ends it */
  on(topic: Topic, listener: Listener): () => void {
    const listeners = this.#listeners.get(channelOf(topic));
    listeners?.add(listener);
    return () => void listeners?.delete(listener);
  }

  /** Tells every process. @throws {ServiceError} `unavailable` */
  async tell(topic: Topic, text: string): Promise<void> {
    await this.#database.run((db) => sql`select pg_notify(${channelOf(topic)}, ${text})`.execute(db));
  }

  /** Ends the listening. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#joining;
    await this.#client?.end();
  }

  async #join(): Promise<void> {
    const client = await this.#database.connect();
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(payload);
    });
    // Its end is what counts.
    client.on('error', () => {});
    client.once('end', () => {
      if (!this.#isClosed) this.#joining = this.#rejoin();
    });
    for (const topic of topics) await client.query(`listen ${channelOf(topic)}`);
    this.#client = client;
  }

  async #rejoin(): Promise<void> {
    this.#client = undefined;
    while (!this.#isClosed) {
      try {
        await this.#join();
        for (const listeners of this.#listeners.values())
          for (const listener of listeners) listener(undefined);
        return;
      } catch (error) {
        this.#log.warn({ err: error }, 'notices of other processes are not heard; trying again');
        await sleep(500);
      }
    }
  }
}
