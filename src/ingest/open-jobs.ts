import type { Database } from '../db/database.ts';
import type { Notices } from '../db/notices.ts';
import { openBoss } from './boss.ts';
import { BossJobs } from './boss-jobs.ts';
import { JobWorker } from './job-worker.ts';
import type { Jobs } from './jobs.ts';
import { LineJobs } from './line-jobs.ts';
import type { SlideWorkParts } from './slide-work.ts';

/** How jobs are kept and done. */
export interface JobsOptions {
  readonly work: SlideWorkParts;
  /** Absent: jobs last as long as this process. */
  readonly shared: { readonly database: Database; readonly notices: Notices } | undefined;
  /** Whether this process does what is in the database, and how much of it at once; 0: it only puts it in line. */
  readonly concurrency: number;
  /** How long a worker may be silent before its jobs are another's, s; 10 or more. */
  readonly heartbeatSeconds: number;
}

/** Opens the line of jobs that fits, and begins to work when this process is to. @throws when the database does not answer */
export async function openJobs(options: JobsOptions): Promise<Jobs> {
  const { work, shared, concurrency, heartbeatSeconds } = options;
  if (shared === undefined) return new LineJobs(work);
  const { log, catalogue, rendersAhead } = work;
  const boss = await openBoss({ ...shared, log, supervises: concurrency > 0, heartbeatSeconds });
  const jobs = new BossJobs({ ...shared, boss });
  if (concurrency === 0) return jobs;
  const parts = { ...shared, boss, jobs, work, catalogue, rendersAhead, concurrency, heartbeatSeconds, log };
  const worker = new JobWorker(parts);
  worker.start();
  jobs.whenClosing(() => worker.close());
  return jobs;
}
