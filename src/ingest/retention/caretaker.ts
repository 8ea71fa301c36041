import type { Logger } from 'pino';
import type { SlideExports } from '../exports/slide-exports.ts';
import type { Jobs } from '../jobs.ts';
import { dueSlides } from './due.ts';
import { destroyAll, type PurgeParts } from './purge.ts';
import { measureSlides } from './storage-use.ts';

/** What the caretaker stands on. */
export interface CaretakerParts extends PurgeParts {
  readonly jobs: Jobs;
  readonly exports: SlideExports;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Number of the advisory lock that whoever looks after the deleted slides holds. */
const lockNumber = 7_310_579_003;

/** Between two rounds, ms. */
const roundMs = 5 * 60_000;

/**
 * Puts the destruction of the deleted slides in line whose time is up, and of those where it was cut off; destroys
 * exports that have expired; counts what was made.
 *
 * One process at a time; the others pass.
 */
export async function lookAfterAll(parts: CaretakerParts): Promise<void> {
  const client = await parts.database.connect();
  try {
    const { rows } = await client.query<{ isMine: boolean }>('select pg_try_advisory_lock($1) as "isMine"', [
      lockNumber,
    ]);
    if (rows[0]?.isMine === true) await makeRound(parts);
  } finally {
    // Gives the lock back, too.
    await client.end();
  }
}

async function makeRound({ database, jobs, exports, store, log }: CaretakerParts): Promise<void> {
  for (const id of await dueSlides(database)) await jobs.add('purge', id);
  // What work wrote that was under way when its slide was destroyed.
  const recent = await database.run((db) =>
    db
      .selectFrom('slide')
      .select('id')
      .where('purged_at', '>', new Date(Date.now() - 86_400_000))
      .execute(),
  );
  for (const { id } of recent) await destroyAll(store, id);
  const old = await exports.destroyOld();
  if (old > 0) log.info({ exports: old }, 'old exports destroyed');
  await measureSlides(database, store);
}

/** Looks after the deleted slides now and then, until it is closed. */
export class Caretaker {
  readonly #parts: CaretakerParts;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | undefined;

  constructor(parts: CaretakerParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.look(), roundMs);
    this.#timer.unref();
  }

  /** Makes a round now, or waits for the one that is under way. */
  async look(): Promise<void> {
    this.#round ??= this.#look().finally(() => (this.#round = undefined));
    await this.#round;
  }

  async #look(): Promise<void> {
    try {
      await lookAfterAll(this.#parts);
    } catch (err) {
      this.#parts.log.warn({ err }, 'deleted slides not looked after; trying again later');
    }
  }

  /** Makes no more rounds. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }
}
