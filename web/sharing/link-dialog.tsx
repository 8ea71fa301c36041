import { useCallback, useState } from 'preact/hooks';
import { listLinks, makeLink, withdrawLink, type NewLink } from '../api/sharing.ts';
import { Answered, useAsked } from '../frame/answer.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { Failure, Form, useDoing } from '../frame/form.tsx';
import { Secret } from '../frame/secret.tsx';
import { dateText } from '../wording.ts';

interface LinkDialogProps {
  readonly slide: { readonly id: string; readonly name: string };
  readonly onClose: () => void;
}

/** Makes a link that shows one slide to whoever has it, for a time. */
export function LinkDialog({ slide, onClose }: LinkDialogProps) {
  const doing = useDoing();
  const [hours, setHours] = useState(24);
  const [link, setLink] = useState<NewLink>();
  return (
    <Dialog title={`Link to ${slide.name}`} onClose={onClose}>
      {link === undefined ? (
        <Form
          doing={doing}
          action="Make the link"
          onSubmit={async () => setLink(await makeLink(slide.id, hours))}
        >
          <p class="quiet">
            Whoever has the link can view this slide without signing in, but not its label. Send it only to
            who may see it.
          </p>
          <label class="field">
            It works for
            <select value={hours} onChange={(event) => setHours(Number(event.currentTarget.value))}>
              <option value={1}>an hour</option>
              <option value={8}>8 hours</option>
              <option value={24}>a day</option>
              <option value={168}>a week</option>
            </select>
          </label>
        </Form>
      ) : (
        <div class="form">
          <Secret label="Link" text={new URL(link.url, location.href).href} />
          <p class="quiet">{`It works until ${dateText(link.expiresAt)}.`}</p>
          <div class="form-actions">
            <button type="button" class="primary" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      )}
      {link === undefined && <LinksThatWork slideId={slide.id} />}
    </Dialog>
  );
}

/** The links made before, and the way to end them. */
function LinksThatWork({ slideId }: { slideId: string }) {
  const asked = useAsked(useCallback((signal) => listLinks(slideId, signal), [slideId]));
  const doing = useDoing();
  const withdraw = (linkId: string) =>
    doing.run(async () => {
      await withdrawLink(slideId, linkId);
      asked.refresh();
    });
  return (
    <div class="shares">
      <Failure error={doing.error} />
      <Answered asked={asked} what="the links">
        {(links) =>
          links.length > 0 && (
            <ul class="rows" aria-label="Links that work">
              {links.map(({ id, expiresAt, addedBy }) => (
                <li key={id} class="row">
                  <div class="row-main">
                    <h3>{`Until ${dateText(expiresAt)}`}</h3>
                    {addedBy !== undefined && <p class="quiet">{`made by ${addedBy}`}</p>}
                  </div>
                  <button
                    type="button"
                    class="secondary"
                    aria-label={`Withdraw the link that works until ${dateText(expiresAt)}`}
                    onClick={() => void withdraw(id)}
                  >
                    Withdraw
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </div>
  );
}
