import { sql, type Kysely } from 'kysely';
import type { PgBoss, Db as BossDb } from 'pg-boss';
import { fromKysely } from 'pg-boss';
import type { SlideId } from '../core/slide.ts';
import type { Schema } from '../db/schema.ts';
import { bossSchema } from './boss.ts';
import { jobKinds, type JobKind } from './jobs.ts';

/** A job that a worker has taken up. Id and number of the try tell it from the same job taken up by another. */
export interface TakenJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly slide: SlideId;
  /** Times it was taken up before. */
  readonly retryCount: number;
}

/** One job of pg-boss' table. */
interface JobRow {
  readonly id: string;
  readonly name: JobKind;
}

const jobTable = sql.raw(`${bossSchema}.job`);

/** Sets apart locks of jobs from other advisory locks. */
const lockSeed = 7_310_579;

/**
 * SQL: the number of the lock that whoever works on a job holds, in its session, as long as it does. PostgreSQL lets
 * go of it when the session ends, however it ends: so a lost worker is noticed without waiting for its heartbeat.
 *
 * @param id SQL of the job's id
 */
export function lockOf(id: string): string {
  return `hashtextextended((${id})::text, ${lockSeed})`;
}

/** SQL of the most urgent job that can be taken up now; its parameter: the kinds, in their order. */
export const nextJob = `
  select name, priority from ${bossSchema}.job
  where name = any($1) and state < 'active' and not blocked and start_after <= now()
  order by priority > 0 desc, array_position($1::text[], name), priority desc, created_on
  limit 1`;

/**
 * Gives back jobs that are marked as under way though nobody works on them, so that they can be taken up at once.
 *
 * @param db a transaction
 * @returns how many
 */
export async function returnOrphans(boss: PgBoss, db: Kysely<Schema>): Promise<number> {
  const { rows } = await sql<JobRow>`
    with active as materialized (
      select id, name from ${jobTable} where state = 'active' and name = any(${[...jobKinds]})
    )
    select id, name from active where pg_try_advisory_xact_lock(${sql.raw(lockOf('id'))})`.execute(db);
  for (const job of rows) await returnJob(boss, job, fromKysely(db));
  return rows.length;
}

/** Puts a job back in line that was begun, as if it had not been. */
export async function returnJob(boss: PgBoss, { id, name }: JobRow, db: BossDb): Promise<void> {
  // Only a job that is still under way: one that another process gave back already waits, or runs elsewhere.
  await boss.cancel(name, id, { db });
  await boss.resume(name, id, { db });
}

/** Jobs of a slide that wait or are under way. */
export async function jobsOf(db: Kysely<Schema>, slide: SlideId): Promise<readonly JobRow[]> {
  const { rows } = await sql<JobRow>`
    select id, name from ${jobTable}
    where singleton_key = ${slide} and state < 'completed' and name = any(${[...jobKinds]})`.execute(db);
  return rows;
}

/** How many jobs of these kinds wait or are under way. */
export async function countJobs(db: Kysely<Schema>, kinds: readonly JobKind[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${jobTable} where state < 'completed' and name = any(${[...kinds]})`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** Makes the next failure of a job its last. */
export async function endTries(db: Kysely<Schema>, { id, kind }: TakenJob): Promise<void> {
  await sql`update ${jobTable} set retry_limit = 0 where name = ${kind} and id = ${id}`.execute(db);
}

/** A slide for which something is to be done. */
interface WaitingSlide {
  readonly id: SlideId;
  readonly state: 'checking' | 'converting' | 'viewable';
  readonly isUrgent: boolean;
}

/**
 * Slides for which something is to be done, and no job waits, is under way or has failed. What an upload is still to
 * be made of is not among them: whoever receives it looks at it first.
 */
export async function slidesWithoutJobs(db: Kysely<Schema>): Promise<readonly WaitingSlide[]> {
  const { rows } = await sql<WaitingSlide>`
    select id, state, is_urgent as "isUrgent" from slide
    where state in ('checking', 'converting', 'viewable') and deleted_at is null
      and not (state = 'checking' and exists (
        select 1 from upload where upload.id = slide.id and upload.state not in ('done', 'discarded')
      ))
      and not exists (
        select 1 from ${jobTable} job
        where job.singleton_key = slide.id and job.name not in ('export', 'purge')
          and (job.state < 'completed' or job.state = 'failed')
      )
    limit 1000`.execute(db);
  return rows;
}

/** Slides that wait for jobs that were lost with their workers too often. */
export async function slidesGivenUp(db: Kysely<Schema>): Promise<readonly SlideId[]> {
  const { rows } = await sql<{ id: SlideId }>`
    select id from slide
    where state in ('checking', 'converting') and deleted_at is null
      and exists (
        select 1 from ${jobTable} job
        where job.singleton_key = slide.id and job.name not in ('export', 'purge') and job.state = 'failed'
      )
      and not exists (
        select 1 from ${jobTable} job where job.singleton_key = slide.id and job.state < 'completed'
      )
    limit 1000`.execute(db);
  return rows.map(({ id }) => id);
}

/** Slides of which a file is wanted, and no job waits or is under way that makes it. */
export async function exportsWithoutJobs(db: Kysely<Schema>): Promise<readonly SlideId[]> {
  const { rows } = await sql<{ id: SlideId }>`
    select distinct slide.id from slide_export join slide on slide.id = slide_export.slide_id
    where slide_export.state in ('waiting', 'making') and slide.state = 'complete' and slide.deleted_at is null
      and not exists (
        select 1 from ${jobTable} job
        where job.name = 'export' and job.singleton_key = slide.id and job.state < 'completed'
      )
    limit 1000`.execute(db);
  return rows.map(({ id }) => id);
}
