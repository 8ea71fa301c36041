import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ServiceError } from '../core/errors.ts';
import type { SlideId } from '../core/slide.ts';
import { abandonJob, doJob } from './do-job.ts';
import { JobClaims } from './job-claims.ts';
import { endTries, type TakenJob } from './job-rows.ts';
import { sweepOrphans, sweepSlides, type SweepParts } from './job-sweep.ts';
import { CancelledError, laneOf, lanes, triesAfter, type JobKind } from './jobs.ts';
import type { SlideWorkParts } from './slide-work.ts';

/** What a worker stands on. */
export interface JobWorkerParts extends SweepParts {
  readonly work: SlideWorkParts;
  /** Jobs that people wait for, at once; one export and one of the others beside them. */
  readonly concurrency: number;
  readonly heartbeatSeconds: number;
  readonly log: Logger;
}

/** How often jobs are looked for of which no notice came, and those whose workers are gone, ms. */
const lookMs = 2000;
/** How often slides without jobs are looked for, ms. */
const sweepMs = 10_000;

/** A job under way. */
interface Running {
  readonly job: TakenJob;
  readonly stop: AbortController;
  readonly claims: JobClaims;
}

/** Takes up jobs from the database and does them, until it is closed. */
export class JobWorker {
  readonly #parts: JobWorkerParts;
  readonly #closing = new AbortController();
  readonly #running = new Map<string, Running>();
  readonly #wakes = new Set<() => void>();
  readonly #off: readonly (() => void)[];
  #claims: Promise<JobClaims> | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(parts: JobWorkerParts) {
    this.#parts = parts;
    const { notices } = parts;
    this.#off = [
      notices.on('jobs', () => this.#wake()),
      notices.on('cancelled', (slide) => this.#cancel(slide)),
    ];
  }

  /** Begins. */
  start(): void {
    const foreground = Array.from({ length: this.#parts.concurrency }, () => this.#serve(lanes.foreground));
    const others = [this.#serve(lanes.files), this.#serve(lanes.background)];
    const loops = [...foreground, ...others, this.#sweep()];
    this.#ended = Promise.all(loops);
  }

  /** Jobs under way. */
  get busy(): number {
    return this.#running.size;
  }

  /** Stops what is under way and puts it back in line, where another takes it up at once. */
  async close(): Promise<void> {
    for (const off of this.#off) off();
    this.#closing.abort(new ServiceError('unavailable', 'the service is stopping'));
    for (const { stop } of this.#running.values()) stop.abort(this.#closing.signal.reason);
    this.#wake();
    await this.#ended;
    await (await this.#claims?.catch(() => undefined))?.close();
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
  }

  #cancel(slide: SlideId | undefined): void {
    for (const { job, stop } of this.#running.values())
      if (job.slide === slide && job.kind !== 'purge') stop.abort(new CancelledError(slide));
  }

  /** Takes up one job after the other. */
  async #serve(kinds: readonly JobKind[]): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const noticed = this.#noticed();
      try {
        const claims = await this.#session();
        const job = await claims.take(kinds);
        if (job === undefined) await noticed;
        else if (this.#closing.signal.aborted) await claims.giveBack(job);
        else await this.#run(job, claims);
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#parts.log.warn({ err: error }, 'jobs cannot be taken up; trying again');
        await noticed;
      }
    }
  }

  /** Resolves when there may be something to do. */
  async #noticed(): Promise<void> {
    const waiting = new AbortController();
    const wake = () => waiting.abort();
    this.#wakes.add(wake);
    await sleep(lookMs, undefined, { signal: AbortSignal.any([waiting.signal, this.#closing.signal]) }).catch(
      () => {}, // woken
    );
    this.#wakes.delete(wake);
  }

  /** The session that holds the locks; another when the last one was lost. */
  #session(): Promise<JobClaims> {
    const { boss, database } = this.#parts;
    if (this.#claims === undefined) {
      const forget = () => {
        if (this.#claims === mine) this.#claims = undefined;
      };
      const mine = JobClaims.open(boss, database, (lost) => {
        forget();
        const reason = new ServiceError('unavailable', 'the database was away');
        for (const { stop, claims } of this.#running.values()) if (claims === lost) stop.abort(reason);
      });
      mine.catch(forget);
      this.#claims = mine;
    }
    return this.#claims;
  }

  async #run(job: TakenJob, claims: JobClaims): Promise<void> {
    const stop = new AbortController();
    this.#running.set(job.id, { job, stop, claims });
    const beat = setInterval(() => void this.#beat(job, stop), (this.#parts.heartbeatSeconds * 1000) / 3);
    try {
      const next = await doJob(this.#parts.work, job, {
        signal: stop.signal,
        turn: () => this.#turn(stop.signal),
      });
      await this.#complete(job, next);
    } catch (error) {
      if (!stop.signal.aborted) await this.#fail(job, error);
      else if (this.#closing.signal.aborted) return await claims.giveBack(job);
    } finally {
      clearInterval(beat);
      this.#running.delete(job.id);
      this.#wake();
    }
    await claims.release(job);
  }

  /** Says that a job is under way. When it is not ours any more, it is stopped. */
  async #beat({ id, kind, retryCount }: TakenJob, stop: AbortController): Promise<void> {
    try {
      const answer: object = await this.#parts.boss.touch(kind, { id, retryCount });
      if ('affected' in answer && answer.affected === 0)
        stop.abort(new ServiceError('conflict', 'the job is another worker’s'));
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'heartbeat of a job not noted');
    }
  }

  async #complete(job: TakenJob, next: JobKind | undefined): Promise<void> {
    const { boss, jobs, catalogue } = this.#parts;
    const { id, kind, slide, retryCount } = job;
    const isUrgent = next !== undefined && (await catalogue.get(slide))?.isUrgent;
    if (next !== undefined) await jobs.add(next, slide, { isUrgent });
    await boss.complete(kind, { id, retryCount });
  }

  /** Tries again later, or gives up. */
  async #fail(job: TakenJob, error: unknown): Promise<void> {
    const { boss, database, work, jobs, log } = this.#parts;
    const { id, kind, slide, retryCount } = job;
    const reason = { message: error instanceof ServiceError ? error.kind : 'bug' };
    if (retryCount + 1 < triesAfter(error)) {
      log.warn({ slide, job: kind, try: retryCount + 1, err: error }, 'job failed; it is tried again');
      await boss.fail(kind, { id, retryCount }, reason);
      return;
    }
    const next = await abandonJob(work, job, error);
    if (next !== undefined) await jobs.add(next, slide);
    await database.run((db) => endTries(db, job));
    await boss.fail(kind, { id, retryCount }, reason);
  }

  /** Resolves when no job runs here that people wait for. */
  async #turn(signal: AbortSignal): Promise<void> {
    const isBusy = () => [...this.#running.values()].some(({ job }) => laneOf(job.kind) === 'foreground');
    while (isBusy() && !signal.aborted) await this.#noticed();
  }

  /** Now and then looks for what nobody does. */
  async #sweep(): Promise<void> {
    const { log } = this.#parts;
    let swept = -Infinity;
    while (!this.#closing.signal.aborted) {
      try {
        const returned = await sweepOrphans(this.#parts);
        if (returned > 0) log.warn({ jobs: returned }, 'jobs of a lost worker are back in line');
        if (performance.now() - swept > sweepMs) await sweepSlides(this.#parts);
        swept = performance.now() - swept > sweepMs ? performance.now() : swept;
      } catch (error) {
        log.warn({ err: error }, 'jobs of lost workers not looked for');
      }
      await sleep(lookMs, undefined, { signal: this.#closing.signal }).catch(() => {}); // closing
    }
  }
}
