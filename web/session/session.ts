import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { apiError, onSignedOut, type ApiError } from '../api/request.ts';
import type { GuestInfo } from '../api/guest.ts';
import { getSession, signOut, type Me, type Session, type Ways } from '../api/session.ts';
import { exitOf, forgetExit, noteExit } from './exit.ts';

/** Why nobody is signed in any more: nobody was there, then perhaps with slides still on their way; the session ended; or a link does not work any more. */
export type Why = 'idle' | 'locked' | 'ended' | 'link-ended';

/** Who looks at the page. */
export type Visitor =
  | { readonly kind: 'asking' }
  | { readonly kind: 'unreachable'; readonly error: ApiError }
  /** The service shows local files and knows no accounts. */
  | { readonly kind: 'local' }
  | { readonly kind: 'nobody'; readonly ways: Ways; readonly why?: Why | undefined }
  /** Came by the link to a case. */
  | { readonly kind: 'guest'; readonly guest: GuestInfo }
  | {
      readonly kind: 'person';
      readonly me: Me;
      readonly idleMinutes: number;
      /** Whether one click signs anybody in on this machine. */
      readonly isDemo: boolean;
    };

/** The visitor, and what changes that. */
export interface SessionDoor {
  readonly visitor: Visitor;
  /** Asks the service again who is signed in. */
  readonly refresh: () => Promise<void>;
  /** Somebody has just signed in here. */
  readonly enter: () => Promise<void>;
  /** Signs out, here and in this browser's other tabs. `idle`: because nobody has done anything for long. */
  readonly leave: (why?: 'idle') => Promise<void>;
  /** Hides everything until somebody signs in, while slides go on being sent. */
  readonly lock: () => void;
}

const passwordOnly: Ways = { password: true, demo: false };

/** The visitor of the page, for whatever is drawn for them. */
export const SessionContext = createContext<SessionDoor>({
  visitor: { kind: 'asking' },
  refresh: async () => undefined,
  enter: async () => undefined,
  leave: async () => undefined,
  lock: () => undefined,
});

/** Who looks at the page, and how to change that. */
export function useSession(): SessionDoor {
  return useContext(SessionContext);
}

/** The person signed in; undefined where there are no accounts. */
export function useMe(): Me | undefined {
  const { visitor } = useSession();
  return visitor.kind === 'person' ? visitor.me : undefined;
}

/** Keeps track of who is signed in: asked at the start, after every 401, and when another tab changed it. */
export function useSessionDoor(): SessionDoor {
  const [visitor, setVisitor] = useState<Visitor>({ kind: 'asking' });
  const shown = useRef(visitor);
  const channel = useRef<BroadcastChannel>(undefined);
  const show = useCallback((next: Visitor) => {
    shown.current = next;
    setVisitor(next);
  }, []);
  const look = useCallback(async () => {
    try {
      show(await found(await getSession(), shown));
    } catch (error) {
      show(unreachable(shown.current, apiError(error)));
    }
  }, [show]);
  const refresh = useCallback(async () => {
    await look();
    channel.current?.postMessage('changed');
  }, [look]);
  const enter = useCallback(async () => {
    forgetExit();
    await refresh();
  }, [refresh]);
  const leave = useCallback(
    async (why?: 'idle') => {
      // Nothing stays on the screen while the service is told, or if it cannot be told.
      noteExit('out');
      show({ kind: 'nobody', ways: passwordOnly, why });
      await signOut().catch(apiError);
      await refresh();
    },
    [refresh, show],
  );
  const lock = useCallback(() => {
    noteExit('locked');
    show({ kind: 'nobody', ways: passwordOnly, why: 'locked' });
    void refresh();
  }, [refresh, show]);

  useLooking(look, channel);
  return { visitor, refresh, enter, leave, lock };
}

/** Looks who is signed in whenever that may have changed; the channel is to the browser's other tabs. */
function useLooking(look: () => Promise<void>, channel: { current: BroadcastChannel | undefined }): void {
  useEffect(() => {
    const gone = new AbortController();
    const { signal } = gone;
    const opened = new BroadcastChannel('telepath-session');
    channel.current = opened;
    opened.addEventListener('message', () => void look(), { signal });
    const stop = onSignedOut(() => void look());
    addEventListener('online', () => void look(), { signal });
    // A page that the browser kept for "back" may be from before the sign-out.
    addEventListener('pageshow', (event) => void (event.persisted && look()), { signal });
    void look();
    return () => {
      gone.abort();
      stop();
      opened.close();
    };
  }, [look, channel]);
}

/** Who a session's answer makes the visitor. Who has left does not come in again by a session that goes on. */
async function found(session: Session, shown: { readonly current: Visitor }): Promise<Visitor> {
  const exit = exitOf();
  if (session.guest !== undefined || session.me === undefined || exit === undefined)
    return visitorOf(session, shown.current);
  if (exit === 'out' || shown.current.kind === 'asking') await signOut();
  const elsewhere = exit === 'locked' ? 'locked' : 'ended';
  const why = shown.current.kind === 'nobody' ? shown.current.why : elsewhere;
  return { kind: 'nobody', ways: session.ways, why };
}

function visitorOf(session: Session, before: Visitor): Visitor {
  const { signedIn, me, ways, idleMinutes } = session;
  if (session.guest !== undefined) return { kind: 'guest', guest: session.guest };
  if (signedIn && me === undefined) return { kind: 'local' };
  if (signedIn && me !== undefined) return { kind: 'person', me, idleMinutes, isDemo: ways.demo };
  if (before.kind === 'person') return { kind: 'nobody', ways, why: 'ended' };
  if (before.kind === 'guest') return { kind: 'nobody', ways, why: 'link-ended' };
  return { kind: 'nobody', ways, why: before.kind === 'nobody' ? before.why : undefined };
}

/** Who was signed in stays so while the network is away: pages say themselves that they are old. */
function unreachable(before: Visitor, error: ApiError): Visitor {
  return before.kind === 'asking' || before.kind === 'unreachable' ? { kind: 'unreachable', error } : before;
}
