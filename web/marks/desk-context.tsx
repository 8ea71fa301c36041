import { createContext } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import { caseInUrl } from '../case/case-words.ts';
import { linkToken } from '../api/request.ts';
import { getSession } from '../api/session.ts';
import { useSession, type Visitor } from '../session/session.ts';
import type { AroundProps } from '../viewer/part.ts';
import { showMark } from './show-mark.ts';
import { Desk, type Abilities } from './desk.ts';
import { annotationIn } from './link.ts';
import { Marks, type Keeping } from './marks.ts';

const DeskContext = createContext<Desk | undefined>(undefined);

/** What is drawn on the slide and what is being done to it; draws anew whenever that changes. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === undefined) throw new Error('there is no desk around this');
  const [, setCount] = useState(0);
  useEffect(() => {
    // Many changes of one moment are one drawing.
    let frame = 0;
    const changed = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        setCount((n) => n + 1);
      });
    };
    const stops = [desk.changes.subscribe(changed), desk.marks.changes.subscribe(changed)];
    return () => {
      cancelAnimationFrame(frame);
      for (const stop of stops) stop();
    };
  }, [desk]);
  return desk;
}

/** Knows the marks on a slide, as long as it is shown. */
export function DeskAround({ slide, opened, children }: AroundProps) {
  const { visitor } = useSession();
  const author = authorOf(visitor) ?? visitor.kind;
  const desk = useMemo(() => newDesk(slide.id, slide.mpp !== undefined, visitor), [slide.id, author]);
  useKept(desk);
  useAddressed(desk, opened);
  return <DeskContext.Provider value={desk}>{children}</DeskContext.Provider>;
}

function newDesk(slideId: string, measures: boolean, visitor: Visitor): Desk {
  // What a guest draws always belongs to the case.
  const caseId = visitor.kind === 'guest' ? visitor.guest.caseId : caseInUrl();
  const choosesVisibility = visitor.kind === 'person' && linkToken() === undefined;
  const abilities: Abilities = { ...abilitiesOf(visitor), choosesVisibility, measures, caseId };
  return new Desk(new Marks(keepingOf(slideId, caseId, visitor)), abilities);
}

function abilitiesOf(visitor: Visitor): Pick<Abilities, 'name' | 'draws' | 'removes'> {
  if (linkToken() === undefined && visitor.kind === 'guest')
    return { name: visitor.guest.name, draws: true, removes: false };
  if (visitor.kind !== 'person' || linkToken() !== undefined)
    return { name: '', draws: true, removes: false };
  const { name, roles } = visitor.me;
  const draws = roles.includes('lab') || roles.includes('pathologist');
  return { name, draws, removes: roles.includes('administrator') };
}

/** Where marks are kept; undefined where there is no one as whose they could be. */
function keepingOf(slideId: string, caseId: string | undefined, visitor: Visitor): Keeping | undefined {
  const author = linkToken() === undefined ? authorOf(visitor) : undefined;
  if (author === undefined) return undefined;
  return {
    drawn: { slideId, caseId },
    whoIsThere: async () => {
      const { me, guest } = await getSession();
      const now = guest === undefined ? me?.accountId : guestKey(guest);
      if (now === undefined) return 'nobody';
      return now === author ? 'author' : 'other';
    },
  };
}

/** Who draws, so that somebody else can be told from them; undefined for nobody in particular. */
function authorOf(visitor: Visitor): string | undefined {
  if (visitor.kind === 'person') return visitor.me.accountId;
  return visitor.kind === 'guest' ? guestKey(visitor.guest) : undefined;
}

function guestKey({ caseId, name }: { readonly caseId: string; readonly name: string }): string {
  return `guest ${caseId} ${name}`;
}

/** Fetches what is drawn, and sees to it that nothing is lost with the page. */
function useKept(desk: Desk): void {
  useEffect(() => {
    const gone = new AbortController();
    const { signal } = gone;
    const { marks } = desk;
    void marks.fetch(signal);
    const warn = (event: BeforeUnloadEvent) => {
      if (marks.saving !== undefined && marks.saving !== 'saved') event.preventDefault();
    };
    addEventListener('beforeunload', warn, { signal });
    addEventListener('pagehide', () => marks.hurry(), { signal });
    return () => {
      gone.abort();
      marks.hurry();
    };
  }, [desk]);
}

/** Brings the annotation into view that the address names, at first and whenever it names another. */
function useAddressed(desk: Desk, opened: AroundProps['opened']): void {
  // The address is written anew by the viewer as soon as the slide is open.
  const [wanted, setWanted] = useState(() => annotationIn(location.hash));
  useEffect(() => {
    const follow = () => setWanted((before) => annotationIn(location.hash) ?? before);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const viewer = opened?.viewer;
  useEffect(() => {
    if (wanted === undefined || viewer === undefined) return undefined;
    const look = () => {
      const mark = desk.marks.set.get(wanted);
      if (mark === undefined && desk.marks.load === 'loading') return;
      setWanted(undefined);
      if (mark === undefined) return desk.marks.say('The annotation of this link is not there any more');
      desk.select(mark.id);
      showMark(viewer, mark);
    };
    look();
    return desk.marks.changes.subscribe(look);
  }, [wanted, viewer, desk]);
}
