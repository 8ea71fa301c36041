import { useCallback, useState } from 'preact/hooks';
import { capsuleSize, capsuleUrl, fhirUrl } from '../api/capsule.ts';
import { Answered, useAsked } from '../frame/answer.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { bytesText } from '../wording.ts';
import '../styles/capsule.css';

/** A button that leads to the export of a case; for who may export it. */
export function ExportMenu({ caseId }: { caseId: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="secondary" onClick={() => setOpen(true)}>
        Export …
      </button>
      {isOpen && <ExportDialog caseId={caseId} onClose={() => setOpen(false)} />}
    </>
  );
}

interface ExportDialogProps {
  readonly caseId: string;
  readonly onClose: () => void;
}

/** What goes into the file, how large it will be, and the file itself, which the browser fetches. */
function ExportDialog({ caseId, onClose }: ExportDialogProps) {
  const asked = useAsked(useCallback((signal) => capsuleSize(caseId, signal), [caseId]));
  const [wantsSlides, setSlides] = useState(false);
  const [wantsPatient, setPatient] = useState(false);
  const patient = wantsPatient || wantsSlides;
  return (
    <Dialog title="Export the case" onClose={onClose}>
      <div class="form export">
        <p class="quiet">
          One file with all of the case: what was asked, documents, messages, annotations and signed opinions,
          and a picture of each slide. Unpacked, it opens in any browser, without Telepath. Another Telepath
          can import it.
        </p>
        <fieldset class="choices">
          <legend>Also in it</legend>
          <label>
            <input
              type="checkbox"
              checked={patient}
              disabled={wantsSlides}
              onChange={(event) => setPatient(event.currentTarget.checked)}
            />
            <span>
              <b>The patient</b>
              <span>Name, number, date of birth and sex.</span>
            </span>
          </label>
          <label>
            <input
              type="checkbox"
              checked={wantsSlides}
              onChange={(event) => setSlides(event.currentTarget.checked)}
            />
            <span>
              <b>The slides themselves</b>
              <span>As the scanner wrote them. They show the label, so the patient goes with them.</span>
            </span>
          </label>
        </fieldset>
        <Answered asked={asked} what="how large it will be">
          {({ withSlides, withoutSlides }) => (
            <p role="status">{`About ${bytesText(wantsSlides ? withSlides : withoutSlides)}.`}</p>
          )}
        </Answered>
        <div class="form-actions">
          <a
            class="primary"
            href={capsuleUrl(caseId, { slides: wantsSlides, patient })}
            download
            onClick={() => setTimeout(onClose)}
          >
            Download
          </a>
          <a class="secondary" href={fhirUrl(caseId, patient)} download>
            FHIR only
          </a>
        </div>
        <p class="hint">The file can be checked with “telepath verify”. The audit notes each export.</p>
      </div>
    </Dialog>
  );
}
