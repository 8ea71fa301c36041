const exitKey = 'telepath-exit';
const sendingKey = 'telepath-sending';

/** A tab that nobody sees runs its timers once a minute. */
const sendingHoldsMs = 150_000;

let isSendingHere = false;

/**
 * How the page was left: `out` by signing out, `locked` only out of sight, because slides are still being sent.
 *
 * Holds in all tabs of the browser and after a reload, until somebody signs in: a session that could not be ended,
 * or must not be yet, opens nothing.
 */
export type Exit = 'out' | 'locked';

/** How the page was left; undefined when it was not. */
export function exitOf(): Exit | undefined {
  const exit = localStorage.getItem(exitKey);
  return exit === 'out' || exit === 'locked' ? exit : undefined;
}

/** Notes that the page was left. */
export function noteExit(exit: Exit): void {
  localStorage.setItem(exitKey, exit);
}

/** Somebody has signed in. */
export function forgetExit(): void {
  localStorage.removeItem(exitKey);
}

/** Notes that this tab sends slides now. To be repeated at least every minute. */
export function noteSending(): void {
  isSendingHere = true;
  localStorage.setItem(sendingKey, String(Date.now()));
}

/** This tab does not send any more. */
export function forgetSending(): void {
  isSendingHere = false;
  localStorage.removeItem(sendingKey);
}

/** Whether some tab of the browser sends slides. */
export function isSendingSomewhere(): boolean {
  return isSendingHere || Date.now() - Number(localStorage.getItem(sendingKey) ?? 0) < sendingHoldsMs;
}
