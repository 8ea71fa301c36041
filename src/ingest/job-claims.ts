import type { Client } from 'pg';
import type { PgBoss } from 'pg-boss';
import { z } from 'zod';
import { slideIdPattern } from '../core/slide.ts';
import type { Database } from '../db/database.ts';
import { InOrder } from '../db/in-order.ts';
import { lockOf, nextJob, returnJob, type TakenJob } from './job-rows.ts';
import { jobKinds, type JobKind } from './jobs.ts';

const NextJob = z.object({ name: z.enum(jobKinds), priority: z.number() });
const Payload = z.object({ slide: z.string().regex(slideIdPattern) });

/**
 * The jobs one worker has taken up, in one session with the database, which holds a lock for each of them.
 *
 * When the session is lost they are others': `onLost` is told, and this one is of no use any more.
 */
export class JobClaims {
  readonly #boss: PgBoss;
  readonly #client: Client;
  readonly #steps = new InOrder();

  private constructor(boss: PgBoss, client: Client) {
    this.#boss = boss;
    this.#client = client;
  }

  /** @throws {ServiceError} `unavailable` */
  static async open(boss: PgBoss, database: Database, onLost: (lost: JobClaims) => void): Promise<JobClaims> {
    const client = await database.connect();
    client.on('error', () => {}); // its end is what counts
    const claims = new JobClaims(boss, client);
    client.once('end', () => onLost(claims));
    // A machine that vanished without a word is noticed within 15 s.
    for (const [name, value] of [
      ['idle', 6],
      ['interval', 3],
      ['count', 3],
    ])
      await client.query(`set tcp_keepalives_${name} = ${value}`);
    return claims;
  }

  /**
   * Takes up the most urgent job that waits; marked as under way and locked in one step.
   *
   * @returns undefined when none waits, or another worker was faster
   */
  async take(kinds: readonly JobKind[]): Promise<TakenJob | undefined> {
    return await this.#transaction(async () => {
      const { rows } = await this.#client.query(nextJob, [kinds]);
      if (rows[0] === undefined) return undefined;
      const { name: kind, priority } = NextJob.parse(rows[0]);
      const db = {
        executeSql: async (text: string, values?: unknown[]) => await this.#client.query(text, values),
      };
      const [job] = await this.#boss.fetch(kind, { minPriority: priority, db });
      if (job === undefined) return undefined;
      await this.#client.query(`select pg_advisory_lock(${lockOf('$1')})`, [job.id]);
      return { id: job.id, kind, slide: Payload.parse(job.data).slide, retryCount: job.retryCount };
    });
  }

  /** Lets go of a job that is done, failed or another's. */
  async release({ id }: TakenJob): Promise<void> {
    await this.#steps.run('', () => this.#client.query(`select pg_advisory_unlock(${lockOf('$1')})`, [id]));
  }

  /** Puts a job back in line at once, and lets go of it. */
  async giveBack(job: TakenJob): Promise<void> {
    const { id, kind: name } = job;
    const db = {
      executeSql: async (text: string, values?: unknown[]) => await this.#client.query(text, values),
    };
    await this.#transaction(async () => await returnJob(this.#boss, { id, name }, db));
    await this.release(job);
  }

  /** Ends the session: what is still held is others'. */
  async close(): Promise<void> {
    await this.#client.end();
  }

  async #transaction<T>(work: () => Promise<T>): Promise<T> {
    return await this.#steps.run('', async () => {
      await this.#client.query('begin');
      try {
        const result = await work();
        await this.#client.query('commit');
        return result;
      } catch (error) {
        await this.#client.query('rollback').catch(() => {}); // the session is gone, and the transaction with it
        throw error;
      }
    });
  }
}
