import { hostname } from 'node:os';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { newId } from '../core/ids.ts';
import type { Database } from '../db/database.ts';
import type { Metrics } from '../tiles/metrics.ts';
import { stepOf, totalsOf, type Totals } from './meter.ts';
import { historyMs, stepMs } from './sample.ts';

/** What a reporter stands on. */
export interface ReporterParts {
  readonly database: Database;
  readonly metrics: Metrics;
  /** Whether this process answers requests, or works only. */
  readonly kind: 'serve' | 'work';
  readonly log: Pick<Logger, 'warn'>;
}

/** Writes down every few seconds what this process did, for operators, whichever process they ask. */
export class Reporter {
  readonly #parts: ReporterParts;
  readonly #id = newId();
  readonly #startedAt = new Date().toISOString();
  #timer: NodeJS.Timeout | undefined;
  #before: { readonly totals: Totals; readonly at: number } | undefined;
  #isFailing = false;
  #pending: Promise<void>;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
    this.#pending = this.#report();
    this.#waitForNext();
  }

  /** Says goodbye: a process that ended is not missed. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#pending;
    await this.#try(async () => {
      await this.#parts.database.run((db) =>
        db.deleteFrom('process_report').where('process_id', '=', this.#id).execute(),
      );
    });
  }

  /** Reports in the middle of each step, so that a little early or late is never another step. */
  #waitForNext(): void {
    const sinceMiddle = (Date.now() + stepMs / 2) % stepMs;
    this.#timer = setTimeout(() => {
      this.#pending = this.#pending.then(() => this.#report());
      this.#waitForNext();
    }, stepMs - sinceMiddle).unref();
  }

  async #report(): Promise<void> {
    await this.#try(async () => {
      const { metrics } = this.#parts;
      const [totals, waiting, at] = [await totalsOf(metrics), await metrics.waiting.get(), performance.now()];
      const before = this.#before;
      this.#before = { totals, at };
      await this.#writeReport();
      if (before === undefined) return;
      const queue = waiting.values[0]?.value ?? 0;
      await this.#writeSample(stepOf(before.totals, totals, (at - before.at) / 1000, queue));
    });
  }

  async #writeReport(): Promise<void> {
    const { database, metrics, kind } = this.#parts;
    const all = JSON.stringify(await metrics.registry.getMetricsAsJSON());
    await database.run((db) =>
      sql`
        insert into process_report (process_id, host, kind, pid, started_at, seen_at, metrics)
        values (${this.#id}, ${hostname()}, ${kind}, ${process.pid}, ${this.#startedAt}, now(), ${all}::jsonb)
        on conflict (process_id) do update set seen_at = now(), metrics = excluded.metrics`.execute(db),
    );
  }

  async #writeSample(sample: unknown): Promise<void> {
    await this.#parts.database.run(async (db) => {
      await sql`
        insert into process_sample (process_id, at, sample)
        values (${this.#id}, now(), ${JSON.stringify(sample)}::jsonb) on conflict do nothing`.execute(db);
      const oldest = sql`now() - ${`${historyMs} milliseconds`}::interval`;
      await sql`delete from process_sample where at < ${oldest}`.execute(db);
      await sql`delete from process_report where seen_at < ${oldest}`.execute(db);
    });
  }

  /** Nobody's work stops because it could not be counted; the log says so once. */
  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#isFailing = false;
    } catch (err) {
      if (!this.#isFailing) this.#parts.log.warn({ err }, 'what this process does cannot be noted');
      this.#isFailing = true;
    }
  }
}
