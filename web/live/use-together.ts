import { useEffect, useState } from 'preact/hooks';
import { linkToken } from '../api/request.ts';
import { caseInUrl } from '../case/case-words.ts';
import { useSession } from '../session/session.ts';
import { getLivePeople } from './live-people.ts';
import { togetherOn, type Together, type TogetherState } from './together.ts';

/** How often it is asked who looks together, while one does not oneself, ms. */
const askEveryMs = 20_000;

/** The case in whose context the slide is looked at; undefined for none, and where nobody is known by name. */
export function useLiveCase(): string | undefined {
  const { visitor } = useSession();
  return visitor.kind === 'local' || linkToken() !== undefined ? undefined : caseInUrl();
}

/** Looking together at a case, followed as it changes. */
export function useTogether(caseId: string): readonly [Together, TogetherState] {
  const together = togetherOn(caseId);
  const [, setRound] = useState(0);
  useEffect(() => together.use(() => setRound((n) => n + 1)), [together]);
  return [together, together.state];
}

/** Names of those who look at a case together, asked for while `isAsking`. */
export function useOthers(caseId: string, isAsking: boolean): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!isAsking) return undefined;
    const gone = new AbortController();
    const look = () => {
      if (document.hidden) return;
      // Nobody is shown then; the next question may be answered.
      getLivePeople(caseId, gone.signal).then(setNames, () => gone.signal.aborted || setNames([]));
    };
    look();
    const timer = setInterval(look, askEveryMs);
    return () => {
      gone.abort();
      clearInterval(timer);
    };
  }, [caseId, isAsking]);
  return isAsking ? names : [];
}
