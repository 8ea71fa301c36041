import { useState } from 'preact/hooks';
import { certificateUrl, purgeSlide, type DeletedSlide } from '../api/retention.ts';
import { Dialog } from '../frame/dialog.tsx';
import { Field, Form, useDoing } from '../frame/form.tsx';

/** Destroys a slide once its name was typed, then gives the certificate. */
export function PurgeDialog({ slide, onClose }: { slide: DeletedSlide; onClose: () => void }) {
  const doing = useDoing();
  const [typed, setTyped] = useState('');
  const [certificate, setCertificate] = useState<string>();
  if (certificate !== undefined)
    return (
      <Dialog title="Destroyed" onClose={onClose}>
        <div class="form">
          <p>{`“${slide.name}” does not exist any more. The certificate says what was destroyed, when and by whom.`}</p>
          <div class="form-actions">
            <a class="button secondary" href={certificateUrl(certificate)} target="_blank" rel="noopener">
              Open the certificate
            </a>
            <button type="button" class="primary" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      </Dialog>
    );
  return (
    <Dialog title="Destroy this slide for good?" onClose={onClose}>
      <Form
        doing={doing}
        action="Destroy"
        isDangerous
        isIncomplete={typed.trim() !== slide.name.trim()}
        onSubmit={async () => setCertificate(await purgeSlide(slide.id))}
      >
        <p>
          The file, its tiles and all that was made of it are destroyed. Nobody can bring them back. To
          confirm, type <b class="breakable">{slide.name}</b>
        </p>
        <Field label="Name of the slide" autocomplete="off" autofocus value={typed} onChange={setTyped} />
      </Form>
    </Dialog>
  );
}
