import { useCallback, useEffect, useState } from 'preact/hooks';
import { getOperation, type Operation } from '../api/operation.ts';
import { apiError, isAborted, type ApiError } from '../api/request.ts';
import type { Asked } from '../frame/answer.tsx';

/** Between an answer and the next question, ms. */
const pauseMs = 5000;
/** How far back steps are shown, ms. */
export const shownMs = 10 * 60_000;

/** The overview, asked for every five seconds while the page can be seen; of steps only new ones are asked for. */
export function useOperation(): Asked<Operation> {
  const [value, setValue] = useState<Operation>();
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((n) => n + 1), []);
  useEffect(() => {
    if (document.hidden) return undefined;
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      try {
        const answer = await getOperation(value?.steps.at(-1)?.at, gone.signal);
        setValue((known) => continued(known, answer));
        setError(undefined);
      } catch (failure) {
        if (gone.signal.aborted || isAborted(failure)) return;
        setError(apiError(failure));
      }
      timer = setTimeout(refresh, pauseMs);
    };
    void look();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [round]);
  useEffect(() => {
    // Hidden, the next question is not asked; seen again, it is asked at once.
    addEventListener('online', refresh);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      removeEventListener('online', refresh);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [refresh]);
  return { value, error, refresh };
}

/** The newest answer with the steps known before; those older than ten minutes are forgotten. */
export function continued(known: Operation | undefined, answer: Operation): Operation {
  const newest = known?.steps.at(-1)?.at ?? '';
  const steps = [...(known?.steps ?? []), ...answer.steps.filter(({ at }) => at > newest)];
  const oldest = Date.parse(answer.now) - shownMs;
  return { ...answer, steps: steps.filter(({ at }) => Date.parse(at) >= oldest) };
}
