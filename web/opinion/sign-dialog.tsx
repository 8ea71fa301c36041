import { useState } from 'preact/hooks';
import { signOpinion, type Draft, type Opinion, type Signing } from '../api/opinions.ts';
import { ApiError } from '../api/request.ts';
import { CoverageNote } from '../coverage/coverage-note.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { Field, Form, PasswordField, useDoing } from '../frame/form.tsx';
import type { DraftStore, DraftView } from './draft-store.ts';
import { agreementWords, opinionLacks, signingMeaning, type OpinionCase } from './opinion-words.ts';

interface SignDialogProps {
  readonly found: OpinionCase;
  /** The opinion that is amended. */
  readonly previous: Opinion | undefined;
  readonly store: DraftStore;
  readonly view: DraftView;
  readonly onSigned: (opinion: Opinion) => void;
  readonly onClose: () => void;
}

/** Shows what will be signed, asks who signs once more, and signs. */
export function SignDialog({ found, previous, store, view, onSigned, onClose }: SignDialogProps) {
  const doing = useDoing();
  const [reason, setReason] = useState('');
  const [proof, setProof] = useState<Signing['proof']>({});
  const { content } = view;
  if (content === undefined) return null;
  const lacks = opinionLacks(content.text);
  const amends = previous !== undefined;
  const sign = async () => {
    if (!(await store.flush())) throw new ApiError(0, 'The draft is not saved yet. Try again in a moment.');
    const signing = {
      draftVersion: store.view.version,
      previous: previous?.id ?? null,
      meaning: signingMeaning,
      material: [...found.slides, ...found.documents].map(({ id }) => id),
      proof,
      ...(amends && { reason }),
    };
    onSigned(await signOpinion(found.id, signing));
  };
  return (
    <Dialog title={amends ? 'Sign the amendment' : 'Sign the second opinion'} onClose={onClose}>
      <div class="sign-dialog">
        <Summary found={found} text={content.text} figures={content.figures.length} />
        {lacks.length > 0 ? (
          <Lacking lacks={lacks} />
        ) : (
          <>
            <CoverageNote
              slides={found.slides.map(({ id, title, block, stain }) => ({ id, name: title, block, stain }))}
            />
            <Form
              doing={doing}
              action="Sign"
              onSubmit={sign}
              isIncomplete={amends && reason.trim() === ''}
              beside={
                <button type="button" class="secondary" onClick={onClose}>
                  Go on writing
                </button>
              }
            >
              {amends && (
                <Field
                  label="Why the opinion is amended"
                  required
                  hint="It stands on the report; the version before stays readable."
                  value={reason}
                  onChange={setReason}
                />
              )}
              <ProofFields needed={view.proof} proof={proof} onChange={setProof} />
              <p class="meaning">{`By signing you say: “${signingMeaning}” It cannot be changed afterwards, only amended.`}</p>
            </Form>
          </>
        )}
      </div>
    </Dialog>
  );
}

function Lacking({ lacks }: { lacks: readonly string[] }) {
  return (
    <div class="lacking" role="alert">
      <p>
        <b>Before it can be signed:</b>
      </p>
      <ul>
        {lacks.map((lack) => (
          <li key={lack}>{lack}</li>
        ))}
      </ul>
    </div>
  );
}

interface SummaryProps {
  readonly found: OpinionCase;
  readonly text: Opinion['signed']['content']['opinion'];
  readonly figures: number;
}

const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

function Summary({ found: { slides, documents }, text, figures }: SummaryProps) {
  return (
    <dl class="sign-summary">
      <dt>Diagnosis</dt>
      <dd class="diagnosis">{text.diagnosis.trim() === '' ? '—' : text.diagnosis}</dd>
      <dt>Agreement</dt>
      <dd>{text.agreement === '' ? '—' : agreementWords(text.agreement)}</dd>
      <dt>{`Material reviewed: ${counted(slides.length, 'slide')}, ${counted(documents.length, 'document')}`}</dt>
      <dd>{[...slides.map(({ title }) => title), ...documents.map(({ name }) => name)].join(', ')}</dd>
      <dt>Figures</dt>
      <dd>{figures === 0 ? 'none' : String(figures)}</dd>
    </dl>
  );
}

interface ProofFieldsProps {
  readonly needed: Draft['proof'] | undefined;
  readonly proof: Signing['proof'];
  readonly onChange: (proof: Signing['proof']) => void;
}

function ProofFields({ needed, proof, onChange }: ProofFieldsProps) {
  if (needed === 'session')
    return (
      <p class="hint">
        You sign in elsewhere. Signing asks for a sign-in of the last 10 minutes: if yours is older, sign out
        and in again. Your draft is kept.
      </p>
    );
  if (needed === 'passcode' || needed === 'link')
    return (
      <PasswordField
        label={needed === 'passcode' ? 'Passcode' : 'The link you came by'}
        autocomplete="current-password"
        hint={
          needed === 'passcode'
            ? 'The one that came with the link, once more.'
            : 'Copy it from the message in which it was sent.'
        }
        value={proof.passcode ?? ''}
        onChange={(passcode) => onChange({ ...proof, passcode })}
      />
    );
  return (
    <>
      <PasswordField
        label="Your password"
        autocomplete="current-password"
        hint="Once more, so that nobody else signs in your name."
        value={proof.password ?? ''}
        onChange={(password) => onChange({ ...proof, password })}
      />
      {needed === 'password-and-code' && (
        <Field
          label="Code of your second factor"
          class="code"
          inputMode="numeric"
          autocomplete="one-time-code"
          required
          value={proof.code ?? ''}
          onChange={(code) => onChange({ ...proof, code })}
        />
      )}
    </>
  );
}
