import { useEffect, useState } from 'preact/hooks';
import { canBeViewed, thumbnailUrl, type SlideState, type SlideSummary } from '../api.ts';
import { Icons } from '../icons.tsx';
import { areaText, bytesText, dateText, sizeText } from '../wording.ts';

interface SlideCardProps {
  readonly slide: SlideSummary;
  readonly onOpen: () => void;
  readonly onAboutToOpen: () => void;
}

/** One slide in the list; a link once it can be viewed. */
export function SlideCard({ slide, onOpen, onAboutToOpen }: SlideCardProps) {
  if (!canBeViewed(slide.state)) {
    return (
      <li class={`card ${slide.state.kind}`} data-testid="slide">
        <div class="picture">{slide.state.kind === 'failed' ? <Icons.Warning /> : <Icons.Slide />}</div>
        <div class="text">
          <h2 title={slide.name}>{slide.name}</h2>
          <State slide={slide} />
          <p class="when">{`${bytesText(slide.bytes)} · ${dateText(slide.addedAt)}`}</p>
        </div>
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
        <Picture id={slide.id} />
        <div class="text">
          <h2 title={slide.name}>{slide.name}</h2>
          <Facts slide={slide} />
          <p class="when">{`${bytesText(slide.bytes)} · ${dateText(slide.addedAt)}`}</p>
        </div>
      </a>
    </li>
  );
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

function State({ slide: { name, state } }: { slide: SlideSummary }) {
  if (state.kind === 'failed') {
    return (
      <div class="reason">
        <p>{state.reason ?? 'The file could not be read.'}</p>
        <p>When you have put that right, add the slide again.</p>
      </div>
    );
  }
  const progress = 'progress' in state ? state.progress : undefined;
  const percent = progress === undefined ? '' : ` · ${Math.floor(progress * 100)} %`;
  return (
    <div class="converting-state">
      <p>{`${waitingFor(state)}${percent}`}</p>
      <progress max={1} value={progress} aria-label={`Preparing ${name}`} />
    </div>
  );
}

/** What a slide that can't be viewed yet waits for. */
function waitingFor({ kind }: SlideState): string {
  if (kind === 'receiving') return 'Arriving';
  return kind === 'checking' ? 'Being checked' : 'Being prepared for viewing';
}

/** A slide's thumbnail; asked for again a few times, because a busy service makes thumbnails later. */
function Picture({ id }: { id: string }) {
  const [tries, setTries] = useState(1);
  const [hasFailed, setFailed] = useState(false);
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
