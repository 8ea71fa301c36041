import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { DraftContent, Opinion, OpinionText } from '../api/opinions.ts';
import { useToast } from '../frame/toast.tsx';
import type { DraftStore, DraftView } from './draft-store.ts';
import { FigureGrid } from './figure-grid.tsx';
import { agreements, momentText, type OpinionCase } from './opinion-words.ts';
import { SignDialog } from './sign-dialog.tsx';
import { useDraft } from './use-draft.ts';

/** Longest text that the service takes, characters. */
const maxLength = 20_000;

interface OpinionEditorProps {
  readonly found: OpinionCase;
  /** The opinion that is amended. */
  readonly previous: Opinion | undefined;
  readonly onSigned: () => void;
}

/** Where an opinion is written; what is written is kept by itself. */
export function OpinionEditor({ found, previous, onSigned }: OpinionEditorProps) {
  const { store, view } = useDraft(found.id);
  const [signs, setSigns] = useState(false);
  const toast = useToast();
  const { content } = view;
  if (content === undefined) return <Waiting view={view} store={store} />;
  const signed = (opinion: Opinion) => {
    setSigns(false);
    toast({ text: `Version ${opinion.signed.content.version} is signed. The laboratory can read it now.` });
    onSigned();
  };
  return (
    <div class="opinion-editor">
      <Texts content={content} store={store} hasPrior={found.priorDiagnosis.trim() !== ''} />
      <FigureGrid caseId={found.id} figures={content.figures} store={store} />
      <div class="opinion-foot">
        <SaveState view={view} store={store} />
        <button type="button" class="primary" onClick={() => setSigns(true)}>
          {previous === undefined ? 'Sign the opinion …' : 'Sign the amendment …'}
        </button>
      </div>
      {signs && (
        <SignDialog
          found={found}
          previous={previous}
          store={store}
          view={view}
          onSigned={signed}
          onClose={() => setSigns(false)}
        />
      )}
    </div>
  );
}

function Waiting({ view, store }: { view: DraftView; store: DraftStore }) {
  if (view.problem === undefined) return <p role="status">Looking for your draft …</p>;
  return (
    <div class="trouble" role="alert">
      <p>
        <b>Your draft cannot be shown now.</b> {view.problem}
      </p>
      <button type="button" onClick={() => void store.refresh()}>
        Try again
      </button>
    </div>
  );
}

interface TextsProps {
  readonly content: DraftContent;
  readonly store: DraftStore;
  readonly hasPrior: boolean;
}

function Texts({ content: { text }, store, hasPrior }: TextsProps) {
  const set = (change: Partial<OpinionText>) =>
    store.edit((draft) => ({ ...draft, text: { ...draft.text, ...change } }));
  const differs = text.agreement === 'minor' || text.agreement === 'major';
  return (
    <>
      <Area
        label="Diagnosis"
        rows={3}
        class="diagnosis"
        value={text.diagnosis}
        onChange={(diagnosis) => set({ diagnosis })}
      />
      <Agreement value={text.agreement} hasPrior={hasPrior} onChange={(agreement) => set({ agreement })} />
      {differs && (
        <Area
          label="Where it differs, and why it matters"
          rows={2}
          value={text.agreementReason}
          onChange={(agreementReason) => set({ agreementReason })}
        />
      )}
      <Area
        label="Microscopy"
        rows={5}
        value={text.microscopy}
        onChange={(microscopy) => set({ microscopy })}
      />
      <Area label="Comment" rows={3} value={text.comment} onChange={(comment) => set({ comment })} />
      <Area
        label="Recommendation"
        rows={2}
        value={text.recommendation}
        onChange={(recommendation) => set({ recommendation })}
      />
    </>
  );
}

interface AreaProps {
  readonly label: string;
  readonly rows: number;
  readonly class?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A text of any length: as high as what stands in it. */
function Area({ label, rows, class: name = '', value, onChange }: AreaProps) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const element = area.current;
    // Most browsers do it by themselves.
    if (element === null || CSS.supports('field-sizing', 'content')) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [value]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        ref={area}
        id={id}
        class={name}
        rows={rows}
        style={{ '--rows': rows }}
        maxLength={maxLength}
        spellcheck={true}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}

interface AgreementProps {
  readonly value: OpinionText['agreement'];
  readonly hasPrior: boolean;
  readonly onChange: (value: OpinionText['agreement']) => void;
}

function Agreement({ value, hasPrior, onChange }: AgreementProps) {
  const name = useId();
  return (
    <fieldset class="choices agreement">
      <legend>Agreement with the first diagnosis</legend>
      {!hasPrior && <p class="hint">The laboratory has written no first diagnosis.</p>}
      <div>
        {agreements.map(([agreement, title, meaning]) => (
          <label key={agreement}>
            <input
              type="radio"
              name={name}
              checked={value === agreement}
              onChange={() => onChange(agreement)}
            />
            <span>
              <b>{title}</b>
              <span>{meaning}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const stateWords = {
  loading: 'Looking for your draft …',
  waiting: 'Not saved yet …',
  saving: 'Saving …',
} as const;

/** Whether what is written is kept, in words; read out when it is not. */
function SaveState({ view, store }: { view: DraftView; store: DraftStore }) {
  const { state, savedAt, problem } = view;
  if (state === 'offline' || state === 'failed')
    return (
      <div class="save-state wrong" role="alert">
        <p>
          <b>Not saved.</b> {problem}{' '}
          {state === 'offline' ? 'It is tried again by itself; keep this page open.' : ''}
        </p>
        <button type="button" class="secondary" onClick={() => void store.flush()}>
          Save now
        </button>
      </div>
    );
  const saved = savedAt === undefined ? 'Nothing written yet' : `Draft saved ${momentText(savedAt)}`;
  return (
    <p class="save-state" role="status" data-state={state}>
      {state === 'saved' ? `${saved} · only you see it` : stateWords[state]}
    </p>
  );
}
