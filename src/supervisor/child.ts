import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { ServiceError } from '../core/errors.ts';
import { isReady, type Order } from './messages.ts';

/** A process that the supervisor looks after. */
export interface Child {
  readonly pid: number | undefined;
  /** Resolves when it can do its work, with its address where it has one. @throws {ServiceError} when it ends before */
  readonly ready: Promise<string | undefined>;
  /** Resolves when it has ended, with how: `SIGKILL`, `exit code 1`. */
  readonly ended: Promise<string>;
  /** Asks it to end. What it has begun it finishes, or hands to others. */
  order(order: Order): void;
  /** Ends it at once. */
  kill(): void;
}

/** Starts a child. */
export type Fork = () => Child;

const program = fileURLToPath(new URL('../cli.ts', import.meta.url));

/** Starts a process that answers requests; all of them share one port. @param env added to the environment */
export function forkServe(env: NodeJS.ProcessEnv): Child {
  cluster.setupPrimary({ exec: program, args: ['serve'] });
  return childOf('serve', cluster.fork(env).process);
}

/** Starts a process that does jobs. @param env added to the environment */
export function forkWork(env: NodeJS.ProcessEnv): Child {
  return childOf('work', fork(program, ['work'], { env: { ...process.env, ...env } }));
}

function childOf(name: string, process: ReturnType<typeof fork>): Child {
  const ended = new Promise<string>((resolve) => {
    process.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    process.once('error', (error) => resolve(error.message));
  });
  const ready = new Promise<string | undefined>((resolve, reject) => {
    process.on('message', (message: unknown) => {
      if (isReady(message)) resolve(message.url);
    });
    void ended.then((how) =>
      reject(new ServiceError('unavailable', `${name} ended before it was ready: ${how}`)),
    );
  });
  ready.catch(() => {}); // whoever waits for it is told
  return {
    pid: process.pid,
    ready,
    ended,
    order: (order) => {
      // One that is just ending cannot be told any more.
      if (process.connected) process.send({ telepath: order }, () => {});
    },
    kill: () => void process.kill('SIGKILL'),
  };
}

/** Longest that an ended child's successor is waited with, ms. */
const longestPauseMs = 15_000;
const shortestPauseMs = 100;

/** Keeps one child running: another takes its place when it ends unasked, at once or, when that keeps failing, later. */
export class Slot {
  readonly #name: string;
  readonly #fork: Fork;
  readonly #log: Pick<Logger, 'info' | 'warn' | 'error'>;
  #child: Child;
  #pauseMs = shortestPauseMs;
  #isStopping = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(name: string, fork: Fork, log: Pick<Logger, 'info' | 'warn' | 'error'>) {
    this.#name = name;
    this.#fork = fork;
    this.#log = log;
    this.#child = fork();
  }

  /** The child that runs now, or ran last. */
  get child(): Child {
    return this.#child;
  }

  /** Looks after the child from now on; before that, its end is its starter's business. */
  guard(): void {
    void this.#watch(this.#child);
  }

  /**
   * Replaces the child: the new one is ready before the old one is asked to end.
   *
   * @param patienceMs how long the old one may take to end
   * @throws {ServiceError} `unavailable` when the new one does not become ready; the old one then stays
   */
  async replace(patienceMs: number): Promise<void> {
    const [old, next] = [this.#child, this.#fork()];
    await next.ready;
    this.#child = next;
    clearTimeout(this.#timer);
    void this.#watch(next);
    await end(old, 'drain', patienceMs);
    this.#log.info({ process: this.#name, pid: next.pid }, 'process replaced');
  }

  /** Ends the child, however many times it was asked. */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await end(this.#child, 'stop', patienceMs);
  }

  /** Starts another child when this one has ended unasked. */
  async #watch(child: Child): Promise<void> {
    child.ready.then(
      () => (this.#pauseMs = shortestPauseMs),
      () => {}, // it ends
    );
    const how = await child.ended;
    if (this.#isStopping || child !== this.#child) return;
    const againInMs = this.#pauseMs;
    this.#pauseMs = Math.min(longestPauseMs, againInMs * 2);
    this.#log.error({ process: this.#name, pid: child.pid, how, againInMs }, 'process ended');
    this.#timer = setTimeout(() => {
      this.#child = this.#fork();
      void this.#watch(this.#child);
    }, againInMs);
  }
}

/** Asks a child to end, and makes it when it does not. */
async function end(child: Child, order: Order, patienceMs: number): Promise<void> {
  child.order(order);
  const timer = setTimeout(() => child.kill(), patienceMs);
  await child.ended;
  clearTimeout(timer);
}
