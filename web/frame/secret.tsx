import { useState } from 'preact/hooks';
import { copied } from './clipboard.ts';

interface SecretProps {
  readonly label: string;
  readonly text: string;
}

/** Something that is shown once, and a button that copies it. */
export function Secret({ label, text }: SecretProps) {
  return (
    <div class="secret">
      <output aria-label={label}>{text}</output>
      <CopyButton text={text} what={label} />
    </div>
  );
}

/** Copies a text, and says so. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [outcome, setOutcome] = useState<boolean>();
  const copy = async () => setOutcome(await copied(text));
  return (
    <>
      <button type="button" class="secondary" aria-label={`Copy: ${what}`} onClick={() => void copy()}>
        {outcome === true ? 'Copied' : 'Copy'}
      </button>
      <span class="visually-hidden" role="status">
        {outcome === true && 'Copied'}
        {outcome === false && 'Your browser does not allow it: select the text and copy it'}
      </span>
    </>
  );
}
