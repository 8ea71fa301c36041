import { useEffect, useState } from 'preact/hooks';
import { canBeViewed, thumbnailUrl, type SlideState, type SlideSummary } from '../api.ts';
import { Icons } from '../icons.tsx';
import { CardMenu } from './card-menu.tsx';
import { rightsOf } from '../session/rights.ts';
import { useMe, useSession } from '../session/session.ts';
import { SlideStateLine, stateWord } from './slide-state.tsx';
import { areaText, bytesText, dateText, sizeText } from '../wording.ts';

interface SlideCardProps {
  readonly slide: SlideSummary;
  readonly onOpen: () => void;
  readonly onAboutToOpen: () => void;
  /** The list is to be asked for again. */
  readonly onChanged: () => void;
}

/** One slide in the list; a link once it can be viewed. */
export function SlideCard({ slide, onOpen, onAboutToOpen, onChanged }: SlideCardProps) {
  const { visitor } = useSession();
  const me = useMe();
  const isShared = me !== undefined && slide.organisationId !== me.organisation.id;
  const mayChange = visitor.kind === 'local' || (rightsOf(visitor).changesSlides && !isShared);
  const state = <SlideStateLine slide={slide} mayChange={mayChange} onChanged={onChanged} />;
  if (!canBeViewed(slide.state)) {
    return (
      <li class={`card ${slide.state.kind}`} data-testid="slide">
        <div class="picture">{slide.state.kind === 'failed' ? <Icons.Warning /> : <Icons.Slide />}</div>
        <div class="text">
          <h2 title={slide.name}>{slide.name}</h2>
          {state}
          <p class="when">{`${bytesText(slide.bytes)} · ${dateText(slide.addedAt)}`}</p>
        </div>
        <CardMenu slide={slide} isViewable={false} onChanged={onChanged} />
      </li>
    );
  }
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onOpen();
  };
  return (
    <li class="card viewable" data-testid="slide">
      <a href={`/view/${slide.id}`} onClick={open} onPointerEnter={onAboutToOpen} onFocus={onAboutToOpen}>
        <Picture id={slide.id} stage={stageOf(slide.state)} />
        <div class="text">
          <h2 title={slide.name}>{slide.name}</h2>
          {slide.size !== undefined && <Facts slide={slide} />}
          {state}
          <p class="when">{`${isShared ? 'Shared with you · ' : ''}${whenText(slide)}`}</p>
        </div>
      </a>
      <CardMenu slide={slide} isViewable onChanged={onChanged} />
    </li>
  );
}

/** Size and age of a slide, and how far it is where nothing more is waited for. */
function whenText({ bytes, addedAt, state }: SlideSummary): string {
  const facts = [bytesText(bytes), dateText(addedAt)];
  return (state.kind === 'receiving' ? facts : [stateWord(state), ...facts]).join(' · ');
}

function Facts({ slide: { size, mpp, objectivePower, vendor } }: { slide: SlideSummary }) {
  return (
    <p class="facts">
      {objectivePower !== undefined && <span class="power">{objectivePower}×</span>}
      {size !== undefined && <span>{sizeText(size)}</span>}
      {size !== undefined && mpp !== undefined && <span>{areaText(size, mpp)}</span>}
      {mpp === undefined && <span>scale unknown</span>}
      {vendor !== undefined && vendor !== 'generic' && <span>{vendor}</span>}
    </p>
  );
}

/** Counts up as a slide arrives: at each stage its thumbnail may be there that was not before. */
function stageOf(state: SlideState): number {
  return state.kind === 'receiving' ? Math.floor(state.progress * 10) : 11;
}

/** A slide's thumbnail; asked for again a few times, because a busy service makes thumbnails later. */
function Picture({ id, stage }: { id: string; stage: number }) {
  const [tries, setTries] = useState(1);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    setTries(1);
    setFailed(false);
  }, [stage]);
  useEffect(() => {
    if (!hasFailed || tries >= 5) return undefined;
    const timer = setTimeout(() => {
      setTries(tries + 1);
      setFailed(false);
    }, 1000 * tries);
    return () => clearTimeout(timer);
  }, [hasFailed, tries]);
  return (
    <div class="picture">
      {hasFailed ? (
        <Icons.Slide />
      ) : (
        <img
          key={tries}
          src={thumbnailUrl(id, 512)}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setFailed(true)}
        />
      )}
    </div>
  );
}
