import { useEffect, useState } from 'preact/hooks';
import { getSlideArrival, type Slide, type SlideArrival } from '../api.ts';
import { ApiError } from '../api/request.ts';
import type { OpenedSlide } from './use-slide-viewer.ts';

/** How often a slide that is still being sent is asked for, ms. */
const askAgainMs = 1500;

/** How far a slide has come that was opened while it was being sent; `gone`: it was given up, or was here already. */
export type ArrivalSeen = SlideArrival | 'gone';

/** Follows a slide that is still being sent until it is complete, and has the viewer ask for what has arrived. */
export function useArrival(slide: Slide, opened: OpenedSlide | undefined): ArrivalSeen {
  const [seen, setSeen] = useState<ArrivalSeen>(slide);
  const isArriving = seen !== 'gone' && (seen.state.kind === 'receiving' || seen.state.kind === 'checking');
  useEffect(() => {
    if (!isArriving) return undefined;
    const gone = new AbortController();
    const ask = async () => {
      try {
        setSeen(await getSlideArrival(slide.id, gone.signal));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) setSeen('gone');
        else if (!gone.signal.aborted) console.warn('not known yet what else has arrived', error);
      }
    };
    const timer = setInterval(() => void ask(), askAgainMs);
    return () => {
      clearInterval(timer);
      gone.abort();
    };
  }, [slide.id, isArriving]);
  const viewer = opened?.viewer;
  useEffect(() => {
    if (seen !== 'gone' && seen !== slide) viewer?.arrive(seen.arriving);
  }, [seen, viewer, slide]);
  return seen;
}
