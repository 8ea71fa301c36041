import { useCallback, useEffect, useState } from 'preact/hooks';
import { getCoverageChoice, setCoverageChoice } from '../api/coverage.ts';
import { isAborted, linkToken } from '../api/request.ts';
import { useSession } from '../session/session.ts';

/** Where a guest's choice is kept: in this window, as long as they have no account. */
const guestKey = 'telepath-coverage';

/** Whether what one looks at is kept; undefined while it is not known, or where nobody has something of their own. */
export interface CoverageChoice {
  readonly isKept: boolean | undefined;
  /** Whether the last choice could not be remembered: it holds for this slide only. */
  readonly isForgotten: boolean;
  choose(isKept: boolean): void;
}

/** Whether there is somebody whose own it could be: not with a link to one slide, nor where there are no accounts. */
export function useIsSomebody(): boolean {
  const { visitor } = useSession();
  return visitor.kind !== 'local' && linkToken() === undefined;
}

/** Off until somebody says otherwise; remembered with their account, a guest's in the window. */
export function useCoverageChoice(): CoverageChoice {
  const { visitor } = useSession();
  const isSomebody = useIsSomebody();
  const hasAccount = visitor.kind === 'person';
  const [isKept, setKept] = useState<boolean>();
  const [isForgotten, setForgotten] = useState(false);
  useEffect(() => {
    setKept(undefined);
    if (!isSomebody) return undefined;
    if (!hasAccount) {
      setKept(sessionStorage.getItem(guestKey) === 'kept');
      return undefined;
    }
    const gone = new AbortController();
    getCoverageChoice(gone.signal).then(setKept, (error: unknown) => {
      // What is not known is not kept: nobody is watched by mistake.
      if (!isAborted(error)) setKept(false);
    });
    return () => gone.abort();
  }, [isSomebody, hasAccount]);
  const choose = useCallback(
    (next: boolean) => {
      setKept(next);
      if (!hasAccount) return sessionStorage.setItem(guestKey, next ? 'kept' : 'off');
      setCoverageChoice(next).then(
        () => setForgotten(false),
        () => setForgotten(true),
      );
    },
    [hasAccount],
  );
  return { isKept, isForgotten, choose };
}
