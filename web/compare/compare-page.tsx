import { useEffect, useMemo, useState } from 'preact/hooks';
import { getSlide, isUnderWay, isViewable, type Slide, type SlideInWork } from '../api.ts';
import { apiError, type ApiError } from '../api/request.ts';
import { goTo } from '../frame/router.ts';
import { compareAddress, comparedSlides, fewest } from './address.ts';
import { BackButton, goBack } from '../viewer/back-button.tsx';
import { CompareStage } from './compare-stage.tsx';
import { SlidePicker } from './slide-picker.tsx';
import '../styles/viewer.css';
import '../styles/night.css';
import '../styles/arriving.css';
import '../styles/tool-bar.css';
import '../styles/panels.css';
import '../styles/compare.css';

type Loaded = readonly (Slide | SlideInWork)[] | { readonly error: ApiError } | undefined;

/** How often slides that cannot be viewed yet are asked for, ms. */
const askAgainMs = 1500;

/** The page on which slides are compared: `/compare?slides=<id>,<id>`. */
export default function ComparePage() {
  const search = useSearch();
  const { ids, caseId } = useMemo(() => comparedSlides(search), [search]);
  const [isPicking, setPicking] = useState(ids.length < fewest);
  useEffect(() => {
    document.title = 'Compare slides · Telepath';
  }, []);
  const choose = (chosen: readonly string[]) => {
    setPicking(false);
    goTo(compareAddress(chosen, caseId));
  };
  const isShort = ids.length < fewest;
  return (
    <>
      {isShort ? (
        <Notice title="Choose two to four slides" caseId={caseId}>
          <button type="button" class="primary" onClick={() => setPicking(true)}>
            Choose slides
          </button>
        </Notice>
      ) : (
        <Slides key={ids.join()} ids={ids} caseId={caseId} onPick={() => setPicking(true)} />
      )}
      {isPicking && (
        <SlidePicker caseId={caseId} chosen={ids} onChoose={choose} onClose={() => setPicking(false)} />
      )}
    </>
  );
}

interface SlidesProps {
  readonly ids: readonly string[];
  readonly caseId: string | undefined;
  readonly onPick: () => void;
}

/** The slides, once all of them can be viewed; before, what is waited for. */
function Slides({ ids, caseId, onPick }: SlidesProps) {
  const [loaded, retry] = useLoaded(ids);
  // The same list as long as the slides are the same: a new one would open them anew.
  const viewable = useMemo(
    () => (loaded === undefined || 'error' in loaded ? [] : loaded.filter(isViewable)),
    [loaded],
  );
  const others = (
    <button type="button" class="secondary" onClick={onPick}>
      Choose other slides
    </button>
  );
  if (loaded === undefined) return <Notice title="Opening the slides …" caseId={caseId} />;
  if ('error' in loaded) {
    const isAbsent = loaded.error.status === 404;
    return (
      <Notice
        title={isAbsent ? 'One of these slides is not there' : 'The slides cannot be opened'}
        caseId={caseId}
      >
        <p>{isAbsent ? 'It was deleted, or is not shared with you any more.' : loaded.error.message}</p>
        <button type="button" class="primary" onClick={retry}>
          Try again
        </button>
        {others}
      </Notice>
    );
  }
  if (viewable.length === loaded.length)
    return <CompareStage slides={viewable} caseId={caseId} onPick={onPick} />;
  const waiting = loaded.filter((slide) => !isViewable(slide));
  const failed = waiting.find(({ state }) => state.kind === 'failed');
  return (
    <Notice
      title={failed === undefined ? 'Not all slides can be viewed yet' : `${failed.name} cannot be shown`}
      caseId={caseId}
    >
      <p>
        {failed?.state.kind === 'failed'
          ? (failed.state.reason ?? 'The file could not be read.')
          : `${waiting.map(({ name }) => name).join(', ')}: the comparison opens by itself when ready.`}
      </p>
      {others}
    </Notice>
  );
}

/** The slides' descriptions; asked for again while one is on its way. */
function useLoaded(ids: readonly string[]): readonly [Loaded, () => void] {
  const [loaded, setLoaded] = useState<Loaded>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const gone = new AbortController();
    Promise.all(ids.map(async (id) => await getSlide(id, gone.signal))).then(
      (slides) => gone.signal.aborted || setLoaded(slides),
      (error: unknown) => gone.signal.aborted || setLoaded({ error: apiError(error) }),
    );
    return () => gone.abort();
  }, [ids, attempt]);
  const isWaiting =
    loaded !== undefined &&
    !('error' in loaded) &&
    loaded.some((slide) => !isViewable(slide) && isUnderWay(slide.state));
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(() => setAttempt((n) => n + 1), askAgainMs);
    return () => clearTimeout(timer);
  }, [isWaiting, attempt]);
  return [loaded, () => setAttempt((n) => n + 1)];
}

interface NoticeProps {
  readonly title: string;
  readonly caseId: string | undefined;
  readonly children?: preact.ComponentChildren;
}

function Notice({ title, caseId, children }: NoticeProps) {
  return (
    <div class="viewer">
      <header class="viewer-header">
        <BackButton caseId={caseId} onBack={() => goBack(caseId)} />
      </header>
      <main class="waiting" aria-live="polite">
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  );
}

/** The address's query, followed as it changes. */
function useSearch(): string {
  const [search, setSearch] = useState(location.search);
  useEffect(() => {
    const follow = () => setSearch(location.search);
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  return search;
}
