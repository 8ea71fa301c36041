import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { apiError, isAborted, type ApiError } from '../api/request.ts';
import { Icons } from '../icons.tsx';

/** What a page asked the service for, as last answered. */
export interface Asked<T> {
  /** Undefined until the first answer. */
  readonly value: T | undefined;
  /** Why the newest question was not answered; the value is then old. */
  readonly error: ApiError | undefined;
  /** Asks now. */
  readonly refresh: () => void;
}

/**
 * What the service answers, asked for again when the page is returned to and when the network is back.
 *
 * @param question must stay the same function while the question is the same (`useCallback`)
 */
export function useAsked<T>(question: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((n) => n + 1), []);
  useEffect(() => {
    const gone = new AbortController();
    const look = async () => {
      try {
        const answer = await question(gone.signal);
        if (gone.signal.aborted) return;
        setValue(answer);
        setError(undefined);
      } catch (failure) {
        if (!gone.signal.aborted && !isAborted(failure)) setError(apiError(failure));
      }
    };
    void look();
    return () => gone.abort();
  }, [question, round]);
  useEffect(() => {
    const whenSeen = () => {
      if (!document.hidden) refresh();
    };
    addEventListener('online', refresh);
    document.addEventListener('visibilitychange', whenSeen);
    return () => {
      removeEventListener('online', refresh);
      document.removeEventListener('visibilitychange', whenSeen);
    };
  }, [refresh]);
  return { value, error, refresh };
}

interface AnsweredProps<T> {
  readonly asked: Asked<T>;
  /** What it is about, e.g. `the people`. */
  readonly what: string;
  readonly children: (value: T) => ComponentChildren;
}

/** Draws an answer once there is one; before, that it is waited for; beside an old one, why it is old. */
export function Answered<T>({ asked: { value, error, refresh }, what, children }: AnsweredProps<T>) {
  return (
    <>
      {error !== undefined && <Trouble error={error} what={what} onRetry={refresh} />}
      {value === undefined && error === undefined && <Loading what={what} />}
      {value !== undefined && children(value)}
    </>
  );
}

/** Something could not be had, and the way to ask again. */
export function Trouble({ error, what, onRetry }: { error: ApiError; what: string; onRetry: () => void }) {
  const title = navigator.onLine ? `Telepath cannot show ${what} now.` : 'You are offline.';
  return (
    <div class="trouble" role="alert">
      <Icons.Warning />
      <p>
        <b>{title}</b> {error.message}
      </p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

function Loading({ what }: { what: string }) {
  return (
    <div class="loading" role="status" aria-label={`Loading ${what}`}>
      <i />
      <i />
      <i />
    </div>
  );
}

/** There is nothing yet, and what would make something. */
export function Nothing({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty small">
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}
