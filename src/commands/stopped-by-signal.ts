import { ServiceError } from '../core/errors.ts';

/** Ends a command in good order when it is asked to. */
export interface StoppedBySignal extends Disposable {
  /** Aborted at the first SIGINT or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal;
}

/** Listens for SIGINT and SIGTERM until it is disposed. */
export function stoppedBySignal(): StoppedBySignal {
  const stop = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const listener = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(
      new ServiceError('unavailable', 'stopped; what is done stays done, and the rest goes on next time'),
    );
  };
  for (const name of names) process.on(name, listener);
  return {
    signal: stop.signal,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, listener);
    },
  };
}
