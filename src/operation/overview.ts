import { hostname } from 'node:os';
import { sql } from 'kysely';
import { AggregatorRegistry, type MetricObject } from 'prom-client';
import type { SlideId } from '../core/slide.ts';
import type { Database } from '../db/database.ts';
import { bossSchema } from '../ingest/boss.ts';
import { jobKinds, type JobKind } from '../ingest/jobs.ts';
import { storageUse } from '../ingest/retention/storage-use.ts';
import { historyMs, Sample, stepMs } from './sample.ts';

/** A process, as it last said of itself. Times in ISO 8601, UTC. */
export interface RunningProcess {
  readonly id: string;
  readonly host: string;
  readonly kind: 'serve' | 'work';
  readonly pid: number;
  readonly startedAt: string;
  readonly seenAt: string;
  /** Of its last step; undefined in its first seconds. */
  readonly last: Sample | undefined;
}

/** All processes together within one step. */
export interface Step extends Sample {
  /** End of the step, ISO 8601, UTC. */
  readonly at: string;
}

/** Jobs of one kind. */
export interface JobLine {
  readonly kind: JobKind;
  readonly waiting: number;
  readonly running: number;
}

/** A slide that is being converted; operators know it by its id only. */
export interface Conversion {
  readonly slide: SlideId;
  /** 0–1. */
  readonly progress: number;
}

/** E-mails on their way. */
export interface MailLine {
  readonly waiting: number;
  /** Of those that wait: tried already, in vain. */
  readonly failing: number;
  /** Not delivered, within the last week. */
  readonly givenUp: number;
  /** Why the last of them failed: codes, never an address. */
  readonly reason?: string;
}

/** What runs, what it does, and what needs somebody. */
export interface Overview {
  /** By the database's clock. */
  readonly now: string;
  readonly processes: readonly RunningProcess[];
  readonly steps: readonly Step[];
  readonly jobs: readonly JobLine[];
  readonly conversions: readonly Conversion[];
  /** Slides that could not be prepared: their lab sees why. */
  readonly needAttention: number;
  readonly storage: { readonly slides: number; readonly bytes: number };
  readonly mail: MailLine;
}

/** How long a process may be silent before it is taken for gone, ms. */
const silentMs = stepMs * 3;

/** @param since only steps after it, ISO 8601 */
export async function overviewOf(database: Database, since?: string): Promise<Overview> {
  const [now, processes, steps, jobs, slides, use, mail] = await Promise.all([
    nowOf(database),
    processesOf(database),
    stepsOf(database, since),
    jobsOf(database),
    slidesOf(database),
    storageUse(database),
    mailOf(database),
  ]);
  const storage = use.reduce(
    (sum, one) => ({ slides: sum.slides + one.slides, bytes: sum.bytes + one.bytes }),
    {
      slides: 0,
      bytes: 0,
    },
  );
  return { now, processes, steps, jobs, ...slides, storage, mail };
}

/** The metrics of all processes of this host as one, in Prometheus' text format. */
export async function metricsOfHost(database: Database): Promise<string> {
  const reports = await database.run((db) =>
    db
      .selectFrom('process_report')
      .select('metrics')
      .where('host', '=', hostname())
      .where('seen_at', '>', recently(silentMs))
      .execute(),
  );
  // oxlint-disable-next-line no-unsafe-type-assertion -- what prom-client gave as JSON it takes as JSON
  const all = reports.map(({ metrics }) => metrics as MetricObject[]);
  return await AggregatorRegistry.aggregate(all).metrics();
}

const recently = (ms: number) => sql<Date>`now() - ${`${ms} milliseconds`}::interval`;

async function nowOf(database: Database): Promise<string> {
  const { rows } = await database.run((db) => sql<{ now: Date }>`select now() as now`.execute(db));
  return (rows[0]?.now ?? new Date()).toISOString();
}

async function processesOf(database: Database): Promise<RunningProcess[]> {
  const { rows } = await database.run((db) =>
    sql<{
      id: string;
      host: string;
      kind: 'serve' | 'work';
      pid: number;
      started: Date;
      seen: Date;
      last: unknown;
    }>`
      select process_id as id, host, kind, pid, started_at as started, seen_at as seen, (
        select sample from process_sample
        where process_sample.process_id = process_report.process_id order by at desc limit 1
      ) as last
      from process_report where seen_at > ${recently(silentMs)} order by host, kind, started_at`.execute(db),
  );
  return rows.map(({ id, host, kind, pid, started, seen, last }) => ({
    id,
    host,
    kind,
    pid,
    startedAt: started.toISOString(),
    seenAt: seen.toISOString(),
    last: last === null ? undefined : Sample.parse(last),
  }));
}

/** Steps of all processes, added up; the last, which not all have noted yet, is left out. */
async function stepsOf(database: Database, since: string | undefined): Promise<Step[]> {
  const { rows } = await database.run((db) =>
    sql<{ step: number; sample: unknown }>`
      select floor(extract(epoch from at) * 1000 / ${stepMs}::int)::bigint as step, sample from process_sample
      where at > greatest(${recently(historyMs)}, ${since ?? '-infinity'}::timestamptz)
      order by step`.execute(db),
  );
  const steps = new Map<number, Sample[]>();
  for (const { step, sample } of rows) steps.set(step, [...(steps.get(step) ?? []), Sample.parse(sample)]);
  const complete = [...steps].slice(0, -1);
  return complete.map(([step, samples]) => ({
    ...added(samples),
    at: new Date((step + 1) * stepMs).toISOString(),
  }));
}

/** What several processes did, side by side. */
function added(samples: readonly Sample[]): Sample {
  const sum = (of: (sample: Sample) => number) => samples.reduce((all, one) => all + of(one), 0);
  const merged = (of: (sample: Sample) => Readonly<Record<string, number>>) => {
    const all: Record<string, number> = {};
    for (const sample of samples)
      for (const [key, value] of Object.entries(of(sample))) all[key] = (all[key] ?? 0) + value;
    return all;
  };
  const bounds = Math.max(0, ...samples.map(({ latency }) => latency.length));
  return {
    seconds: stepMs / 1000,
    tiles: merged(({ tiles }) => tiles),
    latency: Array.from({ length: bounds }, (_, i) => sum(({ latency }) => latency[i] ?? 0)),
    hits: sum(({ hits }) => hits),
    misses: sum(({ misses }) => misses),
    waiting: sum(({ waiting }) => waiting),
    rejected: sum(({ rejected }) => rejected),
    megapixels: sum(({ megapixels }) => megapixels),
    jobs: merged(({ jobs }) => jobs),
    errors: merged(({ errors }) => errors),
    memory: sum(({ memory }) => memory),
    processor: sum(({ processor }) => processor),
  };
}

async function jobsOf(database: Database): Promise<JobLine[]> {
  const { rows } = await database.run((db) =>
    sql<{ kind: JobKind; waiting: number; running: number }>`
      select name as kind, count(*) filter (where state < 'active') as waiting,
        count(*) filter (where state = 'active') as running
      from ${sql.raw(`${bossSchema}.job`)}
      where state < 'completed' and name = any(${[...jobKinds]}) group by name`.execute(db),
  );
  return jobKinds.map((kind) => rows.find((row) => row.kind === kind) ?? { kind, waiting: 0, running: 0 });
}

async function mailOf(database: Database): Promise<MailLine> {
  const { rows } = await database.run((db) =>
    sql<{ waiting: number; failing: number; given_up: number; reason: string | null }>`
      with open as (
        select * from mail where sent_at is null and (given_up_at is null
          or (given_up_at > now() - interval '7 days' and reason is distinct from 'not wanted any more')))
      select count(*) filter (where given_up_at is null) as waiting,
        count(*) filter (where given_up_at is null and tries > 0) as failing,
        count(*) filter (where given_up_at is not null) as given_up,
        (select reason from open where reason is not null order by coalesce(given_up_at, next_at) desc limit 1)
      from open`.execute(db),
  );
  const [row] = rows;
  return {
    waiting: row?.waiting ?? 0,
    failing: row?.failing ?? 0,
    givenUp: row?.given_up ?? 0,
    ...(row?.reason != null && { reason: row.reason }),
  };
}

async function slidesOf(database: Database): Promise<Pick<Overview, 'conversions' | 'needAttention'>> {
  return await database.run(async (db) => {
    const there = db.selectFrom('slide').where('deleted_at', 'is', null);
    const converting = await there
      .select(['id', 'progress'])
      .where('state', '=', 'converting')
      .orderBy('added_at')
      .limit(20)
      .execute();
    const failed = await there
      .select((is) => is.fn.countAll<number>().as('count'))
      .where('state', '=', 'failed')
      .executeTakeFirstOrThrow();
    const conversions = converting.map(({ id, progress }) => ({ slide: id, progress: progress ?? 0 }));
    return { conversions, needAttention: failed.count };
  });
}
