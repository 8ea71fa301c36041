import { useEffect, useRef, useState } from 'preact/hooks';
import { importCapsule, type ImportedCapsule } from '../api/capsule.ts';
import { ApiError } from '../api/request.ts';
import { Dialog } from '../frame/dialog.tsx';
import { Form, useDoing } from '../frame/form.tsx';
import { follow } from '../frame/router.ts';
import { bytesText } from '../wording.ts';
import '../styles/capsule.css';

/** A button that leads to the import of a case that was exported elsewhere. */
export function ImportCase() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="secondary" onClick={() => setOpen(true)}>
        Import a case …
      </button>
      {isOpen && <ImportDialog onClose={() => setOpen(false)} />}
    </>
  );
}

/** Takes a capsule, shows how far it is, and where its case is now. */
function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const doing = useDoing();
  const [file, setFile] = useState<File>();
  const [part, setPart] = useState(0);
  const [imported, setImported] = useState<ImportedCapsule>();
  const [known, setKnown] = useState<string>();
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);
  if (imported !== undefined) return <ImportDone imported={imported} onClose={onClose} />;
  if (known !== undefined) return <AlreadyHere caseId={known} onClose={onClose} />;
  const submit = async () => {
    if (file === undefined) return;
    setPart(0);
    try {
      setImported(await importCapsule(file, setPart, leaving.current.signal));
    } catch (error) {
      const caseId = knownCase(error);
      if (caseId === undefined) throw error;
      setKnown(caseId);
    }
  };
  return (
    <Dialog title="Import a case" onClose={onClose}>
      <Form doing={doing} action="Import" onSubmit={submit} isIncomplete={file === undefined}>
        <p class="quiet">
          A case that was exported from another Telepath becomes one of your laboratory. It is taken only when
          every byte of it is as it was signed.
        </p>
        <label class="field">
          File
          <input
            type="file"
            accept=".zip,application/zip"
            disabled={doing.isBusy}
            onChange={(event) => setFile(event.currentTarget.files?.[0])}
          />
        </label>
        {file !== undefined && doing.isBusy && <Sending file={file} part={part} />}
      </Form>
    </Dialog>
  );
}

function Sending({ file, part }: { readonly file: File; readonly part: number }) {
  const isSent = part >= 1;
  const text = isSent ? 'Checking …' : `${bytesText(part * file.size)} of ${bytesText(file.size)} sent`;
  return (
    <div class="import-progress">
      <progress {...(isSent ? {} : { value: part })} max={1} aria-label="How far the import is" />
      <p class="quiet" role="status">
        {text}
      </p>
    </div>
  );
}

/** The case that a capsule became before, when that is why it was not taken. */
function knownCase(error: unknown): string | undefined {
  const isKnown = error instanceof ApiError && error.status === 409;
  return isKnown ? /[0-9a-f]{32}/.exec(error.message)?.[0] : undefined;
}

/** The way to the case that a capsule became before. */
function AlreadyHere({ caseId, onClose }: { readonly caseId: string; readonly onClose: () => void }) {
  return (
    <Dialog title="The case is here already" onClose={onClose}>
      <div class="form">
        <p>This file was imported before. Nothing was added.</p>
        <div class="form-actions">
          <a class="primary" href={`/case/${caseId}`} onClick={follow}>
            Open the case
          </a>
        </div>
      </div>
    </Dialog>
  );
}

interface ImportDoneProps {
  readonly imported: ImportedCapsule;
  readonly onClose: () => void;
}

/** Where the case came from, what of its slides is here, and the way to it. */
function ImportDone({ imported: { caseId, key, laboratory, slides }, onClose }: ImportDoneProps) {
  return (
    <Dialog title="The case is here" onClose={onClose}>
      <div class="form">
        <p>{`It was exported by ${laboratory}. ${slidesText(slides)}`}</p>
        <div class="field">
          <span>Key that signed it</span>
          <code class="fingerprint">{key}</code>
          <p class="hint">
            Anybody can call themselves so: compare the key with the one the laboratory names.
          </p>
        </div>
        <div class="form-actions">
          <a class="primary" href={`/case/${caseId}`} onClick={follow}>
            Open the case
          </a>
        </div>
      </div>
    </Dialog>
  );
}

function count(n: number, what: string): readonly string[] {
  return n === 0 ? [] : [`${n === 1 ? 'one slide' : `${n} slides`} ${what}`];
}

/** What of a case's slides is here, in words. */
function slidesText({ added, known, missing }: ImportedCapsule['slides']): string {
  const all = [
    ...count(added, 'came with it'),
    ...count(known, known === 1 ? 'was here already' : 'were here already'),
    ...count(missing, missing === 1 ? 'is not in it' : 'are not in it'),
  ].join(', ');
  return all === '' ? 'It has no slides.' : `${all.charAt(0).toUpperCase()}${all.slice(1)}.`;
}
