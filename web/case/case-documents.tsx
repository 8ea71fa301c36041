import { useRef, useState } from 'preact/hooks';
import { addDocument, removeDocument, type CaseDocument } from '../api/cases.ts';
import { Failure, useDoing } from '../frame/form.tsx';
import { useFileDrop } from '../list/use-file-drop.ts';
import { bytesText, dateText } from '../wording.ts';
import type { CaseSectionProps } from './case-section.ts';
import { DocumentDialog } from './document-dialog.tsx';

/** The documents of a case: read in the page, added by drop or choice. */
export function CaseDocuments({ found, onChanged }: CaseSectionProps) {
  const [shown, setShown] = useState<CaseDocument>();
  const documents = found.documents.filter(({ kind }) => kind === 'document');
  const mayAdd = found.rights.edit && found.state !== 'closed';
  return (
    <section class="box case-documents" aria-label="Documents">
      <div class="form-head">
        <h2>Documents</h2>
        {mayAdd && <AddDocuments found={found} onChanged={onChanged} />}
      </div>
      {documents.length === 0 && (
        <p class="quiet">
          {mayAdd
            ? 'Drop the first report, letters or pictures here: PDF, JPEG, PNG or text.'
            : 'There are no documents.'}
        </p>
      )}
      <ul class="document-list">
        {documents.map((one) => (
          <li key={one.id} data-testid="document">
            <button type="button" class="document" onClick={() => setShown(one)}>
              <b>{one.name}</b>
              <span class="quiet">{`${bytesText(one.bytes)} · ${one.by} · ${dateText(one.addedAt)}`}</span>
            </button>
            {mayAdd && <Remove found={found} document={one} onChanged={onChanged} />}
          </li>
        ))}
      </ul>
      {shown !== undefined && (
        <DocumentDialog caseId={found.id} document={shown} onClose={() => setShown(undefined)} />
      )}
    </section>
  );
}

function AddDocuments({ found, onChanged }: CaseSectionProps) {
  const doing = useDoing();
  const input = useRef<HTMLInputElement>(null);
  const [done, setDone] = useState({ sent: 0, all: 0 });
  const add = (files: readonly File[]) =>
    void doing.run(async () => {
      for (const [sent, file] of files.entries()) {
        setDone({ sent, all: files.length });
        await addDocument(found.id, file);
        onChanged();
      }
    });
  const isOver = useFileDrop((transfer) => add([...transfer.files]));
  return (
    <div class="row-actions">
      {doing.isBusy && <progress aria-label="Adding documents" max={done.all} value={done.sent} />}
      <button type="button" class="secondary" onClick={() => input.current?.click()}>
        Add documents …
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept=".pdf,.jpg,.jpeg,.png,.txt"
        aria-label="Documents to add"
        onChange={(event) => {
          add([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      <Failure error={doing.error} />
      {isOver && <div class="drop-hint">Drop documents to add them to the case</div>}
    </div>
  );
}

interface RemoveProps extends CaseSectionProps {
  readonly document: CaseDocument;
}

function Remove({ found, document, onChanged }: RemoveProps) {
  const doing = useDoing();
  const remove = () =>
    void doing.run(async () => {
      await removeDocument(found.id, document.id);
      onChanged();
    });
  return (
    <>
      <button type="button" class="plain" aria-label={`Remove ${document.name}`} onClick={remove}>
        Remove
      </button>
      <Failure error={doing.error} />
    </>
  );
}
