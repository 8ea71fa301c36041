import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Slide } from '../api.ts';
import { SidePanel } from '../viewer/side-panel.tsx';
import type { PartProps } from '../viewer/part.ts';
import type { SlideViewer } from '../viewer/slide-viewer.ts';
import { useDesk } from './desk-context.tsx';
import type { Desk } from './desk.ts';
import { GeoJsonTools } from './geojson-tools.tsx';
import { MarkList } from './mark-list.tsx';
import { SaveNote } from './save-note.tsx';
import { showMark } from './show-mark.ts';
import { kindWords, type Mark } from './shape.ts';

/** Narrower windows show the panel over the slide, so that it goes away for what was chosen in it, px. */
const narrowPx = 760;

/** The list of all that is drawn on the slide. */
export function MarksPanel({ slide, opened: { viewer }, onToggle }: PartProps) {
  const latest = useRef(onToggle);
  latest.current = onToggle;
  // The viewer draws its parts anew in every frame in which the slide moves: not all of the list with them.
  return useMemo(
    () => <ListOfMarks slide={slide} viewer={viewer} onToggle={() => latest.current()} />,
    [slide, viewer],
  );
}

interface ListOfMarksProps {
  readonly slide: Slide;
  readonly viewer: SlideViewer;
  readonly onToggle: () => void;
}

function ListOfMarks({ slide, viewer, onToggle }: ListOfMarksProps) {
  const desk = useDesk();
  const [wanted, setWanted] = useState('');
  const all = desk.marks.set.list();
  const marks = useMemo(() => found(all, wanted), [all, wanted]);
  const choose = (mark: Mark) => {
    desk.select(mark.id);
    showMark(viewer, mark);
  };
  const edit = () => {
    if (innerWidth <= narrowPx) onToggle();
    focusLabel(10);
  };
  return (
    <SidePanel title="Annotations" shortcut="M" testId="marks-panel" onClose={onToggle}>
      <Trouble desk={desk} />
      <div class="marks-head">
        <input
          type="search"
          aria-label="Search annotations"
          placeholder="Search label, kind or author"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        <p role="status">{countText(marks.length, all.length)}</p>
        <SaveNote marks={desk.marks} />
      </div>
      {all.length === 0 && desk.marks.load === 'ready' && (
        <p class="marks-empty">Nothing is drawn on this slide yet. Press A for the tools.</p>
      )}
      {marks.length > 0 && (
        <MarkList
          marks={marks}
          selected={desk.selected}
          mpp={slide.mpp}
          onChoose={choose}
          onDelete={(mark) => mark.author.isMe && desk.abilities.draws && desk.remove(mark)}
          onEdit={edit}
        />
      )}
      {desk.marks.drawn !== undefined && <GeoJsonTools desk={desk} />}
    </SidePanel>
  );
}

/** Goes to the label of the selected mark, which may be drawn some frames later only. */
function focusLabel(frames: number): void {
  requestAnimationFrame(() => {
    const label = document.querySelector<HTMLInputElement>('input.mark-label');
    if (label === null && frames > 0) focusLabel(frames - 1);
    else label?.focus();
  });
}

function found(marks: readonly Mark[], wanted: string): readonly Mark[] {
  const words = wanted.trim().toLowerCase();
  if (words === '') return marks;
  return marks.filter(({ kind, label, author }) =>
    `${kindWords[kind]} ${label} ${author.name}`.toLowerCase().includes(words),
  );
}

function countText(shown: number, all: number): string {
  if (shown < all) return `${shown} of ${all}`;
  return all === 1 ? '1 annotation' : `${all} annotations`;
}

/** Why the list may not be all there is. */
function Trouble({ desk }: { desk: Desk }) {
  const asked = useRef<AbortController>(undefined);
  useEffect(() => () => asked.current?.abort(), []);
  const { load } = desk.marks;
  if (load === 'loading') return <p class="marks-empty">Fetching what is drawn …</p>;
  if (load === 'ready') return null;
  const again = () => {
    asked.current?.abort();
    asked.current = new AbortController();
    void desk.marks.fetch(asked.current.signal);
  };
  return (
    <div class="marks-trouble" role="alert">
      <p>{`What is drawn on this slide could not be fetched. ${load.message}`}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}
