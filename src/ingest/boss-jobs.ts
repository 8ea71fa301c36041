import { setTimeout as sleep } from 'node:timers/promises';
import type { PgBoss } from 'pg-boss';
import { ServiceError } from '../core/errors.ts';
import type { SlideId } from '../core/slide.ts';
import type { Database } from '../db/database.ts';
import type { Notices } from '../db/notices.ts';
import { countJobs, jobsOf } from './job-rows.ts';
import { jobKinds, type JobKind, type JobOptions, type Jobs } from './jobs.ts';

/** What the queue stands on. */
export interface BossJobsParts {
  readonly boss: PgBoss;
  readonly database: Database;
  readonly notices: Notices;
}

/** Priority of what is urgent; else 0. */
const urgent = 10;

/** Jobs in the database: whichever worker is free takes them up, on this machine or another. */
export class BossJobs implements Jobs {
  readonly #parts: BossJobsParts;

  #onClosing: () => Promise<void> = async () => {};

  constructor(parts: BossJobsParts) {
    this.#parts = parts;
  }

  /** Names what is closed before the queue: one listener. */
  whenClosing(close: () => Promise<void>): void {
    this.#onClosing = close;
  }

  async add(kind: JobKind, slide: SlideId, { isUrgent = false }: JobOptions = {}): Promise<void> {
    const { boss, notices } = this.#parts;
    await reachable(boss.send(kind, { slide }, { singletonKey: slide, priority: isUrgent ? urgent : 0 }));
    await notices.tell('jobs', kind);
  }

  async cancel(slide: SlideId): Promise<void> {
    const { boss, database, notices } = this.#parts;
    for (const { id, name } of await database.run((db) => jobsOf(db, slide)))
      if (name !== 'purge') await reachable(boss.cancel(name, id));
    await notices.tell('cancelled', slide);
  }

  async setUrgent(slide: SlideId, isUrgent: boolean): Promise<void> {
    const priority = isUrgent ? urgent : 0;
    for (const kind of jobKinds)
      await reachable(this.#parts.boss.update(kind, undefined, { singletonKey: slide, priority }));
  }

  async idle(kinds: readonly JobKind[] = jobKinds): Promise<void> {
    while ((await this.#parts.database.run((db) => countJobs(db, kinds))) > 0) await sleep(50);
  }

  async close(): Promise<void> {
    await this.#onClosing();
    await this.#parts.boss.stop({ graceful: false, close: true });
  }
}

/** @throws {ServiceError} `unavailable` where pg-boss says that the database did not answer */
async function reachable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new ServiceError('unavailable', `the queue of jobs did not answer: ${String(cause)}`, { cause });
  }
}
