import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { changeCase, type Case, type CaseChange, type CaseText, type Patient } from '../api/cases.ts';
import { apiError } from '../api/request.ts';
import type { CaseSectionProps } from './case-section.ts';
import { readingOrder, textWords } from './case-words.ts';

/** How long after the last letter a change is kept, ms. */
const pauseMs = 700;

type Saving = 'saved' | 'saving' | 'waiting' | { readonly failed: string };

/** What a draft says, to be written; every change is kept by itself. */
export function CaseForm({ found, onChanged }: CaseSectionProps) {
  const { change, saving, written } = useAutosave(found, onChanged);
  const text = (name: CaseText) => (
    <TextField
      key={name}
      name={name}
      value={written[name] ?? found[name]}
      onChange={(value) => change({ [name]: value })}
    />
  );
  return (
    <section class="box case-form" aria-label="What is asked">
      <div class="form-head">
        <h2>What is asked</h2>
        <SavingState saving={saving} />
      </div>
      <div class="pair">
        {text('accession')}
        {text('pseudonym')}
      </div>
      {readingOrder.map(text)}
      <div class="pair">
        <label class="field">
          Answer needed by
          <input
            type="date"
            value={written.dueOn === null ? '' : (written.dueOn ?? found.dueOn ?? '')}
            onInput={(event) =>
              change({ dueOn: event.currentTarget.value === '' ? null : event.currentTarget.value })
            }
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={written.isUrgent ?? found.isUrgent}
            onChange={(event) => change({ isUrgent: event.currentTarget.checked })}
          />
          Urgent
        </label>
      </div>
      {found.patient !== undefined && (
        <PatientFields
          patient={found.patient}
          written={written.patient}
          onChange={(part) => change({ patient: { ...written.patient, ...part } })}
        />
      )}
    </section>
  );
}

function TextField({
  name,
  value,
  onChange,
}: {
  name: CaseText;
  value: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  const { name: title, hint, lines } = textWords[name];
  const described = hint === undefined ? {} : { 'aria-describedby': `${id}-hint` };
  return (
    <div class="field">
      <label for={id}>{title}</label>
      {lines === 1 ? (
        <input
          id={id}
          type="text"
          maxLength={100}
          autocomplete="off"
          value={value}
          {...described}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <textarea
          id={id}
          rows={lines}
          maxLength={name === 'question' ? 5000 : name === 'specimen' ? 2000 : 20_000}
          value={value}
          {...described}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

const sexes: readonly (readonly [Patient['sex'], string])[] = [
  ['', 'Not told'],
  ['female', 'Female'],
  ['male', 'Male'],
  ['other', 'Other'],
  ['unknown', 'Unknown'],
];

interface PatientFieldsProps {
  readonly patient: Patient;
  readonly written: CaseChange['patient'];
  readonly onChange: (part: NonNullable<CaseChange['patient']>) => void;
}

/** Who the patient is: nobody outside the laboratory reads it, unless they are let. */
function PatientFields({ patient, written, onChange }: PatientFieldsProps) {
  return (
    <details class="patient-fields">
      <summary>Patient: only for your laboratory, unless you let whom you ask know</summary>
      <div class="pair">
        <label class="field">
          Name
          <input
            type="text"
            maxLength={200}
            autocomplete="off"
            value={written?.name ?? patient.name}
            onInput={(event) => onChange({ name: event.currentTarget.value })}
          />
        </label>
        <label class="field">
          Number
          <input
            type="text"
            maxLength={100}
            autocomplete="off"
            value={written?.number ?? patient.number}
            onInput={(event) => onChange({ number: event.currentTarget.value })}
          />
        </label>
      </div>
      <div class="pair">
        <label class="field">
          Born
          <input
            type="date"
            value={written?.born === null ? '' : (written?.born ?? patient.born ?? '')}
            onInput={(event) =>
              onChange({ born: event.currentTarget.value === '' ? null : event.currentTarget.value })
            }
          />
        </label>
        <label class="field">
          Sex
          <select
            value={written?.sex ?? patient.sex}
            onChange={(event) => {
              const chosen = sexes.find(([sex]) => sex === event.currentTarget.value);
              if (chosen !== undefined) onChange({ sex: chosen[0] });
            }}
          >
            {sexes.map(([sex, title]) => (
              <option key={sex} value={sex}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </div>
    </details>
  );
}

function SavingState({ saving }: { saving: Saving }) {
  const text =
    typeof saving === 'object'
      ? `Not saved: ${saving.failed}`
      : { saved: 'Saved', saving: 'Saving …', waiting: 'Not saved yet' }[saving];
  return (
    <p class={typeof saving === 'object' ? 'saving failed' : 'saving'} role="status">
      {text}
    </p>
  );
}

interface Autosave {
  /** What was written and may not be kept yet. */
  readonly written: CaseChange;
  readonly saving: Saving;
  readonly change: (part: CaseChange) => void;
}

/** Keeps what is written a moment after the last letter, one request at a time; tries again when the network is back. */
function useAutosave(found: Case, onChanged: () => void): Autosave {
  const [written, setWritten] = useState<CaseChange>({});
  const [saving, setSaving] = useState<Saving>('saved');
  const pending = useRef<CaseChange>({});
  const version = useRef(found.version);
  const isBusy = useRef(false);
  version.current = Math.max(version.current, found.version);
  const save = async () => {
    if (isBusy.current || Object.keys(pending.current).length === 0) return;
    isBusy.current = true;
    setSaving('saving');
    const sent = pending.current;
    pending.current = {};
    try {
      version.current = (await changeCase(found.id, version.current, sent)).version;
      setSaving(Object.keys(pending.current).length === 0 ? 'saved' : 'waiting');
      onChanged();
    } catch (error) {
      pending.current = { ...sent, ...pending.current };
      setSaving({ failed: apiError(error).message });
      if (apiError(error).status === 409) onChanged();
    } finally {
      isBusy.current = false;
    }
  };
  const latest = useRef(save);
  latest.current = save;
  useEffect(() => {
    if (Object.keys(written).length === 0) return undefined;
    const timer = setTimeout(() => void latest.current(), pauseMs);
    return () => clearTimeout(timer);
  }, [written]);
  useEffect(() => {
    const again = () => void latest.current();
    const timer = setInterval(again, 5000);
    addEventListener('online', again);
    return () => {
      clearInterval(timer);
      removeEventListener('online', again);
      again();
    };
  }, []);
  const change = (part: CaseChange) => {
    pending.current = { ...pending.current, ...part };
    setWritten((now) => ({ ...now, ...part }));
    setSaving('waiting');
  };
  return { written, saving, change };
}
