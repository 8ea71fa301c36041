import { useCallback, useState } from 'preact/hooks';
import { listSlides, thumbnailUrl, type SlideSummary } from '../api.ts';
import { Answered, Nothing, useAsked } from '../frame/answer.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { useSettled } from '../frame/use-settled.ts';
import { useMe } from '../session/session.ts';
import { dateText } from '../wording.ts';

interface ChooseSlidesProps {
  readonly there: readonly { readonly id: string }[];
  readonly onChoose: (ids: readonly string[]) => void;
  readonly onClose: () => void;
}

/** Slides of one's laboratory that can be put into a case. */
export function ChooseSlides({ there, onChoose, onClose }: ChooseSlidesProps) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [words, setWords] = useState('');
  const text = useSettled(words);
  const asked = useAsked(
    useCallback(async (signal) => ({ text, ...(await listSlides({ text, limit: 100 }, signal)) }), [text]),
  );
  const flip = (id: string) =>
    setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]));
  const own = useMe()?.organisation.id;
  return (
    <Dialog title="Add slides" onClose={onClose}>
      <div class="form choose-slides">
        <input
          type="search"
          class="search"
          aria-label="Search slides"
          placeholder="Search slides"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <Answered asked={asked} what="the slides">
          {(found) => (
            <Offered
              slides={found.slides.filter(
                ({ id, organisationId, state }) =>
                  organisationId === own && state.kind !== 'failed' && !there.some((one) => one.id === id),
              )}
              text={found.text}
              hasMore={found.next !== undefined}
              chosen={chosen}
              onFlip={flip}
            />
          )}
        </Answered>
        <div class="form-actions">
          <button
            type="button"
            class="primary"
            disabled={chosen.length === 0}
            onClick={() => onChoose(chosen)}
          >
            {chosen.length > 1 ? `Add ${chosen.length} slides` : 'Add'}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

interface OfferedProps {
  readonly slides: readonly SlideSummary[];
  /** What was looked for. */
  readonly text: string;
  readonly hasMore: boolean;
  readonly chosen: readonly string[];
  readonly onFlip: (id: string) => void;
}

function Offered({ slides, text, hasMore, chosen, onFlip }: OfferedProps) {
  if (slides.length === 0 && text.trim() !== '')
    return <Nothing title={`No slide matches “${text.trim()}”`} />;
  if (slides.length === 0)
    return <Nothing title="No slides to add">Drop slides on the page “Slides” first.</Nothing>;
  return (
    <>
      <ul class="offered" aria-label="Slides">
        {slides.map(({ id, name, addedAt }) => (
          <li key={id}>
            <label>
              <input type="checkbox" checked={chosen.includes(id)} onChange={() => onFlip(id)} />
              <img src={thumbnailUrl(id, 96)} alt="" loading="lazy" />
              <span>
                {name}
                <span class="quiet">{dateText(addedAt)}</span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      {hasMore && <p class="quiet">There are more: write a part of the name.</p>}
    </>
  );
}
