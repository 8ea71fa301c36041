import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, listSlides, type SlideSummary } from '../api.ts';

/** The list as last seen, and what went wrong since. */
export interface SlidesSeen {
  /** Undefined until the first answer. */
  readonly slides: readonly SlideSummary[] | undefined;
  /** Why the newest question was not answered; the slides above are then old. */
  readonly error: ApiError | undefined;
  /** Asks now. */
  refresh(): void;
}

const whileConvertingMs = 1500;
const otherwiseMs = 20_000;
const afterErrorMs = 5000;

/** The slides, asked for again: often while one is being converted, else now and then and when the page is returned to. */
export function useSlides(): SlidesSeen {
  const [slides, setSlides] = useState<readonly SlideSummary[]>();
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((n) => n + 1), []);

  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = (ms: number) => {
      timer = setTimeout(refresh, ms);
    };
    listSlides(gone.signal).then(
      (found) => {
        if (gone.signal.aborted) return;
        setSlides(found);
        setError(undefined);
        next(found.some(({ state }) => state.kind === 'converting') ? whileConvertingMs : otherwiseMs);
      },
      (cause: unknown) => {
        if (gone.signal.aborted) return;
        setError(cause instanceof ApiError ? cause : new ApiError(0, String(cause)));
        next(afterErrorMs);
      },
    );
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [round, refresh]);

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

  return { slides, error, refresh };
}
