import { useCallback, useState } from 'preact/hooks';
import { ApiError } from '../api/request.ts';
import { endShare, listShares, shareSlide, type Share } from '../api/sharing.ts';
import { Answered, useAsked, type Asked } from '../frame/answer.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { Failure, Field, Form, useDoing } from '../frame/form.tsx';

interface ShareDialogProps {
  readonly slide: { readonly id: string; readonly name: string };
  readonly onClose: () => void;
}

/** Which other organisations may view a slide. */
export function ShareDialog({ slide, onClose }: ShareDialogProps) {
  const asked = useAsked(useCallback((signal) => listShares(slide.id, signal), [slide.id]));
  const doing = useDoing();
  const [organisation, setOrganisation] = useState('');
  const submit = async () => {
    await shared(slide.id, organisation.trim());
    setOrganisation('');
    asked.refresh();
  };
  return (
    <Dialog title={`Share ${slide.name}`} onClose={onClose}>
      <Form doing={doing} action="Share" onSubmit={submit} isIncomplete={organisation.trim() === ''}>
        <p class="quiet">
          Everyone at the other organisation can then view the slide. They do not see its label, and cannot
          change or pass it on.
        </p>
        <Field
          label="Name of the organisation"
          hint="As it is called here, e.g. University Hospital North"
          autofocus
          value={organisation}
          onChange={setOrganisation}
        />
      </Form>
      <SharedWith slideId={slide.id} asked={asked} />
    </Dialog>
  );
}

interface SharedWithProps {
  readonly slideId: string;
  readonly asked: Asked<readonly Share[]>;
}

/** With whom it is shared now, and the way to end that. */
function SharedWith({ slideId, asked }: SharedWithProps) {
  const ending = useDoing();
  const end = (share: Share) =>
    ending.run(async () => {
      await endShare(slideId, share.organisation.id);
      asked.refresh();
    });
  return (
    <div class="shares">
      <Failure error={ending.error} />
      <Answered asked={asked} what="who else sees it">
        {(shares) =>
          shares.length === 0 ? (
            <p class="quiet">Nobody else sees it yet.</p>
          ) : (
            <ul class="rows" aria-label="Shared with">
              {shares.map((share) => (
                <li key={share.organisation.id} class="row">
                  <div class="row-main">
                    <h3>{share.organisation.name}</h3>
                  </div>
                  <button
                    type="button"
                    class="secondary"
                    aria-label={`Stop sharing with ${share.organisation.name}`}
                    onClick={() => void end(share)}
                  >
                    Stop
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

async function shared(slideId: string, organisation: string): Promise<void> {
  try {
    await shareSlide(slideId, organisation);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    const message = `There is no organisation called “${organisation}” here. Ask them for its exact name.`;
    throw new ApiError(404, message, { cause: error });
  }
}
