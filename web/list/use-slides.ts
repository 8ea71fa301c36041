import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, isUnderWay, listSlides, type SlideSummary } from '../api.ts';

/** The list as last seen, and what went wrong since. */
export interface SlidesSeen {
  /** Undefined until the first answer. */
  readonly slides: readonly SlideSummary[] | undefined;
  /** Why the newest question was not answered; the slides above are then old. */
  readonly error: ApiError | undefined;
  /** Asks now. */
  readonly refresh: () => void;
}

const whileChangingMs = 1500;
const otherwiseMs = 20_000;
const afterErrorMs = 5000;

/**
 * The slides, asked for again: often while one is on its way, else now and then and when the page is returned to.
 *
 * @param cause asks at once whenever it changes: what was done from here
 */
export function useSlides(cause: string): SlidesSeen {
  const [slides, setSlides] = useState<readonly SlideSummary[]>();
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((n) => n + 1), []);

  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const { found, error } = await answer(gone.signal);
      if (gone.signal.aborted) return;
      if (found !== undefined) setSlides(found);
      setError(error);
      timer = setTimeout(refresh, pauseAfter(found));
    };
    void ask();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [round, cause, refresh]);

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

/** The service's answer, or why there is none; never rejects. */
async function answer(
  signal: AbortSignal,
): Promise<{ readonly found?: readonly SlideSummary[]; readonly error?: ApiError }> {
  try {
    return { found: await listSlides(signal) };
  } catch (error) {
    return { error: error instanceof ApiError ? error : new ApiError(0, String(error)) };
  }
}

function pauseAfter(found: readonly SlideSummary[] | undefined): number {
  if (found === undefined) return afterErrorMs;
  return found.some(({ state }) => isUnderWay(state)) ? whileChangingMs : otherwiseMs;
}
