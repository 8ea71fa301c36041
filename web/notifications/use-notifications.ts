import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { getNotifications, readNotifications, type Notifications } from '../api/notifications.ts';
import { apiError, type ApiError } from '../api/request.ts';

/** How often the page asks by itself, ms. */
const askEveryMs = 20_000;

/** What one is told, as last answered. */
export interface Told {
  readonly value: Notifications | undefined;
  /** Why the newest question was not answered. */
  readonly error: ApiError | undefined;
  readonly refresh: () => void;
  /** Marks as read: all that is about a case, or all. */
  readonly read: (caseId?: string) => void;
}

/**
 * What one is told, asked for every 20 seconds while the page is seen.
 *
 * By itself, and saying so: it does not put off the idle log-off. A stream that is kept open would be a connection for
 * each tab, to be moved whenever a process is replaced; for what may be told seconds later, asking is enough.
 */
export function useNotifications(): Told {
  const [value, setValue] = useState<Notifications>();
  const [error, setError] = useState<ApiError>();
  const gone = useRef(false);
  const refresh = useCallback(() => {
    const settle = (next: Notifications) => {
      if (gone.current) return;
      setValue(next);
      setError(undefined);
    };
    const fail = (failure: unknown) => {
      if (!gone.current) setError(apiError(failure));
    };
    getNotifications(true).then(settle, fail);
  }, []);
  useEffect(() => {
    gone.current = false;
    refresh();
    const look = () => {
      if (!document.hidden) refresh();
    };
    const timer = setInterval(look, askEveryMs);
    document.addEventListener('visibilitychange', look);
    addEventListener('online', refresh);
    return () => {
      gone.current = true;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
      removeEventListener('online', refresh);
    };
  }, [refresh]);
  const read = (caseId?: string) => {
    const newest = value?.notifications[0]?.id;
    if (newest === undefined) return;
    readNotifications(newest, caseId).then(refresh, (failure: unknown) => setError(apiError(failure)));
  };
  return { value, error, refresh, read };
}
