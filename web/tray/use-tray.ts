import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { isViewable, type Slide } from '../api.ts';
import { goTo } from '../frame/router.ts';
import { useSession } from '../session/session.ts';
import { formatHash } from '../viewer/deep-link.ts';
import { fetchSlideAhead, firstTiles } from '../viewer/slide-ahead.ts';
import type { OpenedSlide } from '../viewer/use-slide-viewer.ts';
import { nextMagnification, nextView, noteLeft, type Leaving } from './next-view.ts';
import { knownTrayOf, type Tray } from './tray-of.ts';

/** How long a slide is looked at before the next one is fetched, ms. */
const fetchNextAfterMs = 1500;

/** The tray, and how to go about in it. */
export interface TrayInUse {
  readonly tray: Tray;
  /** Position of the slide that is shown; −1 when it is none of the tray's. */
  readonly at: number;
  /** Id of the slide that is being opened. */
  readonly opening: string | undefined;
  /** Opens a slide of the tray at the magnification of now. */
  readonly open: (position: number) => void;
}

/** Which way slides were changed last: the next one that way is fetched ahead. */
let direction = 1;

/** The slides among which `slide` is looked at; undefined until they are known, or when there are no others. */
export function useTray(slide: Slide, opened: OpenedSlide): TrayInUse | undefined {
  const [tray, setTray] = useState<Tray>();
  const [opening, setOpening] = useState<string>();
  useEffect(() => {
    let isGone = false;
    const look = async () => {
      try {
        const found = await knownTrayOf(new URL(location.href), slide.id);
        if (!isGone) setTray(found);
      } catch (error) {
        console.warn('the slides beside this one are not known', error);
      }
    };
    void look();
    return () => {
      isGone = true;
    };
  }, [slide.id]);
  const at = tray?.slides.findIndex(({ id }) => id === slide.id) ?? -1;
  const leaving = useRef<Leaving>(undefined);
  leaving.current = { slide, view: opened.shown.view, home: opened.shown.limits.home };
  // Of a list the next slide is another patient's, perhaps: only who opens it stands in the audit as who did.
  const fetchesNext = useSession().visitor.kind === 'local' || tray?.source === 'case';
  const next = fetchesNext && tray !== undefined ? neighbour(tray, at, direction) : undefined;
  useNextAhead({ opened, next, leaving });

  const open = useCallback(
    (position: number) => {
      const to = tray?.slides[position];
      if (to === undefined || !to.canBeViewed || to.id === slide.id) return;
      direction = Math.sign(position - at) || 1;
      setOpening(to.id);
      if (leaving.current !== undefined) noteLeft(slide.id, leaving.current.view);
      void openAt(to.id, leaving.current);
    },
    [tray, at, slide.id],
  );
  return tray === undefined || at < 0 || tray.slides.length < 2 ? undefined : { tray, at, opening, open };
}

/** Opens a slide where the one before says; what cannot be fetched the viewer's page says itself. */
async function openAt(id: string, leaving: Leaving | undefined): Promise<void> {
  const next = await fetchSlideAhead(id, new AbortController().signal).catch(() => undefined);
  const view =
    next === undefined || leaving === undefined || !isViewable(next) ? undefined : nextView(leaving, next);
  goTo(`/view/${id}${location.search}${view === undefined ? '' : formatHash(view)}`);
}

interface Ahead {
  readonly opened: OpenedSlide;
  readonly next: string | undefined;
  readonly leaving: { readonly current: Leaving | undefined };
}

/** Fetches the next slide's description, coarse levels and first field, once this one is looked at. */
function useNextAhead({ opened: { viewer }, next, leaving }: Ahead): void {
  useEffect(() => {
    if (next === undefined) return undefined;
    const gone = new AbortController();
    const fetchNext = async () => {
      try {
        const slide = await fetchSlideAhead(next, gone.signal);
        if (slide === undefined || gone.signal.aborted) return;
        const { clientWidth: width, clientHeight: height } = viewer.osd.container;
        viewer.ahead.fetchAfterwards(() => {
          const magnification = leaving.current && nextMagnification(leaving.current);
          return firstTiles(slide, { stage: { width, height }, pixelRatio: devicePixelRatio, magnification });
        });
      } catch (error) {
        if (!gone.signal.aborted) console.warn('the next slide was not fetched ahead', error);
      }
    };
    const timer = setTimeout(() => void fetchNext(), fetchNextAfterMs);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [viewer, next]);
}

/** Id of the nearest slide before or after one that can be viewed. @param step −1 or 1 */
export function neighbour({ slides }: Tray, at: number, step: number): string | undefined {
  return slides[neighbourAt({ slides }, at, step)]?.id;
}

/** Position of the nearest slide before or after one that can be viewed; −1 when there is none. */
export function neighbourAt({ slides }: Pick<Tray, 'slides'>, at: number, step: number): number {
  for (let position = at + step; position >= 0 && position < slides.length; position += step)
    if (slides[position]?.canBeViewed === true) return position;
  return -1;
}
