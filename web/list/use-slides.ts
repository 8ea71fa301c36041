import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, isUnderWay, listSlides, type SlideSummary } from '../api.ts';
import { useSettled } from '../frame/use-settled.ts';

/** The list as last seen, and what went wrong since. */
export interface SlidesSeen {
  /** Undefined until the first answer. */
  readonly slides: readonly SlideSummary[] | undefined;
  /** The words that they were looked for by. */
  readonly text: string;
  /** Whether there are more than are shown. */
  readonly hasMore: boolean;
  /** Why the newest question was not answered; the slides above are then old. */
  readonly error: ApiError | undefined;
  /** Asks now. */
  readonly refresh: () => void;
  /** Shows some more. */
  readonly more: () => void;
}

type Found = Pick<SlidesSeen, 'slides' | 'text' | 'hasMore'>;

const whileChangingMs = 1500;
const otherwiseMs = 20_000;
const afterErrorMs = 5000;

/** Slides shown at first, and more each time. */
const pageSize = 60;
/** Most slides of one answer. */
const mostAtOnce = 500;

/**
 * The newest slides, asked for again: often while one is on its way, else now and then and when the page is returned to.
 *
 * @param cause asks at once whenever it changes: what was done from here
 * @param text words that are looked for
 */
export function useSlides(cause: string, text: string): SlidesSeen {
  const [found, setFound] = useState<Found>({ slides: undefined, text: '', hasMore: false });
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  const [wanted, setWanted] = useState({ text, count: pageSize });
  const refresh = useCallback(() => setRound((n) => n + 1), []);
  const more = useCallback(() => setWanted((now) => ({ ...now, count: now.count + pageSize })), []);
  const settled = useSettled(text);
  useEffect(() => {
    setWanted((now) => (now.text === settled ? now : { text: settled, count: pageSize }));
  }, [settled]);

  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const answer = await answerOf(wanted, gone.signal);
      if (gone.signal.aborted) return;
      if (answer.found !== undefined) setFound(answer.found);
      setError(answer.error);
      timer = setTimeout(refresh, pauseAfter(answer.found?.slides));
    };
    void ask();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [round, cause, wanted, refresh]);

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

  return { ...found, error, refresh, more };
}

interface Wanted {
  readonly text: string;
  readonly count: number;
}

/** The service's answer, or why there is none; never rejects. */
async function answerOf(
  { text, count }: Wanted,
  signal: AbortSignal,
): Promise<{ readonly found?: Found; readonly error?: ApiError }> {
  try {
    const slides: SlideSummary[] = [];
    let after: string | undefined;
    do {
      const limit = Math.min(mostAtOnce, count - slides.length);
      const page = await listSlides({ text, after, limit }, signal);
      slides.push(...page.slides);
      after = page.next;
    } while (after !== undefined && slides.length < count);
    return { found: { slides, text, hasMore: after !== undefined } };
  } catch (error) {
    return { error: error instanceof ApiError ? error : new ApiError(0, String(error)) };
  }
}

function pauseAfter(slides: readonly SlideSummary[] | undefined): number {
  if (slides === undefined) return afterErrorMs;
  return slides.some(({ state }) => isUnderWay(state)) ? whileChangingMs : otherwiseMs;
}
