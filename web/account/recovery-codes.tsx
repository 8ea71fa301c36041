import { useState } from 'preact/hooks';
import { CopyButton } from '../frame/secret.tsx';

/** The codes for the day the phone is lost, shown this once. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const [isKept, setKept] = useState(false);
  return (
    <div class="form recovery">
      <p>
        Without your phone, each of these signs you in once. Keep them where only you find them; they are not
        shown again.
      </p>
      <ol class="codes" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div class="form-actions">
        <CopyButton text={codes.join('\n')} what="recovery codes" />
        <button type="button" class="secondary" onClick={() => print()}>
          Print
        </button>
      </div>
      <label class="tick">
        <input type="checkbox" checked={isKept} onChange={(event) => setKept(event.currentTarget.checked)} />
        I have kept them
      </label>
      <div class="form-actions">
        <button type="button" class="primary" disabled={!isKept} onClick={onDone}>
          Done
        </button>
      </div>
    </div>
  );
}
