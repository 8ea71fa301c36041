import { useState } from 'preact/hooks';
import { copied } from '../frame/clipboard.ts';
import { Icons } from '../icons.tsx';
import { BackButton, goBack } from '../viewer/back-button.tsx';

interface CompareHeaderProps {
  readonly count: number;
  /** The hash of a link to what is shown; undefined while nothing is. */
  readonly address: () => string | undefined;
  readonly caseId: string | undefined;
  readonly onPick: () => void;
  readonly onHelp: () => void;
  readonly onFullScreen: () => void;
}

/** The way back, and what concerns the whole comparison. */
export function CompareHeader({ count, caseId, address, onPick, onHelp, onFullScreen }: CompareHeaderProps) {
  return (
    <header class="viewer-header">
      <BackButton caseId={caseId} onBack={() => goBack(caseId)} />
      <h1>{`Comparing ${count} slides`}</h1>
      <button type="button" aria-label="Choose slides" title="Choose slides" onClick={onPick}>
        <Icons.Compare />
      </button>
      <CopyLink address={address} />
      <button type="button" class="wide-only" aria-label="Keys" title="Keys (?)" onClick={onHelp}>
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
function CopyLink({ address }: Pick<CompareHeaderProps, 'address'>) {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>();
  const copy = async () => {
    const hash = address();
    if (hash === undefined) return;
    history.replaceState(history.state, '', hash);
    setOutcome((await copied(location.href)) ? 'copied' : 'refused');
    setTimeout(() => setOutcome(undefined), 2500);
  };
  const name = 'Copy a link to this comparison';
  return (
    <>
      <button type="button" aria-label={name} title={name} onClick={() => void copy()}>
        {outcome === 'copied' ? <Icons.Copied /> : <Icons.Link />}
      </button>
      <span class="toast" role="status">
        {outcome === 'copied' && 'Link copied'}
        {outcome === 'refused' && 'Copy the link from the address bar'}
      </span>
    </>
  );
}
