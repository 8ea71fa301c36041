import { useEffect, useRef, useState } from 'preact/hooks';
import type { KnownMpp } from '../viewer/magnification.ts';
import { measuredText } from './mark-card.tsx';
import { kindWords, type Mark } from './shape.ts';
import { ToolIcon } from './tool-icon.tsx';

/** Height of a row, as in the style sheet, px. */
const rowPx = 52;
/** Rows drawn beyond what is in sight, on either side. */
const spare = 6;

interface MarkListProps {
  readonly marks: readonly Mark[];
  readonly selected: Mark | undefined;
  readonly mpp: KnownMpp;
  /** Selects one and brings it into view. */
  readonly onChoose: (mark: Mark) => void;
  readonly onDelete: (mark: Mark) => void;
  readonly onEdit: () => void;
}

/** All marks, of which only rows in sight are drawn. Arrows choose, Enter goes on to the label, Delete deletes. */
export function MarkList({ marks, selected, mpp, onChoose, onDelete, onEdit }: MarkListProps) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const at = selected === undefined ? -1 : marks.findIndex(({ id }) => id === selected.id);
  useEffect(() => {
    if (list.current === null) return undefined;
    const watcher = new ResizeObserver(([entry]) => setHeight(entry?.contentRect.height ?? 600));
    watcher.observe(list.current);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    if (list.current !== null && at >= 0) keepInSight(list.current, at);
  }, [at]);
  const first = Math.max(0, Math.floor(top / rowPx) - spare);
  const shown = marks.slice(first, Math.ceil((top + height) / rowPx) + spare);
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: marks.length - 1 }[event.key];
    const mark = to === undefined ? undefined : marks[Math.min(marks.length - 1, Math.max(0, to))];
    if (mark !== undefined) onChoose(mark);
    else if (event.key === 'Delete' && selected !== undefined) onDelete(selected);
    else if (event.key === 'Enter' && selected !== undefined) onEdit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={list}
      class="mark-list"
      role="listbox"
      tabIndex={0}
      aria-label="Annotations on this slide"
      aria-activedescendant={at >= 0 ? `mark-${selected?.id}` : undefined}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: `${marks.length * rowPx}px` }}>
        {shown.map((mark, i) => (
          <Row
            key={mark.id}
            mark={mark}
            place={first + i}
            count={marks.length}
            isSelected={first + i === at}
            mpp={mpp}
            onChoose={onChoose}
          />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  readonly mark: Mark;
  readonly place: number;
  readonly count: number;
  readonly isSelected: boolean;
  readonly mpp: KnownMpp;
  readonly onChoose: (mark: Mark) => void;
}

function Row({ mark, place, count, isSelected, mpp, onChoose }: RowProps) {
  const { kind, label, author } = mark;
  const details = [measuredText(mark, mpp), author.isMe ? '' : author.name].filter((text) => text !== '');
  return (
    <div
      id={`mark-${mark.id}`}
      class="mark-row"
      role="option"
      aria-selected={isSelected}
      aria-posinset={place + 1}
      aria-setsize={count}
      style={{ top: `${place * rowPx}px` }}
      onClick={() => onChoose(mark)}
    >
      <i style={{ background: mark.colour }} />
      <ToolIcon of={kind} />
      <span>
        <b>{label === '' ? kindWords[kind] : label}</b>
        {details.length > 0 && <small>{details.join(' · ')}</small>}
      </span>
    </div>
  );
}

function keepInSight(list: HTMLElement, at: number): void {
  const { scrollTop, clientHeight } = list;
  if (at * rowPx < scrollTop) list.scrollTop = at * rowPx;
  if ((at + 1) * rowPx > scrollTop + clientHeight) list.scrollTop = (at + 1) * rowPx - clientHeight;
}
