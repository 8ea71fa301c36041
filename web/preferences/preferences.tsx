import { createContext, type ComponentChildren } from 'preact';
import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { getViewerPreference, putViewerPreference, type ViewerPreference } from '../api/preferences.ts';
import { apiError } from '../api/request.ts';
import { followTabs, keepPreference, keptPreference, type KeptPreference } from './kept-preference.ts';
import { useTheme } from './theme.ts';

/** How somebody likes to see the page and slides, and how to change that. */
export interface Preferences {
  readonly viewer: ViewerPreference;
  /** Changes some of it, at once; it is kept with the account, else in this browser. */
  readonly change: (change: ViewerPreference) => void;
}

const PreferencesContext = createContext<Preferences>({ viewer: {}, change: () => undefined });

/** What whoever looks at the page chose. */
export function usePreferences(): Preferences {
  return useContext(PreferencesContext);
}

/** Whoever changes something goes on changing it: it is sent once they pause, ms. */
const pauseMs = 600;

interface ProviderProps {
  /** Whose choice it is; undefined for who has no account. Must stay the same: give another a `key` of its own. */
  readonly accountId: string | undefined;
  readonly children: ComponentChildren;
}

/** Lends everything inside what somebody chose, here or on another computer. */
export function PreferencesProvider({ accountId, children }: ProviderProps) {
  const [kept, setKept] = useState<KeptPreference>(() => keptPreference(accountId));
  const latest = useRef(kept);
  const keep = (next: KeptPreference) => {
    latest.current = next;
    keepPreference(accountId, next);
    setKept(next);
  };
  useArrival(accountId, latest, keep);
  useEffect(
    () =>
      followTabs(accountId, (next) => {
        latest.current = next;
        setKept(next);
      }),
    [accountId],
  );
  useSending(accountId, kept, (sent) => {
    if (latest.current.value === sent) keep({ value: sent, isUnsent: false });
  });
  useTheme(kept.value.theme ?? 'auto');
  const shared = useMemo(() => {
    const change = (some: ViewerPreference) =>
      keep({ value: { ...latest.current.value, ...some }, isUnsent: accountId !== undefined });
    return { viewer: kept.value, change };
  }, [kept]);
  return <PreferencesContext.Provider value={shared}>{children}</PreferencesContext.Provider>;
}

/** Takes over what the account has, unless something was changed here that it has not got yet. */
function useArrival(
  accountId: string | undefined,
  latest: { readonly current: KeptPreference },
  keep: (next: KeptPreference) => void,
): void {
  useEffect(() => {
    if (accountId === undefined) return undefined;
    const gone = new AbortController();
    const take = (value: ViewerPreference | undefined): void => {
      if (!gone.signal.aborted && !latest.current.isUnsent && value !== undefined)
        keep({ value, isUnsent: false });
    };
    // Where it cannot be had, what this browser keeps is shown, and asked for again with the next page.
    getViewerPreference(gone.signal).then(take, apiError);
    return () => gone.abort();
  }, [accountId]);
}

/** Sends what was changed: after a pause, when the page is hidden, and when the network is back. */
function useSending(
  accountId: string | undefined,
  kept: KeptPreference,
  onSent: (value: ViewerPreference) => void,
): void {
  useEffect(() => {
    if (accountId === undefined || !kept.isUnsent) return undefined;
    const send = () => {
      clearTimeout(timer);
      // Where it cannot be sent it stays unsent: with the next change, the network or the next page it is tried again.
      putViewerPreference(kept.value).then(() => onSent(kept.value), apiError);
    };
    const timer = setTimeout(send, pauseMs);
    const sendHidden = () => void (document.visibilityState === 'hidden' && send());
    addEventListener('online', send);
    document.addEventListener('visibilitychange', sendHidden);
    return () => {
      clearTimeout(timer);
      removeEventListener('online', send);
      document.removeEventListener('visibilitychange', sendHidden);
    };
  }, [accountId, kept]);
}
