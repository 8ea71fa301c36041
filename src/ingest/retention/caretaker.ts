import type { Logger } from 'pino';
import { ServiceError } from '../../core/errors.ts';
import { destroyAll, purge, type PurgeParts } from './purge.ts';
import { measureSlides } from './storage-use.ts';

/** What the caretaker stands on. */
export interface CaretakerParts extends PurgeParts {
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Number of the advisory lock that whoever looks after the deleted slides holds. */
const lockNumber = 7_310_579_003;

/** Between two rounds, ms. */
const roundMs = 5 * 60_000;

/**
 * Destroys the deleted slides whose time is up, and those whose destruction was cut off; counts what was made.
 *
 * One process at a time; the others pass.
 *
 * @returns how many were destroyed
 */
export async function purgeDue(parts: CaretakerParts): Promise<number> {
  const client = await parts.database.connect();
  try {
    const { rows } = await client.query<{ isMine: boolean }>('select pg_try_advisory_lock($1) as "isMine"', [
      lockNumber,
    ]);
    return rows[0]?.isMine === true ? await purgeAll(parts) : 0;
  } finally {
    // Gives the lock back, too.
    await client.end();
  }
}

async function purgeAll(parts: CaretakerParts): Promise<number> {
  const { database, log, store } = parts;
  const due = await database.run((db) =>
    db
      .selectFrom('slide')
      .select('id')
      .where('kept_until', 'is not', null)
      .where('purged_at', 'is', null)
      .where((is) => is.or([is('kept_until', '<=', new Date()), is('purge_began_at', 'is not', null)]))
      .orderBy('kept_until')
      .execute(),
  );
  let count = 0;
  for (const { id } of due) {
    try {
      const { sha256 } = await purge(parts, id, { actor: { kind: 'system' } });
      log.info({ slide: id, certificate: sha256 }, 'slide destroyed');
      count += 1;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      log.warn({ slide: id, err: error }, 'slide not destroyed yet');
    }
  }
  // What work wrote that was under way when its slide was destroyed.
  const recent = await database.run((db) =>
    db
      .selectFrom('slide')
      .select('id')
      .where('purged_at', '>', new Date(Date.now() - 86_400_000))
      .execute(),
  );
  for (const { id } of recent) await destroyAll(store, id);
  await measureSlides(database, store);
  return count;
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
      await purgeDue(this.#parts);
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
