import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { getSlide, isUnderWay, isViewable, thumbnailUrl, type Slide, type SlideInWork } from './api.ts';
import { apiError, linkToken, type ApiError } from './api/request.ts';
import { caseInUrl } from './case/case-words.ts';
import { forgetLeft } from './tray/next-view.ts';
import { forgetTray } from './tray/tray-of.ts';
import { parseHash } from './viewer/deep-link.ts';
import { firstLookWidth } from './viewer/first-look.tsx';
import { descriptionAhead, forgetAhead } from './viewer/slide-ahead.ts';
import { BackButton } from './viewer/back-button.tsx';
import { Stage } from './viewer/stage.tsx';
import './styles/arriving.css';
import './styles/focus.css';
import './styles/image.css';
import './styles/night.css';
import './styles/viewer.css';
import './styles/tool-bar.css';
import './styles/tool-rail.css';
import './styles/panels.css';

type Loaded = { readonly slide: Slide | SlideInWork } | { readonly error: ApiError } | undefined;

/** The page of one slide: the viewer, or why there is nothing to see yet. */
export default function ViewerPage({ id, onBack }: { id: string; onBack: () => void }) {
  const [loaded, setLoaded] = useState<Loaded>();
  const [attempt, setAttempt] = useState(0);
  const [panel, setPanel] = useState<string>();
  const isWaiting =
    loaded !== undefined && 'slide' in loaded && !isViewable(loaded.slide) && isUnderWay(loaded.slide.state);

  useEffect(() => {
    const gone = new AbortController();
    // Known already, perhaps: then it is shown at once, and the answer only says whether it still may be.
    const known = descriptionAhead(id);
    if (known !== undefined) setLoaded({ slide: known.slide });
    if (known?.isFresh === true) return undefined;
    const settle = (next: Loaded) => {
      if (!gone.signal.aborted) setLoaded(next);
    };
    getSlide(id, gone.signal).then(
      (slide) => settle({ slide: known?.slide ?? slide }),
      (cause: unknown) => {
        const error = apiError(cause);
        // What is shown already stays while the line is broken, but not once it may not be seen any more.
        if (known === undefined || [401, 403, 404].includes(error.status)) settle({ error });
      },
    );
    return () => gone.abort();
  }, [id, attempt]);
  useEffect(() => forgetAll, []);

  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(() => setAttempt((n) => n + 1), 1500);
    return () => clearTimeout(timer);
  }, [isWaiting, attempt]);

  const name = loaded !== undefined && 'slide' in loaded ? loaded.slide.name : 'Slide';
  useEffect(() => {
    document.title = `${name} · Telepath`;
  }, [name]);

  if (loaded === undefined) return <Opening id={id} onBack={onBack} />;
  if ('error' in loaded)
    return <NotOpened error={loaded.error} onBack={onBack} onRetry={() => setAttempt((n) => n + 1)} />;
  if (isViewable(loaded.slide))
    return (
      <Stage key={loaded.slide.id} slide={loaded.slide} panel={panel} setPanel={setPanel} onBack={onBack} />
    );
  return <InWork slide={loaded.slide} onBack={onBack} />;
}

/** What was fetched and remembered for whoever looked is nobody else's. */
function forgetAll(): void {
  forgetAhead();
  forgetTray();
  forgetLeft();
}

/** Until the slide's description is there: its small picture, where the whole slide will be. */
function Opening({ id, onBack }: { id: string; onBack: () => void }) {
  const [isMissing, setMissing] = useState(parseHash(location.hash) !== undefined);
  return (
    <div class="viewer">
      <BackBar onBack={onBack} />
      <main class="opening" aria-live="polite">
        {!isMissing && (
          <img
            class="first-look whole"
            src={thumbnailUrl(id, firstLookWidth)}
            alt=""
            onError={() => setMissing(true)}
          />
        )}
        <p role="status">Opening the slide …</p>
      </main>
    </div>
  );
}

interface NotOpenedProps {
  readonly error: ApiError;
  readonly onBack: () => void;
  readonly onRetry: () => void;
}

function NotOpened({ error, onBack, onRetry }: NotOpenedProps) {
  if (linkToken() !== undefined && [401, 403, 404].includes(error.status)) {
    const text = 'Its time is over, or it was withdrawn. Ask who sent it for a new one.';
    return <Waiting title="This link does not work any more" text={text} onBack={onBack} />;
  }
  const title = error.status === 404 ? 'There is no such slide' : 'The slide cannot be opened';
  return <Waiting title={title} text={error.message} onBack={onBack} onRetry={onRetry} />;
}

function InWork({ slide, onBack }: { slide: SlideInWork; onBack: () => void }) {
  if (slide.state.kind === 'failed') {
    const text = slide.state.reason ?? 'The file could not be read.';
    return <Waiting title={`${slide.name} cannot be shown`} text={text} onBack={onBack} />;
  }
  const progress = 'progress' in slide.state ? slide.state.progress : undefined;
  const what = slide.state.kind === 'receiving' ? 'is arriving' : 'is being prepared';
  return (
    <Waiting title={`${slide.name} ${what}`} text="It opens by itself when ready." onBack={onBack}>
      <progress max={1} value={progress} aria-label="Preparing" />
    </Waiting>
  );
}

interface WaitingProps {
  readonly title: string;
  readonly text?: string;
  readonly children?: ComponentChildren;
  readonly onBack: () => void;
  readonly onRetry?: () => void;
}

function Waiting({ title, text, children, onBack, onRetry }: WaitingProps) {
  return (
    <div class="viewer">
      <BackBar onBack={onBack} />
      <main class="waiting" aria-live="polite">
        <h1>{title}</h1>
        {text !== undefined && <p>{text}</p>}
        {children}
        {onRetry !== undefined && (
          <button type="button" class="primary" onClick={onRetry}>
            Try again
          </button>
        )}
      </main>
    </div>
  );
}

function BackBar({ onBack }: { onBack: () => void }) {
  return (
    <header class="viewer-header">
      <BackButton caseId={caseInUrl()} onBack={onBack} />
    </header>
  );
}
