import { useRef, useState } from 'preact/hooks';
import { setCaseSlides, type Case, type CaseSlide } from '../api/cases.ts';
import { apiError, type ApiError } from '../api/request.ts';

/** A slide as it is put into a case. */
export type PutSlide = Pick<CaseSlide, 'id' | 'block' | 'stain'>;

/** The slides of a case while they are changed. */
export interface SlideListSeen {
  /** As they were changed last, whether that is kept already or not. */
  readonly slides: readonly PutSlide[];
  /** The case as it is known newest: a change's own answer may be newer than what the page asked for. */
  readonly newest: Case;
  readonly error: ApiError | undefined;
  readonly change: (how: (now: readonly PutSlide[]) => readonly PutSlide[]) => void;
}

/**
 * Changes the slides of a case one change upon the other: the newest list is sent when the one before was answered, so
 * that no change is lost to a slower one.
 */
export function useSlideList(found: Case, onChanged: () => void): SlideListSeen {
  const [wanted, setWanted] = useState<readonly PutSlide[]>();
  const [answered, setAnswered] = useState<Case>();
  const [error, setError] = useState<ApiError>();
  const isSending = useRef(false);
  const newest = answered !== undefined && answered.version > found.version ? answered : found;
  const latest = useRef<readonly PutSlide[]>(newest.slides);
  if (wanted === undefined) latest.current = newest.slides;
  const send = async () => {
    if (isSending.current) return;
    isSending.current = true;
    try {
      for (let sent: unknown; sent !== latest.current;) {
        sent = latest.current;
        setAnswered(await setCaseSlides(found.id, latest.current));
      }
      setError(undefined);
    } catch (failure) {
      setError(apiError(failure));
    } finally {
      isSending.current = false;
      setWanted(undefined);
      onChanged();
    }
  };
  const change = (how: (now: readonly PutSlide[]) => readonly PutSlide[]) => {
    latest.current = how(latest.current);
    setWanted(latest.current);
    void send();
  };
  return { slides: wanted ?? newest.slides, newest, error, change };
}
