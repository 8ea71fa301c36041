import type { PgBoss } from 'pg-boss';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstOrganisation } from '../core/ids.ts';
import type { SlideState } from '../db/catalogue.ts';
import { Notices } from '../db/notices.ts';
import { PostgresCatalogue } from '../db/postgres-catalogue.ts';
import { quiet, startTestPostgres } from '../db/test-database.ts';
import { BossJobs } from './boss-jobs.ts';
import { openBoss } from './boss.ts';
import { JobClaims } from './job-claims.ts';
import { sweepOrphans, sweepSlides } from './job-sweep.ts';
import { jobKinds, lanes } from './jobs.ts';

const postgres = await startTestPostgres();
const database = await postgres.newDatabase();
const catalogue = new PostgresCatalogue(database);
const idOf = (n: number) => n.toString(16).padStart(32, '0');
let boss: PgBoss;
let notices: Notices;
let jobs: BossJobs;

beforeAll(async () => {
  boss = await openBoss({ database, log: quiet, supervises: false, heartbeatSeconds: 20 });
  notices = await Notices.open(database, quiet);
  jobs = new BossJobs({ boss, database, notices });
});
afterAll(async () => {
  await jobs?.close();
  await notices?.close();
});
beforeEach(async () => {
  await database.run((db) => sql`delete from pgboss.job`.execute(db));
  await database.run((db) => db.deleteFrom('slide').execute());
});

const openClaims = async () => await JobClaims.open(boss, database, () => {});
const parts = () => ({ boss, database, catalogue, jobs, notices, rendersAhead: true });

async function addSlide(n: number, state: SlideState): Promise<string> {
  const record = {
    organisationId: firstOrganisation,
    name: 'a',
    bytes: 1,
    addedAt: new Date().toISOString(),
  };
  await catalogue.save({ ...record, id: idOf(n), state });
  return idOf(n);
}

describe('JobClaims', () => {
  it('takes urgent jobs first, then by kind, then in the order in which they came', async () => {
    await jobs.add('verify', idOf(1));
    await jobs.add('convert', idOf(2));
    await jobs.add('convert', idOf(3));
    await jobs.add('probe', idOf(4));
    await jobs.add('verify', idOf(5), { isUrgent: true });
    await jobs.add('convert', idOf(6));
    await jobs.setUrgent(idOf(6), true);
    const claims = await openClaims();
    const taken: string[] = [];
    for (let job = await claims.take(jobKinds); job !== undefined; job = await claims.take(jobKinds))
      taken.push(`${job.kind} ${Number(`0x${job.slide}`)}`);
    expect(taken).toEqual(['convert 6', 'verify 5', 'probe 4', 'convert 2', 'convert 3', 'verify 1']);
    await claims.close();
  });

  it('gives each job to one worker, and only the kinds that are asked for', async () => {
    for (let n = 1; n <= 20; n++) await jobs.add('convert', idOf(n));
    await jobs.add('verify', idOf(30));
    const workers = await Promise.all([openClaims(), openClaims(), openClaims()]);
    const taken = await Promise.all(
      workers.map(async (claims) => {
        const mine: string[] = [];
        for (let misses = 0; misses < 3;) {
          const job = await claims.take(lanes.foreground);
          if (job === undefined) misses += 1;
          else mine.push(job.slide);
        }
        return mine;
      }),
    );
    expect(taken.flat().toSorted()).toEqual(Array.from({ length: 20 }, (_, n) => idOf(n + 1)).toSorted());
    for (const claims of workers) await claims.close();
  });

  it('has one job of a kind for a slide, however often it is added', async () => {
    await Promise.all(Array.from({ length: 10 }, async () => await jobs.add('convert', idOf(1))));
    const claims = await openClaims();
    expect(await claims.take(jobKinds)).toMatchObject({ slide: idOf(1), retryCount: 0 });
    await jobs.add('convert', idOf(1));
    expect(await claims.take(jobKinds)).toBeUndefined();
    await claims.close();
  });

  it('puts a job back in line at once that is handed back', async () => {
    await jobs.add('convert', idOf(1));
    const [first, second] = [await openClaims(), await openClaims()];
    const job = await first.take(jobKinds);
    expect(await second.take(jobKinds)).toBeUndefined();
    if (job !== undefined) await first.giveBack(job);
    expect(await second.take(jobKinds)).toMatchObject({ id: job?.id, retryCount: 1 });
    await first.close();
    await second.close();
  });
});

describe('sweepOrphans', () => {
  it('gives back what a lost worker had, and nothing that is being done', async () => {
    await jobs.add('convert', idOf(1));
    await jobs.add('convert', idOf(2));
    const [lost, alive] = [await openClaims(), await openClaims()];
    const [one, two] = [await lost.take(jobKinds), await alive.take(jobKinds)];
    expect(await sweepOrphans(parts())).toBe(0);
    await lost.close();
    // PostgreSQL notices the end of a session in its own time.
    let returned = 0;
    while (returned === 0) returned = await sweepOrphans(parts());
    expect(returned).toBe(1);
    expect(await alive.take(jobKinds)).toMatchObject({ id: one?.id, slide: idOf(1), retryCount: 1 });
    expect(two?.slide).toBe(idOf(2));
    await alive.close();
  });

  it('lets a worker that was taken for lost end nothing', async () => {
    await jobs.add('convert', idOf(1));
    const lost = await openClaims();
    const old = await lost.take(jobKinds);
    await lost.close();
    while ((await sweepOrphans(parts())) === 0);
    const next = await openClaims();
    const again = await next.take(jobKinds);
    expect(again?.id).toBe(old?.id);
    if (old !== undefined) await boss.complete('convert', { id: old.id, retryCount: old.retryCount });
    expect(await boss.findJobs('convert', { key: idOf(1) })).toMatchObject([
      { state: 'active', retryCount: 1 },
    ]);
    await next.close();
  });
});

describe('sweepSlides', () => {
  it('puts in line what is to be done for slides that nobody does anything for', async () => {
    await addSlide(1, { kind: 'converting', progress: 0.5 });
    await addSlide(2, { kind: 'viewable' });
    await addSlide(3, { kind: 'complete' });
    await addSlide(4, { kind: 'failed', reason: 'for this test' });
    await addSlide(5, { kind: 'receiving', progress: 0, isViewable: false });
    await addSlide(6, { kind: 'converting', progress: 0 });
    await addSlide(7, { kind: 'checking' });
    await jobs.add('convert', idOf(6));
    await sweepSlides(parts());
    await sweepSlides(parts());
    const claims = await openClaims();
    const taken: string[] = [];
    for (let job = await claims.take(jobKinds); job !== undefined; job = await claims.take(jobKinds))
      taken.push(`${job.kind} ${Number(`0x${job.slide}`)}`);
    expect(taken.toSorted()).toEqual(['convert 1', 'convert 6', 'probe 7', 'render-ahead 2']);
    await claims.close();
  });

  it('says so on a slide whose workers were lost too often', async () => {
    const id = await addSlide(1, { kind: 'converting', progress: 0.5 });
    await jobs.add('convert', id);
    await database.run((db) => sql`update pgboss.job set state = 'failed', completed_on = now()`.execute(db));
    await sweepSlides(parts());
    expect((await catalogue.get(id))?.state).toMatchObject({ kind: 'failed' });
  });
});

describe('Notices', () => {
  it('reach every process, and tell of a gap when the connection was lost', async () => {
    const other = await Notices.open(database, quiet);
    const heard: (string | undefined)[] = [];
    const next = () => new Promise<void>((resolve) => void other.on('published', () => resolve()));
    other.on('published', (id) => heard.push(id));
    const first = next();
    await notices.tell('published', idOf(7));
    await first;
    const gap = next();
    await database.run((db) =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like 'listen telepath%' and pid <> pg_backend_pid()`.execute(
        db,
      ),
    );
    await gap;
    expect(heard).toEqual([idOf(7), undefined]);
    await other.close();
  });
});
