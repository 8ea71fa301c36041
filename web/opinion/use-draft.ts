import { useEffect, useMemo, useState } from 'preact/hooks';
import { draftOf, forgetDraft, type DraftStore, type DraftView } from './draft-store.ts';

/** One's draft about a case, as it is now; kept up to date with other windows. */
export function useDraft(caseId: string): { readonly store: DraftStore; readonly view: DraftView } {
  const store = useMemo(() => draftOf(caseId), [caseId]);
  const [view, setView] = useState(store.view);
  useEffect(() => {
    setView(store.view);
    const stop = store.onChange(() => setView(store.view));
    void store.refresh();
    return () => {
      stop();
      forgetDraft(caseId);
    };
  }, [store, caseId]);
  useEffect(() => {
    const whenBack = () => {
      if (document.hidden) void store.flush();
      else void store.refresh();
    };
    const whenOnline = () => void store.flush();
    const whenLeaving = (event: BeforeUnloadEvent) => {
      if (!store.isDirty) return;
      void store.flush();
      event.preventDefault();
    };
    document.addEventListener('visibilitychange', whenBack);
    addEventListener('online', whenOnline);
    addEventListener('beforeunload', whenLeaving);
    return () => {
      document.removeEventListener('visibilitychange', whenBack);
      removeEventListener('online', whenOnline);
      removeEventListener('beforeunload', whenLeaving);
      void store.flush();
    };
  }, [store]);
  return { store, view };
}
