import { useState } from 'preact/hooks';
import { discardCase, moveCase, type CaseLack, type CaseState } from '../api/cases.ts';
import { Dialog } from '../frame/dialog.tsx';
import { Failure, Form, useDoing } from '../frame/form.tsx';
import { goTo, pages } from '../frame/router.ts';
import { useToast } from '../frame/toast.tsx';
import { Icons } from '../icons.tsx';
import type { CaseSectionProps } from './case-section.ts';
import { turnaroundText } from '../case-time.ts';
import { dayText, stateNames } from './case-words.ts';

/** Where a case stands, what can be done with it, and what it lacks. */
export function CaseHead({ found, onChanged }: CaseSectionProps) {
  const { state, isUrgent, dueOn, organisation, rights, lacks = [] } = found;
  const needed = lacks.filter(({ weight }) => weight === 'needed');
  return (
    <section class="case-head" aria-label="Where the case stands">
      <div class="case-state">
        <span class={`tag state ${state}`}>{stateNames[state]}</span>
        {isUrgent && <span class="tag refused">Urgent</span>}
        <p class="quiet">
          {rights.edit ? '' : `asked by ${organisation.name} · `}
          {turnaroundText(found)}
          {dueOn !== undefined && state !== 'closed' && ` · needed by ${dayText(dueOn)}`}
        </p>
      </div>
      <Actions found={found} onChanged={onChanged} isComplete={needed.length === 0} />
      {lacks.length > 0 && <Lacks lacks={lacks} />}
    </section>
  );
}

function Lacks({ lacks }: { lacks: readonly CaseLack[] }) {
  return (
    <div class="lacks" role="status">
      <p>
        <b>Before you send it, it needs</b>
      </p>
      <ul>
        {lacks.map(({ part, weight, text }) => (
          <li key={part + text} class={weight}>
            {weight === 'needed' ? <Icons.Warning /> : <Icons.Information />}
            <span>{weight === 'needed' ? text : `better with ${text}`}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

type Asking = { readonly to: CaseState; readonly title: string; readonly action: string } | undefined;

/** The moves that whoever looks can make from here. */
function Actions({ found, onChanged, isComplete }: CaseSectionProps & { readonly isComplete: boolean }) {
  const { id, state, rights } = found;
  const doing = useDoing();
  const toast = useToast();
  const [asking, setAsking] = useState<Asking>();
  const move = (to: CaseState) =>
    doing.run(async () => {
      await moveCase(id, to);
      onChanged();
    });
  const discard = () =>
    doing.run(async () => {
      await discardCase(id);
      toast({ text: 'The draft was thrown away. Its slides stay.' });
      goTo(pages.cases);
    });
  const { edit, answer } = rights;
  return (
    <div class="case-actions">
      {edit && state === 'draft' && (
        <>
          <button
            type="button"
            class="primary"
            disabled={!isComplete}
            aria-busy={doing.isBusy}
            onClick={() => void move('sent')}
          >
            Send the case
          </button>
          <button type="button" class="secondary" onClick={() => void discard()}>
            Throw the draft away
          </button>
        </>
      )}
      {edit && state === 'sent' && (
        <button type="button" class="secondary" onClick={() => void move('draft')}>
          Take it back
        </button>
      )}
      {answer && state === 'sent' && (
        <button type="button" class="primary" onClick={() => void move('in-review')}>
          Begin the review
        </button>
      )}
      {answer && state === 'in-review' && (
        <button type="button" class="secondary" onClick={() => setAsking(askings.back)}>
          Give it back …
        </button>
      )}
      {edit && state === 'answered' && (
        <>
          <button type="button" class="secondary" onClick={() => setAsking(askings.again)}>
            Ask again …
          </button>
          <button type="button" class="primary" onClick={() => void move('closed')}>
            Close the case
          </button>
        </>
      )}
      {edit && state === 'closed' && (
        <button type="button" class="secondary" onClick={() => void move('answered')}>
          Open it again
        </button>
      )}
      <Failure error={doing.error} />
      {asking !== undefined && (
        <Reasoned id={id} asking={asking} onClose={() => setAsking(undefined)} onChanged={onChanged} />
      )}
    </div>
  );
}

const askings = {
  again: { to: 'sent', title: 'Ask again', action: 'Ask again' },
  back: { to: 'sent', title: 'Give the case back', action: 'Give it back' },
} as const;

interface ReasonedProps {
  readonly id: string;
  readonly asking: NonNullable<Asking>;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** A move that needs a word about why. */
function Reasoned({ id, asking, onClose, onChanged }: ReasonedProps) {
  const doing = useDoing();
  const [reason, setReason] = useState('');
  const submit = async () => {
    await moveCase(id, asking.to, reason.trim());
    onClose();
    onChanged();
  };
  return (
    <Dialog title={asking.title} onClose={onClose}>
      <Form doing={doing} action={asking.action} onSubmit={submit} isIncomplete={reason.trim() === ''}>
        <label class="field">
          Why?
          <textarea
            rows={4}
            maxLength={2000}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
      </Form>
    </Dialog>
  );
}
