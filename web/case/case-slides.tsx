import { useState } from 'preact/hooks';
import { thumbnailUrl } from '../api.ts';
import type { CaseSlide } from '../api/cases.ts';
import { Failure } from '../frame/form.tsx';
import { follow } from '../frame/router.ts';
import { Icons } from '../icons.tsx';
import { ChooseSlides } from './choose-slides.tsx';
import type { CaseSectionProps } from './case-section.ts';
import { caseSlideUrl } from './case-words.ts';
import { SlideFields } from './slide-fields.tsx';
import { useSlideList } from './use-slide-list.ts';

/** The slides of a case: to be opened, and by the laboratory put in order and named by block and stain. */
export function CaseSlides({ found, onChanged }: CaseSectionProps) {
  const [isEditing, setEditing] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  const { slides, newest, error, change } = useSlideList(found, onChanged);
  const mayEdit = found.rights.edit && found.state !== 'closed';
  const edits = mayEdit && (isEditing || found.state === 'draft');
  const known = new Map(newest.slides.map((slide) => [slide.id, slide]));
  return (
    <section class="box case-slides" aria-label="Slides">
      <div class="form-head">
        <h2>{slides.length === 1 ? '1 slide' : `${slides.length} slides`}</h2>
        <div class="row-actions">
          <CompareLink caseId={found.id} slides={newest.slides} />
          {mayEdit && found.state !== 'draft' && (
            <button
              type="button"
              class="secondary"
              aria-pressed={isEditing}
              onClick={() => setEditing(!isEditing)}
            >
              Change
            </button>
          )}
          {edits && (
            <button type="button" class="secondary" onClick={() => setChoosing(true)}>
              Add slides …
            </button>
          )}
        </div>
      </div>
      <Failure error={error} />
      {slides.length === 0 && (
        <p class="quiet">
          {mayEdit ? 'Put in the slides that the question is about.' : 'There are no slides.'}
        </p>
      )}
      <ol class="slide-grid">
        {slides.map(({ id }, i) => (
          <li key={id} data-testid="case-slide">
            <SlidePicture caseId={found.id} slide={known.get(id)} />
            {edits ? (
              <SlideFields name={known.get(id)?.name ?? ''} slides={slides} at={i} onChange={change} />
            ) : (
              <p class="slide-title">{known.get(id)?.title ?? ''}</p>
            )}
          </li>
        ))}
      </ol>
      {isChoosing && (
        <ChooseSlides
          there={slides}
          onClose={() => setChoosing(false)}
          onChoose={(chosen) => {
            setChoosing(false);
            change((now) => [...now, ...chosen.map((id) => ({ id, block: '', stain: '' }))]);
          }}
        />
      )}
    </section>
  );
}

/** The way to the first four slides side by side. */
function CompareLink({ caseId, slides }: { caseId: string; slides: readonly CaseSlide[] }) {
  const viewable = slides.filter(({ state }) => state.kind === 'viewable' || state.kind === 'complete');
  if (viewable.length < 2) return null;
  const ids = viewable.slice(0, 4).map(({ id }) => id);
  return (
    <a class="button secondary" href={`/compare?slides=${ids.join(',')}&case=${caseId}`} onClick={follow}>
      Compare
    </a>
  );
}

function SlidePicture({ caseId, slide }: { caseId: string; slide: CaseSlide | undefined }) {
  const kind = slide?.state.kind ?? 'checking';
  if (slide === undefined || (kind !== 'viewable' && kind !== 'complete' && kind !== 'receiving'))
    return (
      <div class="picture none">
        {kind === 'failed' ? <Icons.Warning /> : <Icons.Slide />}
        <span>{kind === 'failed' ? 'cannot be shown' : 'is being prepared'}</span>
      </div>
    );
  return (
    <a
      class="picture"
      href={caseSlideUrl(caseId, slide.id)}
      onClick={follow}
      aria-label={`Open ${slide.title}`}
    >
      <img src={thumbnailUrl(slide.id, 256)} alt="" loading="lazy" decoding="async" />
    </a>
  );
}
