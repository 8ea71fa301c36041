/** Before the first new try, ms; twice as long before each further one. */
const firstWaitMs = 500;
const longestWaitMs = 30_000;

/**
 * How long to wait before trying again, ms: longer each time, up to half a minute, and never the same for two pages
 * that lost the same connection.
 *
 * @param failures how many tries in a row have failed, from 1
 * @param asked what the service asked for, s; waited for at least
 * @param chance 0–1
 */
export function waitBefore(failures: number, asked: number | undefined, chance: number): number {
  const most = Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1));
  return Math.max((asked ?? 0) * 1000, most * (0.5 + chance / 2));
}

/** Waits; ends early when the network comes back. @throws an AbortError when `signal` aborts */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const end = (settle: () => void) => {
      clearTimeout(timer);
      over.abort();
      settle();
    };
    const timer = setTimeout(() => end(resolve), ms);
    const stop = () => end(() => reject(new DOMException('stopped', 'AbortError')));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true, signal: over.signal });
    // Only pages have a network that comes back; tests run without one.
    if (typeof addEventListener === 'function')
      addEventListener('online', () => end(resolve), { once: true, signal: over.signal });
    return undefined;
  });
}
