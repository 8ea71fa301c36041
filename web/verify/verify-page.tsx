import { useEffect, useRef, useState } from 'preact/hooks';
import { verifyCode, verifyFile, type Verification } from '../api/opinions.ts';
import { apiError, type ApiError } from '../api/request.ts';
import { Failure } from '../frame/form.tsx';
import iconUrl from '../icon.svg';
import { momentText, spacedCode } from '../opinion/opinion-words.ts';
import '../styles/frame.css';
import '../styles/forms.css';
import '../styles/opinion.css';

type Outcome =
  | { readonly kind: 'asking' }
  | { readonly kind: 'told'; readonly told: Verification; readonly isFile: boolean }
  | { readonly kind: 'failed'; readonly error: ApiError };

/** Where whoever holds a report finds out whether it is as it was signed; nothing of the case is shown. */
export default function VerifyPage() {
  const [outcome, setOutcome] = useState<Outcome>();
  const ask = async (question: Promise<Verification>, isFile: boolean) => {
    setOutcome({ kind: 'asking' });
    try {
      setOutcome({ kind: 'told', told: await question, isFile });
    } catch (error) {
      setOutcome({ kind: 'failed', error: apiError(error) });
    }
  };
  useEffect(() => {
    document.title = 'Verify a report · Telepath';
    const code = codeIn(location.hash);
    if (code !== undefined) void ask(verifyCode(code), false);
  }, []);
  return (
    <div class="verify-page">
      <header>
        <img src={iconUrl} alt="" width="28" height="28" />
        <span>Telepath</span>
      </header>
      <main>
        <h1>Verify a second opinion</h1>
        <p>
          Find out whether a report is as it was signed here, by whom and when. Nothing about the patient or
          the case is shown, and the file is not kept.
        </p>
        <FileDoor onFile={(file) => void ask(verifyFile(file), true)} />
        <CodeDoor onCode={(code) => void ask(verifyCode(code), false)} />
        <div role="status" class="verify-outcome">
          {outcome?.kind === 'asking' && <p>Verifying …</p>}
          {outcome?.kind === 'told' && <Told {...outcome} />}
        </div>
        <Failure error={outcome?.kind === 'failed' ? outcome.error : undefined} />
      </main>
    </div>
  );
}

/** The code in some text, as it is asked for; undefined when there is none. */
function codeIn(text: string): string | undefined {
  const code = text.replaceAll(/[#\s-]/g, '').toUpperCase();
  return /^[2-9A-HJ-NP-Z]{12}$/.test(code) ? code : undefined;
}

function FileDoor({ onFile }: { onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file !== undefined) onFile(file);
  };
  return (
    <div
      class={`verify-drop${isOver ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <p>Drop the report here: the PDF as it was downloaded.</p>
      <input
        ref={input}
        type="file"
        accept="application/pdf,.pdf"
        hidden
        aria-label="Report file"
        onChange={(event) => take(event.currentTarget.files)}
      />
      <button type="button" class="primary" onClick={() => input.current?.click()}>
        Choose the report …
      </button>
    </div>
  );
}

function CodeDoor({ onCode }: { onCode: (code: string) => void }) {
  const [typed, setTyped] = useState('');
  const code = codeIn(typed);
  return (
    <form
      class="verify-code field"
      onSubmit={(event) => {
        event.preventDefault();
        if (code !== undefined) onCode(code);
      }}
    >
      <label for="verify-code">Or type the code that stands on paper</label>
      <div>
        <input
          id="verify-code"
          class="code"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          placeholder="XXXX-XXXX-XXXX"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="secondary" disabled={code === undefined}>
          Verify the code
        </button>
      </div>
    </form>
  );
}

function Told({ told, isFile }: { told: Verification; isFile: boolean }) {
  const { isValid, reason, signedBy, organisation, signedAt, version, isNewest, code, key, service } = told;
  return (
    <section class={`verified ${isValid ? 'valid' : 'invalid'}`}>
      <h2>{isValid ? (isFile ? 'This report is valid' : 'There is such an opinion') : 'Not valid'}</h2>
      <p>
        {isValid
          ? isFile
            ? `Every byte is as it was signed at ${service}.`
            : `It was signed at ${service}. Compare what follows with the paper; only the PDF itself can be verified letter by letter.`
          : `Do not rely on it: ${reason ?? 'it is not as it was signed'}.`}
      </p>
      {isNewest === false && (
        <p class="superseded">
          <b>A later version amends it.</b> Ask the laboratory for the newest.
        </p>
      )}
      {signedBy !== undefined && (
        <dl>
          <dt>Signed by</dt>
          <dd>
            {organisation === undefined || organisation === '' ? signedBy : `${signedBy}, ${organisation}`}
          </dd>
          {signedAt !== undefined && (
            <>
              <dt>Signed</dt>
              <dd>{momentText(signedAt)}</dd>
            </>
          )}
          <dt>Version</dt>
          <dd>{version}</dd>
          {code !== undefined && (
            <>
              <dt>Code</dt>
              <dd>{spacedCode(code)}</dd>
            </>
          )}
          <dt>Key</dt>
          <dd class="key">{key?.match(/.{8}/g)?.join(' ')}</dd>
        </dl>
      )}
    </section>
  );
}
