import { sql } from 'kysely';
import type { PgBoss } from 'pg-boss';
import { maxLosses } from './boss.ts';
import { exportsWithoutJobs, returnOrphans, slidesGivenUp, slidesWithoutJobs } from './job-rows.ts';
import type { JobKind, Jobs } from './jobs.ts';
import type { Catalogue } from '../db/catalogue.ts';
import type { Database } from '../db/database.ts';
import type { Notices } from '../db/notices.ts';

/** What the sweep stands on. */
export interface SweepParts {
  readonly boss: PgBoss;
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly jobs: Jobs;
  readonly notices: Notices;
  readonly rendersAhead: boolean;
}

/** Held, in a transaction, by whoever sweeps. */
const sweepLock = sql`pg_try_advisory_xact_lock(7310579, 2)`;

/**
 * Puts jobs back in line whose workers are gone. One process at a time; the others pass.
 *
 * @returns how many
 */
export async function sweepOrphans({ boss, database, notices }: SweepParts): Promise<number> {
  const returned = await database.transaction(async (db) => {
    const { rows } = await sql<{ isMine: boolean }>`select ${sweepLock} as "isMine"`.execute(db);
    return rows[0]?.isMine === true ? await returnOrphans(boss, db) : 0;
  });
  if (returned > 0) await notices.tell('jobs', 'returned');
  return returned;
}

/** What is next for a slide. */
function jobFor(state: 'checking' | 'converting' | 'viewable', rendersAhead: boolean): JobKind {
  if (state === 'viewable') return rendersAhead ? 'render-ahead' : 'verify';
  return state === 'checking' ? 'probe' : 'convert';
}

/**
 * Sees to it that something is done for every slide that waits for it: rows say what, jobs only when. So no slide is
 * forgotten, whatever was cut off between the two, and a restored database needs no jobs.
 */
export async function sweepSlides(parts: SweepParts): Promise<void> {
  const { database, jobs, catalogue, rendersAhead } = parts;
  for (const id of await database.run(slidesGivenUp)) {
    const reason = `The service ended ${maxLosses} times while it prepared this slide; try again, or convert it elsewhere.`;
    await catalogue.setState(id, { kind: 'failed', reason }, ['checking', 'converting']);
  }
  for (const { id, state, isUrgent } of await database.run(slidesWithoutJobs))
    await jobs.add(jobFor(state, rendersAhead), id, { isUrgent });
  for (const id of await database.run(exportsWithoutJobs)) await jobs.add('export', id);
}
