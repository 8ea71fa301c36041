import { useEffect, useRef, useState } from 'preact/hooks';
import type { SlideSummary } from './api.ts';
import iconUrl from './icon.svg';
import { Icons } from './icons.tsx';
import { SlideCard } from './list/slide-card.tsx';
import { UploadRow } from './list/upload-row.tsx';
import { useFileDrop } from './list/use-file-drop.ts';
import { useSlides, type SlidesSeen } from './list/use-slides.ts';
import type { Uploads } from './list/use-uploads.ts';
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
  const { uploads, arrived, add, remove } = sending;
  const seen = useSlides(arrived);
  const isOver = useFileDrop(add);
  const [filter, setFilter] = useState('');
  useEffect(() => {
    document.title = 'Slides · Telepath';
  }, []);
  return (
    <div class={isOver ? 'list-page over' : 'list-page'}>
      <header class="list-header">
        <h1>
          <img src={iconUrl} alt="" width="28" height="28" />
          Telepath
        </h1>
        {(seen.slides?.length ?? 0) > 0 && <Filter value={filter} onChange={setFilter} />}
        <ChooseFiles onChoose={add} />
      </header>
      {seen.error !== undefined && <Trouble seen={seen} />}
      {uploads.length > 0 && (
        <ul class="uploads" aria-label="Files on their way">
          {uploads.map((upload) => (
            <UploadRow key={upload.key} upload={upload} onRemove={() => remove(upload.key)} />
          ))}
        </ul>
      )}
      <main aria-busy={seen.slides === undefined}>
        <Slides seen={seen} filter={filter} onOpen={onOpen} onAboutToOpen={onAboutToOpen} />
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
  readonly filter: string;
}

function Slides({ seen, filter, onOpen, onAboutToOpen }: SlidesProps) {
  if (seen.slides === undefined) return seen.error === undefined ? <Skeleton /> : null;
  if (seen.slides.length === 0) return <Empty />;
  const found = matching(seen.slides, filter);
  if (found.length === 0) return <p class="nothing-found">{`No slide matches “${filter.trim()}”.`}</p>;
  return (
    <ul class="cards" aria-label="Slides">
      {found.map((slide) => (
        <SlideCard
          key={slide.id}
          slide={slide}
          onOpen={() => onOpen(slide.id)}
          onAboutToOpen={onAboutToOpen}
        />
      ))}
    </ul>
  );
}

/** Slides whose name or vendor holds every word of the filter. */
function matching(slides: readonly SlideSummary[], filter: string): readonly SlideSummary[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return slides.filter(({ name, vendor }) => {
    const text = `${name} ${vendor ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function Filter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <label class="filter">
      <Icons.Search />
      <input
        type="search"
        placeholder="Search slides"
        aria-label="Search slides by name or scanner"
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}

function ChooseFiles({ onChoose }: { onChoose: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="primary" onClick={() => input.current?.click()}>
        <Icons.Upload />
        Add slides
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="file"
        onChange={(event) => {
          onChoose([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}

function Trouble({ seen }: { seen: SlidesSeen }) {
  const isOffline = !navigator.onLine;
  return (
    <div class="trouble" role="alert">
      <Icons.Warning />
      <p>
        <b>{isOffline ? 'You are offline.' : 'The list cannot be refreshed.'}</b> {seen.error?.message}
      </p>
      <button type="button" onClick={seen.refresh}>
        Try again
      </button>
    </div>
  );
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
