import { useCallback, useState } from 'preact/hooks';
import { thumbnailUrl } from '../api.ts';
import { Answered, Nothing, useAsked } from '../frame/answer.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { SearchField } from '../frame/search-field.tsx';
import { useSettled } from '../frame/use-settled.ts';
import { dateText } from '../wording.ts';
import { fewest, most } from './address.ts';
import { candidates, type Candidate } from './candidates.ts';
import '../styles/slide-picker.css';

interface SlidePickerProps {
  /** The case whose slides are offered; undefined: all slides. */
  readonly caseId: string | undefined;
  /** Slides that are chosen already, by id. */
  readonly chosen: readonly string[];
  /** Called with two to four ids, in the order in which they were chosen. */
  readonly onChoose: (ids: readonly string[]) => void;
  readonly onClose: () => void;
}

/** A dialog in which two to four slides are chosen, to be compared. */
export function SlidePicker({ caseId, chosen, onChoose, onClose }: SlidePickerProps) {
  const [ids, setIds] = useState(chosen);
  const [filter, setFilter] = useState('');
  const text = useSettled(filter);
  const question = useCallback(
    async (signal: AbortSignal) => await candidates(caseId, text, signal),
    [caseId, text],
  );
  const asked = useAsked(question);
  const flip = (id: string) =>
    setIds((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]));
  return (
    // Keys typed here are not those of the viewer behind it.
    <div onKeyDown={(event) => event.stopPropagation()}>
      <Dialog title="Compare slides" onClose={onClose}>
        <div class="slide-picker">
          <SearchField label="Search slides by name or stain" value={filter} onChange={setFilter} />
          <Answered asked={asked} what="the slides">
            {({ slides, hasMore }) => (
              <>
                <Choices slides={slides} ids={ids} onFlip={flip} />
                {hasMore && <p class="quiet">There are more: write a part of the name.</p>}
              </>
            )}
          </Answered>
          <footer>
            <p role="status">{chosenText(ids.length)}</p>
            <button
              type="button"
              class="primary"
              disabled={ids.length < fewest}
              onClick={() => onChoose(ids)}
            >
              Compare
            </button>
          </footer>
        </div>
      </Dialog>
    </div>
  );
}

interface ChoicesProps {
  readonly slides: readonly Candidate[];
  readonly ids: readonly string[];
  readonly onFlip: (id: string) => void;
}

function Choices({ slides, ids, onFlip }: ChoicesProps) {
  if (slides.length === 0) return <Nothing title="No slides to choose from" />;
  return (
    <ul aria-label="Slides to choose from">
      {slides.map((slide) => {
        const place = ids.indexOf(slide.id);
        return (
          <li key={slide.id}>
            <label class={place >= 0 ? 'chosen' : ''}>
              <input
                type="checkbox"
                checked={place >= 0}
                disabled={place < 0 && ids.length >= most}
                onChange={() => onFlip(slide.id)}
              />
              <img src={thumbnailUrl(slide.id, 256)} alt="" loading="lazy" decoding="async" />
              <span class="text">
                <b title={slide.name}>{slide.name}</b>
                <span>{factsText(slide)}</span>
              </span>
              {place >= 0 && <i aria-hidden="true">{place + 1}</i>}
            </label>
          </li>
        );
      })}
    </ul>
  );
}

function chosenText(count: number): string {
  if (count === 0) return 'Choose two to four';
  if (count === 1) return '1 chosen: choose one to three more';
  return count === most ? 'Four chosen: as many as fit' : `${count} chosen`;
}

function factsText({ about, objectivePower, addedAt }: Candidate): string {
  const power = objectivePower === undefined ? undefined : `${objectivePower}×`;
  const added = addedAt === undefined ? undefined : dateText(addedAt);
  return [about, power, added].filter((one) => one !== undefined).join(' · ');
}
