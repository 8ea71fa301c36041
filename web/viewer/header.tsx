import { useState } from 'preact/hooks';
import type { Slide } from '../api.ts';
import { caseInUrl } from '../case/case-words.ts';
import { copied } from '../frame/clipboard.ts';
import { Icons } from '../icons.tsx';
import { BackButton } from './back-button.tsx';
import { formatHash } from './deep-link.ts';
import { ArrivalProgress } from './arriving.tsx';
import type { ArrivalSeen } from './use-arrival.ts';
import { DamageBadge } from './verification.tsx';
import type { OpenedSlide } from './use-slide-viewer.ts';

interface HeaderProps {
  readonly slide: Slide;
  readonly arrival: ArrivalSeen;
  readonly opened: OpenedSlide | undefined;
  readonly onBack: () => void;
  readonly onFlip: (name: 'information' | 'help' | 'navigator') => void;
  readonly onFullScreen: () => void;
}

/** Name of the slide, the way back, and what concerns the whole window. */
export function Header({ slide, arrival, opened, onBack, onFlip, onFullScreen }: HeaderProps) {
  return (
    <header class="viewer-header">
      <BackButton caseId={caseInUrl()} onBack={onBack} />
      <h1 title={slide.name}>{slide.name}</h1>
      <ArrivalProgress arrival={arrival} />
      <DamageBadge slide={slide} onShow={() => onFlip('information')} />
      <CopyLink opened={opened} />
      <button
        type="button"
        class="wide-only"
        aria-label="Overview"
        title="Overview (N)"
        onClick={() => onFlip('navigator')}
      >
        <Icons.Navigator />
      </button>
      <button
        type="button"
        aria-label="About this slide"
        title="About this slide (I)"
        onClick={() => onFlip('information')}
      >
        <Icons.Information />
      </button>
      <button
        type="button"
        class="wide-only"
        aria-label="Keys"
        title="Keys (?)"
        onClick={() => onFlip('help')}
      >
        <Icons.Help />
      </button>
      {document.fullscreenEnabled && (
        <button type="button" aria-label="Full screen" title="Full screen (F)" onClick={onFullScreen}>
          <Icons.FullScreen />
        </button>
      )}
    </header>
  );
}

/** Copies a link to exactly what is shown. */
function CopyLink({ opened }: { opened: OpenedSlide | undefined }) {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>();
  const copy = async () => {
    if (opened === undefined) return;
    const hash = formatHash(opened.viewer.destination());
    history.replaceState(history.state, '', hash);
    setOutcome((await copied(location.href)) ? 'copied' : 'refused');
    setTimeout(() => setOutcome(undefined), 2500);
  };
  return (
    <>
      <button
        type="button"
        aria-label="Copy a link to this view"
        title="Copy a link to this view"
        onClick={() => void copy()}
      >
        {outcome === 'copied' ? <Icons.Copied /> : <Icons.Link />}
      </button>
      <span class="toast" role="status">
        {outcome === 'copied' && 'Link copied'}
        {outcome === 'refused' && 'Copy the link from the address bar'}
      </span>
    </>
  );
}
