import { useEffect, useState } from 'preact/hooks';
import { canBeViewed, type SlideSummary } from './api.ts';
import { CompareWith } from './compare/compare-with.tsx';
import { Trouble } from './frame/answer.tsx';
import { SearchField } from './frame/search-field.tsx';
import { Icons } from './icons.tsx';
import { SlideCard } from './list/slide-card.tsx';
import { useFileDrop } from './list/use-file-drop.ts';
import { useSlides, type SlidesSeen } from './list/use-slides.ts';
import type { Uploads } from './list/use-uploads.ts';
import { ChooseFiles } from './uploads/choose-files.tsx';
import { droppedFiles } from './uploads/dropped.ts';
import { QueuePanel } from './uploads/queue-panel.tsx';
import './styles/cards.css';
import './styles/list.css';

interface SlideListProps {
  /** Files on their way; they outlive this page of the list. */
  readonly sending: Uploads;
  readonly onOpen: (id: string) => void;
  /** Called when a slide is likely to be opened next, so that the viewer can be fetched ahead. */
  readonly onAboutToOpen: () => void;
}

/** All slides, and the door for new ones. */
export function SlideList({ sending, onOpen, onAboutToOpen }: SlideListProps) {
  const { uploads, ended, add, queue } = sending;
  const begun = uploads.filter(({ slideId }) => slideId !== undefined).length;
  const [filter, setFilter] = useState('');
  const seen = useSlides(`${ended} ${begun}`, filter);
  const isOver = useFileDrop((transfer) => void droppedFiles(transfer).then(add));
  const hasSlides = filter !== '' || (seen.slides?.length ?? 0) > 0;
  useEffect(() => {
    document.title = 'Slides · Telepath';
  }, []);
  useEffect(() => {
    const gone = new AbortController();
    void queue.restore(gone.signal);
    return () => gone.abort();
  }, [queue]);
  return (
    <div class={isOver ? 'list-page over' : 'list-page'}>
      <div class="list-header">
        <h1>Slides</h1>
        {hasSlides && (
          <SearchField label="Search slides by name or scanner" value={filter} onChange={setFilter} />
        )}
        {(seen.slides?.length ?? 0) > 1 && <CompareWith class="secondary compare-entry">Compare</CompareWith>}
        <ChooseFiles onChoose={add} />
      </div>
      {seen.error !== undefined && <Trouble error={seen.error} what="the slides" onRetry={seen.refresh} />}
      <QueuePanel sending={sending} viewable={viewableIds(seen.slides)} onOpen={onOpen} />
      <main id="content" tabIndex={-1} aria-busy={seen.slides === undefined}>
        <Slides seen={seen} onOpen={onOpen} onAboutToOpen={onAboutToOpen} />
      </main>
      <footer class="list-footer">
        <a href="/api">API</a>
      </footer>
      {isOver && <div class="drop-hint">Drop slides to add them</div>}
    </div>
  );
}

interface SlidesProps extends Omit<SlideListProps, 'sending'> {
  readonly seen: SlidesSeen;
}

function Slides({ seen, onOpen, onAboutToOpen }: SlidesProps) {
  const { slides, text, hasMore, error, refresh, more } = seen;
  if (slides === undefined) return error === undefined ? <Skeleton /> : null;
  if (slides.length === 0 && text.trim() === '') return <Empty />;
  if (slides.length === 0) return <p class="nothing-found">{`No slide matches “${text.trim()}”.`}</p>;
  return (
    <>
      <ul class="cards" aria-label="Slides">
        {slides.map((slide) => (
          <SlideCard
            key={slide.id}
            slide={slide}
            onOpen={() => onOpen(slide.id)}
            onAboutToOpen={onAboutToOpen}
            onChanged={refresh}
          />
        ))}
      </ul>
      {hasMore && (
        <button type="button" class="secondary more" onClick={more}>
          Show more
        </button>
      )}
    </>
  );
}

/** Slides that can be opened, also while they arrive. */
function viewableIds(slides: readonly SlideSummary[] | undefined): ReadonlySet<string> {
  return new Set(slides?.filter(({ state }) => canBeViewed(state)).map(({ id }) => id));
}

function Empty() {
  return (
    <div class="empty">
      <Icons.Slide />
      <h2>No slides yet</h2>
      <p>
        Drop a whole-slide image anywhere on this page, or choose “Add slides”. Aperio SVS, TIFF and BigTIFF
        open as soon as their last byte has arrived.
      </p>
    </div>
  );
}

function Skeleton() {
  return (
    <ul class="cards" aria-label="Loading the slides">
      {[1, 2, 3, 4].map((n) => (
        <li key={n} class="card skeleton">
          <div class="picture" />
          <div class="text">
            <i />
            <i />
          </div>
        </li>
      ))}
    </ul>
  );
}
