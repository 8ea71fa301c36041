import { ApiError } from '../api/request.ts';
import { pause, waitBefore } from './back-off.ts';

/** Whether trying again can help, without anybody doing something: not where there is no room (507). */
export function mayPass(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  const { status } = error;
  return [0, 401, 408, 423, 425, 429, 460].includes(status) || (status >= 500 && status !== 507);
}

/** Why something does not work at present, and what happens next. */
export function troubleText(error: ApiError): string {
  if (error.status === 0) return 'No connection. It goes on by itself.';
  if (error.status === 401) return 'Sign in again; it then goes on.';
  return `${error.message} It is tried again.`;
}

/**
 * Does something, again and again while trying can help, with growing pauses.
 *
 * @param onTrouble told why it does not work; undefined once it does
 * @throws {ApiError} when the service refuses · an AbortError when `signal` aborts
 */
export async function persist<T>(
  act: () => Promise<T>,
  signal: AbortSignal,
  onTrouble: (reason: string | undefined) => void = () => undefined,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      const result = await act();
      if (failures > 1) onTrouble(undefined);
      return result;
    } catch (error) {
      if (!mayPass(error)) throw error;
      onTrouble(troubleText(error));
      await pause(waitBefore(failures, error.waitSeconds, Math.random()), signal);
    }
  }
}
