import type { Logger } from 'pino';
import { ServiceError, unwrap, type Outcome } from '../core/errors.ts';
import type { DecoderTask, DecoderTasks } from '../pyramid/tasks.ts';
import type { ConversionPool, RunTask } from './conversion-pool.ts';
import { DecoderChild, type DecoderResult } from './decoder-pool-child.ts';
import { deathOf, subjectOf, type Job, type Lane } from './decoder-pool-job.ts';

/** How a pool runs. */
export interface DecoderPoolOptions {
  /** Conversions at once, and as many renderings beside them. */
  readonly threads: number;
  /** Longest time for one task before its child is killed, ms. Default: 60 s, 30 min for flattening a picture. */
  readonly taskTimeoutMs?: number;
  /** Memory of the child beyond which it is killed, bytes. Default 1.5 GiB. */
  readonly maxRssBytes?: number;
  readonly log?: Pick<Logger, 'warn'>;
}

/** Starts a pool and waits until its child is ready. @throws {ServiceError} `unavailable` */
export async function startDecoderPool(options: DecoderPoolOptions): Promise<ConversionPool> {
  const pool = new ChildPool(options);
  await pool.start();
  return pool;
}

/** A pool whose child is started when there is something for it to do. */
export function lazyDecoderPool(options: DecoderPoolOptions): ConversionPool {
  return new ChildPool(options);
}

/**
 * Keeps one child busy: at most `threads` jobs of each lane are in it at once, so a job that was sent runs.
 *
 * When the child dies it is replaced. Which of its jobs killed it is unknown, so each of them is run once more,
 * alone; the one that kills its child again is refused.
 */
class ChildPool implements ConversionPool {
  readonly threads: number;
  readonly #options: DecoderPoolOptions;
  readonly #running = new Map<number, Job>();
  readonly #waiting: Record<Lane, Job[]> = { render: [], convert: [] };
  /** Jobs that were in a child when it died: run alone. */
  #suspects: Job[] = [];
  #child: DecoderChild | undefined;
  #isReady = false;
  #isClosed = false;
  #nextId = 0;
  /** Why the child is being killed, when it is we who kill it. */
  #verdict: { readonly error: ServiceError; readonly job?: Job } | undefined;

  constructor(options: DecoderPoolOptions) {
    this.#options = options;
    this.threads = options.threads;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => this.#fork(resolve, reject));
  }

  wake(): void {
    this.#dispatch();
  }

  async compose(task: Omit<DecoderTasks['compose']['task'], 'task'>, signal?: AbortSignal): Promise<Buffer> {
    return toBuffer(await this.#run<Uint8Array>({ task: 'compose', ...task }, 'render', signal));
  }

  async shrinkTiles(
    task: Omit<DecoderTasks['shrinkTiles']['task'], 'task'>,
    signal?: AbortSignal,
  ): Promise<Buffer[]> {
    const tiles = await this.#run<readonly Uint8Array[]>({ task: 'shrinkTiles', ...task }, 'render', signal);
    return tiles.map(toBuffer);
  }

  async picture(task: Omit<DecoderTasks['picture']['task'], 'task'>, signal?: AbortSignal): Promise<Buffer> {
    return toBuffer(await this.#run<Uint8Array>({ task: 'picture', ...task }, 'render', signal));
  }

  convertBlock: RunTask<'convertBlock'> = (task, signal) =>
    this.#run({ task: 'convertBlock', ...task }, 'convert', signal);

  flatten: RunTask<'flatten'> = (task, signal) => this.#run({ task: 'flatten', ...task }, 'convert', signal);

  verify: RunTask<'verify'> = (task, signal) => this.#run({ task: 'verify', ...task }, 'convert', signal);

  async close(): Promise<void> {
    this.#isClosed = true;
    const child = this.#child;
    if (child === undefined) return;
    this.#verdict = { error: new ServiceError('unavailable', 'the decoder pool is closed') };
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve;
      child.kill();
    });
  }

  #onClosed: () => void = () => {};

  #run<T extends DecoderResult>(task: DecoderTask, lane: Lane, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      if (this.#isClosed) return reject(new ServiceError('unavailable', 'the decoder pool is closed'));
      const id = this.#nextId++;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a child answers each task with its own result
      const take = resolve as (result: DecoderResult) => void;
      const job: Job = { id, task, lane, resolve: take, reject, signal, deaths: 0 };
      signal?.addEventListener('abort', this.#onAbort, { once: true });
      this.#waiting[lane].push(job);
      this.#dispatch();
    });
  }

  /** Jobs that wait are dropped; those under way end first, because they write files their caller removes. */
  readonly #onAbort = (): void => {
    for (const lane of ['render', 'convert'] as const)
      this.#waiting[lane] = this.#waiting[lane].filter((job) => {
        if (job.signal?.aborted === true) job.reject(job.signal.reason);
        return job.signal?.aborted !== true;
      });
  };

  #dispatch(): void {
    if (!this.#isReady) {
      if (this.#child === undefined && !this.#isClosed) this.#fork();
      return;
    }
    if (this.#suspects.length > 0) {
      const suspect = this.#running.size === 0 ? this.#suspects.shift() : undefined;
      if (suspect !== undefined) this.#send(suspect);
      return;
    }
    for (const lane of ['render', 'convert'] as const) {
      let free = this.threads - [...this.#running.values()].filter((job) => job.lane === lane).length;
      for (; free > 0; free--) {
        const job = this.#waiting[lane].shift();
        if (job === undefined) break;
        this.#send(job);
      }
    }
  }

  #send(job: Job): void {
    this.#running.set(job.id, job);
    const limit = this.#options.taskTimeoutMs ?? (job.task.task === 'flatten' ? 1_800_000 : 60_000);
    job.timer = setTimeout(() => {
      const text = `decoder took more than ${limit / 1000} s for ${subjectOf(job.task)}`;
      this.#kill(new ServiceError('damaged', text), job);
    }, limit);
    this.#child?.send(job.id, job.task);
  }

  #settle(id: number, outcome: Outcome<DecoderResult>): void {
    const job = this.#running.get(id);
    if (job === undefined) return;
    this.#running.delete(id);
    this.#forget(job);
    try {
      job.signal?.throwIfAborted();
      job.resolve(unwrap(outcome));
    } catch (error) {
      job.reject(error);
    }
    this.#dispatch();
  }

  #forget(job: Job): void {
    clearTimeout(job.timer);
    job.signal?.removeEventListener('abort', this.#onAbort);
  }

  #kill(error: ServiceError, job?: Job): void {
    this.#verdict ??= job === undefined ? { error } : { error, job };
    this.#child?.kill();
  }

  #fork(onReady = () => {}, onFailed: (error: ServiceError) => void = () => {}): void {
    this.#child = new DecoderChild(this.threads * 2, {
      onReady: () => {
        this.#isReady = true;
        onReady();
        this.#dispatch();
      },
      onOutcome: (id, outcome) => this.#settle(id, outcome),
      onMemory: (bytes) => this.#checkMemory(bytes),
      onEnd: (how) => this.#bury(how, onFailed),
    });
  }

  #checkMemory(bytes: number): void {
    const limit = this.#options.maxRssBytes ?? 1.5 * 2 ** 30;
    if (bytes <= limit) return;
    const text = `decoder used ${mebibytes(bytes)} MiB of memory, more than the ${mebibytes(limit)} MiB allowed`;
    this.#kill(new ServiceError('too-large', text));
  }

  /** The child is gone: settles or repeats what was in it, and starts another. */
  #bury(how: string, onFailed: (error: ServiceError) => void): void {
    const [verdict, wasReady] = [this.#verdict, this.#isReady];
    const jobs = [...this.#running.values()];
    this.#running.clear();
    this.#child = undefined;
    this.#isReady = false;
    this.#verdict = undefined;
    if (this.#isClosed) return this.#end(jobs, verdict?.error ?? new ServiceError('unavailable', how));
    this.#options.log?.warn({ how, err: verdict?.error, jobs: jobs.length }, 'decoder child ended');
    if (!wasReady) {
      const error = new ServiceError('unavailable', `the decoder process does not start: ${how}`);
      onFailed(error);
      return this.#end(jobs, error);
    }
    for (const job of jobs) {
      clearTimeout(job.timer);
      if (verdict?.job === undefined) job.deaths += 1;
      if (job === verdict?.job) this.#refuse(job, verdict.error);
      else if (job.signal?.aborted === true) this.#refuse(job, job.signal.reason);
      else if (job.deaths >= 2) this.#refuse(job, verdict?.error ?? deathOf(job, how));
      else if (verdict?.job !== undefined) this.#waiting[job.lane].unshift(job);
      else this.#suspects.push(job);
    }
    this.#dispatch();
    if (this.#child === undefined) this.#fork();
  }

  #refuse(job: Job, reason: unknown): void {
    this.#forget(job);
    const place = reason instanceof ServiceError && reason.kind === 'too-large';
    job.reject(
      place ? new ServiceError('too-large', `${reason.message}, for ${subjectOf(job.task)}`) : reason,
    );
  }

  /** Nothing can run any more (or not now): everything that waits is refused. */
  #end(jobs: readonly Job[], error: ServiceError): void {
    const all = [...jobs, ...this.#suspects, ...this.#waiting.render, ...this.#waiting.convert];
    this.#suspects = [];
    this.#waiting.render = [];
    this.#waiting.convert = [];
    for (const job of all) this.#refuse(job, error);
    this.#onClosed();
  }
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
