import { useState } from 'preact/hooks';
import type { SlideState, SlideSummary } from '../api.ts';
import { apiError } from '../api/request.ts';
import { cancelSlide, retrySlide } from '../api/uploads.ts';

/** What a state is called, in a word or two. */
// oxlint-disable-next-line typescript/consistent-return -- every kind returns; the compiler sees to it
export function stateWord(state: SlideState): string {
  switch (state.kind) {
    case 'receiving':
      return `Receiving ${Math.floor(state.progress * 100)} %`;
    case 'checking':
      return 'Checking';
    case 'converting':
      return `Being prepared for viewing${state.progress === undefined ? '' : ` · ${Math.floor(state.progress * 100)} %`}`;
    case 'viewable':
      return 'Viewable';
    case 'complete':
      return 'Complete';
    case 'failed':
      return 'Needs attention';
  }
}

interface SlideStateProps {
  readonly slide: SlideSummary;
  /** Whether this person may try again or stop. */
  readonly mayChange: boolean;
  readonly onChanged: () => void;
}

/** How far a slide has come, while there is something to wait for or to do. */
export function SlideStateLine({ slide, mayChange, onChanged }: SlideStateProps) {
  const { name, state } = slide;
  if (state.kind === 'viewable' || state.kind === 'complete') return null;
  if (state.kind === 'failed')
    return (
      <div class="reason">
        <p class="state-word">{stateWord(state)}</p>
        <p>{state.reason ?? 'The file could not be read.'}</p>
        {mayChange && <Act label="Try again" act={() => retrySlide(slide.id)} onDone={onChanged} />}
      </div>
    );
  const progress = state.kind === 'checking' ? undefined : state.progress;
  return (
    <div class="converting-state">
      <p>{stateWord(state)}</p>
      <progress max={1} value={progress} aria-label={`${stateWord(state)}: ${name}`} />
      {mayChange && state.kind === 'converting' && (
        <Act label="Cancel" act={() => cancelSlide(slide.id)} onDone={onChanged} />
      )}
    </div>
  );
}

/** A button that asks the service for something and says when that did not work. */
function Act({ label, act, onDone }: { label: string; act: () => Promise<void>; onDone: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<string>();
  const ask = async () => {
    setAsking(true);
    setFailure(undefined);
    try {
      await act();
      onDone();
    } catch (error) {
      setFailure(apiError(error).message);
    }
    setAsking(false);
  };
  return (
    <>
      <button type="button" class="act" disabled={isAsking} onClick={() => void ask()}>
        {label}
      </button>
      {failure !== undefined && <p role="alert">{failure}</p>}
    </>
  );
}
