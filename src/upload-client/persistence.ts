import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, type ErrorKind } from '../core/errors.ts';

/** Failures that may pass: the line, the service, its disk. */
const passing: ReadonlySet<ErrorKind> = new Set(['unavailable', 'busy', 'throttled', 'conflict', 'mismatch']);

/** Whether trying again may help. */
export function mayPass(error: unknown): error is ServiceError {
  return error instanceof ServiceError && passing.has(error.kind);
}

/** How one does not give up at once. */
export interface PersistenceOptions {
  /** How long it may go on without any progress before it has failed, ms; Infinity for ever. */
  readonly patienceMs: number;
  /** Longest pause, ms. */
  readonly maxPauseMs?: number;
  /** Told before each pause. */
  readonly onPause?: (error: ServiceError, pauseMs: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Tries again what may pass, in pauses that grow to half a minute and never are the same for two senders. */
export class Persistence {
  readonly #options: PersistenceOptions;
  #failures = 0;
  #lastProgress = performance.now();

  constructor(options: PersistenceOptions) {
    this.#options = options;
  }

  /** Notes that something got through: the next pause is short again. */
  progressed(): void {
    this.#failures = 0;
    this.#lastProgress = performance.now();
  }

  /** Does `work` until it succeeds. @throws what will not pass, or lasted too long; the signal's reason */
  async run<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const done = await work();
        this.progressed();
        return done;
      } catch (error) {
        await this.pause(error);
      }
    }
  }

  /** Waits before the next try. @throws the error, when there is to be none */
  async pause(error: unknown): Promise<void> {
    const { patienceMs, maxPauseMs = 30_000, onPause, signal } = this.#options;
    signal?.throwIfAborted();
    if (!mayPass(error) || performance.now() - this.#lastProgress > patienceMs) throw error;
    const grown = Math.min(maxPauseMs, 250 * 2 ** this.#failures);
    this.#failures += 1;
    const wanted = (error.retryAfterSeconds ?? 0) * 1000;
    const pause = Math.max(wanted, grown * (0.5 + Math.random() / 2));
    onPause?.(error, pause);
    await rest(pause, signal);
  }
}

/** Waits. @throws the signal's reason, at once */
export async function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
