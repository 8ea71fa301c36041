import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { copied } from '../frame/clipboard.ts';
import { Icons } from '../icons.tsx';
import type { KnownMpp } from '../viewer/magnification.ts';
import type { Desk } from './desk.ts';
import { annotationLink } from './link.ts';
import { measuresOf, measuresText } from './measure.ts';
import { colours, kindWords, type Mark, type Visibility } from './shape.ts';
import { ToolIcon } from './tool-icon.tsx';

interface MarkCardProps {
  readonly mark: Mark;
  readonly desk: Desk;
  readonly mpp: KnownMpp;
  /** To the slide, where keys move what is drawn. */
  readonly onFocusSlide: () => void;
}

/** The selected mark: what it measures, what is said of it, and what can be done with it. */
export function MarkCard({ mark, desk, mpp, onFocusSlide }: MarkCardProps) {
  const isMine = desk.canChange;
  return (
    <section class="mark-card" aria-label={`Selected: ${kindWords[mark.kind]}`} data-testid="mark-card">
      <header>
        <i style={{ background: mark.colour }} />
        <h2>{kindWords[mark.kind]}</h2>
        <p data-testid="measures">{measuredText(mark, mpp)}</p>
        {desk.marks.drawn !== undefined && <CopyLink mark={mark} desk={desk} />}
        <Delete key={mark.id} mark={mark} desk={desk} />
        <button type="button" aria-label="Close: selected annotation" onClick={() => desk.select(undefined)}>
          <Icons.Close />
        </button>
      </header>
      {isMine ? (
        <Label key={mark.id} mark={mark} desk={desk} onDone={onFocusSlide} />
      ) : (
        <p class="mark-label">{mark.label === '' ? 'No label' : mark.label}</p>
      )}
      {!isMine && desk.marks.drawn !== undefined && <p class="mark-author">{`By ${mark.author.name}`}</p>}
      <div class="mark-actions">
        {isMine && <ColourChoice mark={mark} desk={desk} />}
        {isMine && desk.abilities.choosesVisibility && <VisibilityChoice mark={mark} desk={desk} />}
        {isMine && <MovePoints desk={desk} onFocusSlide={onFocusSlide} />}
      </div>
    </section>
  );
}

/** What a mark measures in words; that nothing can be measured where the scale is unknown. */
export function measuredText({ kind, geometry }: Mark, mpp: KnownMpp): string {
  if (geometry.type === 'Point' || kind === 'arrow') return '';
  return mpp === undefined ? 'Scale unknown: not measured' : measuresText(measuresOf(kind, geometry, mpp));
}

function Label({ mark, desk, onDone }: { mark: Mark; desk: Desk; onDone: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const isText = mark.kind === 'text';
  // At once: what is typed before it has the focus would be taken for commands.
  useLayoutEffect(() => {
    if (isText && mark.label === '') input.current?.focus();
  }, [isText]);
  // What is typed stays in sight, however often the card is drawn meanwhile.
  const [text, setText] = useState(mark.label);
  const isGivenUp = useRef(false);
  useEffect(() => setText(mark.label), [mark.label]);
  const keep = () => {
    const label = text.trim();
    if (!isGivenUp.current && label !== mark.label) desk.change(mark, { label });
  };
  return (
    <input
      ref={input}
      class="mark-label"
      aria-label={isText ? 'Text' : 'Label'}
      placeholder={isText ? 'Text on the slide' : 'Label'}
      maxLength={500}
      value={text}
      onInput={(event) => {
        isGivenUp.current = false;
        setText(event.currentTarget.value);
      }}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== 'Escape') return;
        event.stopPropagation();
        isGivenUp.current = event.key === 'Escape';
        if (isGivenUp.current) setText(mark.label);
        // Going away keeps it.
        onDone();
      }}
    />
  );
}

function ColourChoice({ mark, desk }: { mark: Mark; desk: Desk }) {
  const known = colours.some(([hex]) => hex === mark.colour);
  return (
    <select
      aria-label="Colour"
      value={mark.colour}
      onChange={(event) => desk.change(mark, { colour: event.currentTarget.value })}
    >
      {!known && <option value={mark.colour}>Another colour</option>}
      {colours.map(([hex, name]) => (
        <option key={hex} value={hex}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** For whom marks can be, and in which words. */
function visibilityChoices(caseId: string | undefined): readonly (readonly [Visibility, string])[] {
  return [
    ...(caseId === undefined ? [] : [['case', 'All who see this case'] as const]),
    ['organisation', 'My organisation'],
    ['me', 'Only me'],
  ];
}

function VisibilityChoice({ mark, desk }: { mark: Mark; desk: Desk }) {
  return (
    <select
      aria-label="Who sees it"
      value={mark.visibility}
      onChange={(event) => {
        const chosen = visibilityChoices(desk.abilities.caseId).find(
          ([one]) => one === event.currentTarget.value,
        );
        if (chosen !== undefined) desk.change(mark, { visibility: chosen[0] });
      }}
    >
      {visibilityChoices(mark.visibility === 'case' ? 'this' : desk.abilities.caseId).map(
        ([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ),
      )}
    </select>
  );
}

/** For the keyboard: pointers take the handles themselves. */
function MovePoints({ desk, onFocusSlide }: { desk: Desk; onFocusSlide: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={desk.handle !== undefined}
      title="Move its points with the arrow keys; Enter takes the next, Escape ends"
      onClick={() => {
        desk.takeHandle(desk.handle === undefined ? 0 : undefined);
        onFocusSlide();
      }}
    >
      Move points
    </button>
  );
}

function CopyLink({ mark, desk }: { mark: Mark; desk: Desk }) {
  const copy = async () => {
    const { slideId = '', caseId } = desk.marks.drawn ?? {};
    const url = new URL(annotationLink(slideId, mark.id, caseId), location.href).href;
    desk.marks.say((await copied(url)) ? 'Link copied' : 'The browser does not let links be copied');
  };
  return (
    <button
      type="button"
      aria-label="Copy a link to this annotation"
      title="Copy a link to this annotation"
      onClick={() => void copy()}
    >
      <Icons.Link />
    </button>
  );
}

/** One’s own are deleted at once, for that can be undone; what others drew after one more word. */
function Delete({ mark, desk }: { mark: Mark; desk: Desk }) {
  const [isAsked, setAsked] = useState(false);
  if (!desk.canChange && !desk.abilities.removes) return null;
  const removeOthers = () => {
    desk.marks.removeOthers(mark.id).then(
      () => desk.select(undefined),
      (error: unknown) => desk.marks.say(error instanceof Error ? error.message : String(error)),
    );
  };
  const act = () => {
    if (desk.canChange) desk.remove(mark);
    else if (isAsked) removeOthers();
    else setAsked(true);
  };
  return (
    <button type="button" aria-label={isAsked ? undefined : 'Delete'} title="Delete (Del)" onClick={act}>
      <ToolIcon of="delete" />
      {isAsked && 'Delete for everybody'}
    </button>
  );
}
