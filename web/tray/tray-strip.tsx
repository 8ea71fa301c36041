import { useEffect, useRef, useState } from 'preact/hooks';
import { thumbnailUrl } from '../api.ts';
import { Icons } from '../icons.tsx';
import { firstLookWidth } from '../viewer/first-look.tsx';
import type { PartProps, StagePart } from '../viewer/part.ts';
import { useKeys } from '../viewer/use-keys.ts';
import { drawnPlaces, type TraySlide } from './tray-of.ts';
import { neighbourAt, useTray, type TrayInUse } from './use-tray.ts';
import '../styles/tray.css';

/** The slides of the case, or of the list, below the one that is shown. */
export const tray: StagePart = {
  name: 'tray',
  Strip: TrayStrip,
  help: [[['[', ']', 'Page ↑', 'Page ↓'], 'Slide before, next slide']],
};

const openKey = 'telepath-tray';
/** Whether the last change began in the tray: then the focus is there still. */
let hadFocus = false;

function TrayStrip({ slide, opened }: PartProps) {
  const inUse = useTray(slide, opened);
  useTrayKeys(inUse);
  return inUse === undefined ? null : <Strip {...inUse} />;
}

function Strip(inUse: TrayInUse) {
  const {
    tray: { slides, source, isWhole },
    at,
    opening,
    open,
  } = inUse;
  const [isOpen, setOpen] = useState(() => isOpenAtFirst(source));
  const drawn = drawnPlaces(slides.length, at);
  const flip = () => {
    localStorage.setItem(openKey, isOpen ? 'closed' : 'open');
    setOpen(!isOpen);
  };
  const step = (by: number) => {
    const to = neighbourAt(inUse.tray, at, by);
    return {
      disabled: to < 0,
      onClick: () => open(to),
    };
  };
  return (
    <nav class="tray" aria-label={source === 'case' ? 'Slides of the case' : 'Slides'}>
      <div class="tray-bar">
        <button type="button" aria-label="Slide before" title="Slide before ([)" {...step(-1)}>
          <Icons.Back />
        </button>
        <p class="tray-place" role="status">
          {isWhole && <b>{`${at + 1} of ${slides.length}`}</b>} <span>{slides[at]?.title}</span>
        </p>
        <button type="button" class="tray-next" aria-label="Next slide" title="Next slide (])" {...step(1)}>
          <Icons.Back />
        </button>
        <button
          type="button"
          class="tray-fold"
          aria-expanded={isOpen}
          aria-controls="tray-slides"
          onClick={flip}
        >
          <Icons.Down />
          <span>Slides</span>
        </button>
      </div>
      {isOpen && (
        <ul id="tray-slides" class="tray-slides">
          {slides.slice(drawn.from, drawn.to).map((one, n) => (
            <Place
              key={one.id}
              slide={one}
              isCurrent={drawn.from + n === at}
              isOpening={one.id === opening}
              onOpen={() => open(drawn.from + n)}
            />
          ))}
        </ul>
      )}
    </nav>
  );
}

interface PlaceProps {
  readonly slide: TraySlide;
  readonly isCurrent: boolean;
  readonly isOpening: boolean;
  readonly onOpen: () => void;
}

/** A slide in the tray: a link, so that it can be opened in another window too. */
function Place({ slide, isCurrent, isOpening, onOpen }: PlaceProps) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (!isCurrent) return;
    link.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
    if (hadFocus) link.current?.focus({ preventScroll: true });
    hadFocus = false;
  }, [isCurrent]);
  if (!slide.canBeViewed)
    return (
      <li class="tray-slide unready" title={`${slide.title}: being prepared`}>
        <Icons.Slide />
        <span>{slide.title}</span>
      </li>
    );
  const choose = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    hadFocus = true;
    onOpen();
  };
  return (
    <li class={isOpening ? 'tray-slide opening-now' : 'tray-slide'}>
      <a
        ref={link}
        href={`/view/${slide.id}${location.search}`}
        title={slide.title}
        aria-current={isCurrent ? 'true' : undefined}
        onClick={choose}
      >
        <img src={thumbnailUrl(slide.id, firstLookWidth)} alt="" loading="lazy" draggable={false} />
        <span>{slide.title}</span>
      </a>
    </li>
  );
}

/** Open with a case on a large screen, else closed, until somebody says otherwise. */
function isOpenAtFirst(source: 'case' | 'list'): boolean {
  const chosen = localStorage.getItem(openKey);
  return chosen === null ? source === 'case' && innerWidth > 760 && innerHeight > 600 : chosen === 'open';
}

/** `[`, `]` and the page keys, but where a page key scrolls something. */
function useTrayKeys(inUse: TrayInUse | undefined): void {
  useKeys((event) => {
    const step = { '[': -1, PageUp: -1, ']': 1, PageDown: 1 }[event.key];
    if (inUse === undefined || step === undefined || event.metaKey) return false;
    // Brackets need AltGr on many keyboards.
    if ((event.ctrlKey || event.altKey) && !event.getModifierState('AltGraph')) return false;
    if (event.target instanceof Element && event.target.closest('.panel, dialog') !== null) return false;
    inUse.open(neighbourAt(inUse.tray, inUse.at, step));
    return true;
  });
}
