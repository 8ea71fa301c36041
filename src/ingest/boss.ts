import { PgBoss, type ConstructorOptions } from 'pg-boss';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { jobKinds } from './jobs.ts';

/** Schema of the tables of pg-boss, beside our own. */
export const bossSchema = 'pgboss';

/** How often a job may be taken up that ends with its worker, before it is given up. */
export const maxLosses = 25;

/** How pg-boss is opened. */
export interface BossOptions {
  readonly database: Database;
  readonly log: Pick<Logger, 'warn'>;
  /** Whether jobs without a heartbeat are looked for here. */
  readonly supervises: boolean;
  /** How long a worker may be silent before its jobs are another's, s; 10 or more. */
  readonly heartbeatSeconds: number;
}

/**
 * pg-boss on the service's own PostgreSQL, its tables made when they are not there. Whoever opens it stops it.
 *
 * @throws {Error} when the database does not answer
 */
export async function openBoss({
  database,
  log,
  supervises,
  heartbeatSeconds,
}: BossOptions): Promise<PgBoss> {
  // It reads numbers in its own way.
  const { types: _, ...login } = database.login;
  const boss = new PgBoss({
    // oxlint-disable-next-line no-unsafe-type-assertion -- ClientConfig allows what `pg` reads as absent
    ...(login as ConstructorOptions),
    application_name: 'telepath jobs',
    max: 2,
    schema: bossSchema,
    schedule: false,
    supervise: supervises,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    registerInstance: false,
    openTelemetry: { enabled: false },
  });
  boss.on('error', (error) => log.warn({ err: error }, 'queue of jobs'));
  await boss.start();
  for (const kind of jobKinds)
    await boss.createQueue(kind, {
      // One at a time waits or is under way for each slide.
      policy: 'exclusive',
      heartbeatSeconds,
      retryLimit: maxLosses,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
      // How long one try may take: the largest slides need hours on a small machine.
      expireInSeconds: 86_000,
      retentionSeconds: 30 * 86_400,
      deleteAfterSeconds: 7 * 86_400,
    });
  return boss;
}
