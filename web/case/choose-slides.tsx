import { useCallback, useState } from 'preact/hooks';
import { listSlides, thumbnailUrl, type SlideSummary } from '../api.ts';
import { Answered, Nothing, useAsked } from '../frame/answer.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { useMe } from '../session/session.ts';
import { dateText } from '../wording.ts';

interface ChooseSlidesProps {
  readonly there: readonly { readonly id: string }[];
  readonly onChoose: (ids: readonly string[]) => void;
  readonly onClose: () => void;
}

/** Slides of one's laboratory that can be put into a case. */
export function ChooseSlides({ there, onChoose, onClose }: ChooseSlidesProps) {
  const asked = useAsked(useCallback((signal) => listSlides(signal), []));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [words, setWords] = useState('');
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
          {(slides) => (
            <Offered
              slides={slides.filter(
                ({ id, organisationId, state }) =>
                  organisationId === own && state.kind !== 'failed' && !there.some((one) => one.id === id),
              )}
              words={words}
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
  readonly words: string;
  readonly chosen: readonly string[];
  readonly onFlip: (id: string) => void;
}

function Offered({ slides, words, chosen, onFlip }: OfferedProps) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = slides.filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word)));
  if (slides.length === 0)
    return <Nothing title="No slides to add">Drop slides on the page “Slides” first.</Nothing>;
  if (found.length === 0) return <Nothing title={`No slide matches “${words.trim()}”`} />;
  return (
    <ul class="offered" aria-label="Slides">
      {found.map(({ id, name, addedAt }) => (
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
  );
}
