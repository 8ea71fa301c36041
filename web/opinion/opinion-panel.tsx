import { useCallback, useState } from 'preact/hooks';
import { listOpinions, type Opinion } from '../api/opinions.ts';
import { Answered, Nothing, useAsked } from '../frame/answer.tsx';
import { OpinionEditor } from './opinion-editor.tsx';
import { OpinionVersions } from './opinion-versions.tsx';
import type { OpinionCase } from './opinion-words.ts';
import '../styles/opinion.css';

interface OpinionPanelProps {
  readonly found: OpinionCase;
  /** The case is to be asked for again. */
  readonly onChanged: () => void;
}

/** The second opinion about a case: to be written by who is asked to, and read by all who see the case. */
export function OpinionPanel({ found, onChanged }: OpinionPanelProps) {
  const { id, version } = found;
  // Asked for again when anything of the case changes: then one may have been signed.
  const asked = useAsked(useCallback((signal) => listOpinions(id, signal), [id, version]));
  const onSigned = () => {
    asked.refresh();
    onChanged();
  };
  return (
    <section class="box opinion" aria-label="Second opinion">
      <h2>Second opinion</h2>
      <Answered asked={asked} what="the opinion">
        {(opinions) => <Shown found={found} opinions={opinions} onSigned={onSigned} />}
      </Answered>
    </section>
  );
}

/** There is no opinion of this service: of an imported case, those that came with it stand apart. */
function NotYet({ found: { events, state } }: { found: OpinionCase }) {
  const isImported = events.some(({ kind }) => kind === 'imported');
  if (isImported && (state === 'answered' || state === 'closed'))
    return <Nothing title="Answered elsewhere">The opinions that came with the case stand above.</Nothing>;
  return <Nothing title="No opinion yet">It is shown here as soon as it is signed.</Nothing>;
}

interface ShownProps {
  readonly found: OpinionCase;
  readonly opinions: readonly Opinion[];
  readonly onSigned: () => void;
}

function Shown({ found, opinions, onSigned }: ShownProps) {
  const { rights, state, id } = found;
  const [amends, setAmends] = useState(false);
  const canWrite = rights.answer && state !== 'draft' && state !== 'closed';
  const isAsked = state === 'sent' || state === 'in-review';
  const signed = () => {
    setAmends(false);
    onSigned();
  };
  return (
    <>
      {canWrite && (isAsked || amends) && (
        <OpinionEditor key={id} found={found} previous={opinions[0]} onSigned={signed} />
      )}
      {opinions.length === 0 && !canWrite && <NotYet found={found} />}
      <OpinionVersions caseId={id} opinions={opinions} />
      {canWrite && !isAsked && !amends && (
        <button type="button" class="secondary" onClick={() => setAmends(true)}>
          Amend the opinion
        </button>
      )}
    </>
  );
}
