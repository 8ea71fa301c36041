import { useState } from 'preact/hooks';
import { changeCase, type Patient } from '../api/cases.ts';
import { Dialog } from '../frame/dialog.tsx';
import { Form, useDoing } from '../frame/form.tsx';
import type { CaseSectionProps } from './case-section.ts';
import { dayText, readingOrder, textWords } from './case-words.ts';

/** What a case says, to be read. The laboratory can amend the question. */
export function CaseText({ found, onChanged }: CaseSectionProps) {
  const [isAmending, setAmending] = useState(false);
  const told = readingOrder.filter((name) => found[name] !== '');
  const mayAmend = found.rights.edit && found.state !== 'closed';
  return (
    <section class="box case-text" aria-label="What is asked">
      {found.patient !== undefined && <PatientLine patient={found.patient} />}
      {told.map((name) => (
        <div key={name} class={name}>
          <h2>{textWords[name].name}</h2>
          <p>{found[name]}</p>
        </div>
      ))}
      {mayAmend && (
        <div class="row-actions">
          <button type="button" class="secondary" onClick={() => setAmending(true)}>
            Amend the question …
          </button>
        </div>
      )}
      {isAmending && <Amend found={found} onChanged={onChanged} onClose={() => setAmending(false)} />}
    </section>
  );
}

function PatientLine({ patient: { name, number, born, sex } }: { patient: Patient }) {
  const facts = [
    name,
    number,
    born === undefined ? '' : `born ${dayText(born)}`,
    sex === 'unknown' ? '' : sex,
  ].filter((fact) => fact !== '');
  if (facts.length === 0) return null;
  return (
    <p class="patient-line">
      <span class="quiet">Patient</span> {facts.join(' · ')}
    </p>
  );
}

function Amend({ found, onChanged, onClose }: CaseSectionProps & { readonly onClose: () => void }) {
  const doing = useDoing();
  const [question, setQuestion] = useState(found.question);
  const submit = async () => {
    await changeCase(found.id, found.version, { question: question.trim() });
    onClose();
    onChanged();
  };
  return (
    <Dialog title="Amend the question" onClose={onClose}>
      <Form
        doing={doing}
        action="Amend"
        onSubmit={submit}
        isIncomplete={question.trim() === '' || question === found.question}
      >
        <label class="field">
          Question
          <textarea
            rows={5}
            maxLength={5000}
            value={question}
            onInput={(event) => setQuestion(event.currentTarget.value)}
          />
        </label>
        <p class="quiet">What it said before stays in the history of the case.</p>
      </Form>
    </Dialog>
  );
}
