import type { SlideViewer } from '../viewer/slide-viewer.ts';
import { useKeys } from '../viewer/use-keys.ts';
import { readToolKey, toolKeys, undoOrRedo } from './desk-keys.ts';
import type { Desk } from './desk.ts';
import { pointsOf } from './draft.ts';
import { SaveNote } from './save-note.tsx';
import { colours, kinds, kindWords, type Kind } from './shape.ts';
import { ToolIcon } from './tool-icon.tsx';

/** The drawing tools, above the slide. */
export function DrawBar({ desk, viewer }: { desk: Desk; viewer: SlideViewer }) {
  useKeys((event) => readToolKey(desk, event));
  const offered = kinds.filter((kind) => desk.offers(kind));
  return (
    <div class="draw-bar" role="toolbar" aria-label="Draw and measure">
      {offered.length === 0 && <p class="draw-note">{whyNothing(desk)}</p>}
      {offered.map((kind) => (
        <ToolButton key={kind} kind={kind} desk={desk} viewer={viewer} />
      ))}
      {offered.length > 0 && <Colours desk={desk} />}
      <UndoButtons desk={desk} />
      <SaveNote marks={desk.marks} />
      {desk.tool !== undefined && <Hint desk={desk} tool={desk.tool} />}
    </div>
  );
}

function whyNothing({ abilities, marks }: Desk): string {
  if (marks.drawn !== undefined) return 'Lab staff and pathologists draw on slides; you see what they drew.';
  return abilities.measures ? '' : 'The file does not say how large a pixel is, so nothing can be measured.';
}

function ToolButton({ kind, desk, viewer }: { kind: Kind; desk: Desk; viewer: SlideViewer }) {
  const isOn = desk.tool === kind;
  const name = kind === 'line' && !desk.abilities.measures ? 'Line (scale unknown)' : kindWords[kind];
  return (
    <button
      type="button"
      aria-label={name}
      aria-pressed={isOn}
      title={`${name} (${toolKeys[kind].toUpperCase()})`}
      onClick={() => {
        desk.pick(isOn ? undefined : kind);
        // From here on arrows and Enter are for the slide.
        viewer.osd.canvas.focus();
      }}
    >
      <ToolIcon of={kind} />
    </button>
  );
}

function Colours({ desk }: { desk: Desk }) {
  return (
    <label class="draw-colour" title="Colour of what is drawn">
      <i style={{ background: desk.colour }} />
      <select
        aria-label="Colour of what is drawn"
        value={desk.colour}
        onChange={(event) => desk.take(event.currentTarget.value)}
      >
        {colours.map(([hex, name]) => (
          <option key={hex} value={hex}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function UndoButtons({ desk }: { desk: Desk }) {
  return (
    <>
      <button
        type="button"
        aria-label="Undo"
        title="Undo (Ctrl Z)"
        disabled={!desk.marks.canUndo}
        onClick={() => undoOrRedo(desk, 'undo')}
      >
        <ToolIcon of="undo" />
      </button>
      <button
        type="button"
        aria-label="Redo"
        title="Redo (Ctrl Shift Z)"
        disabled={!desk.marks.canRedo}
        onClick={() => undoOrRedo(desk, 'redo')}
      >
        <ToolIcon of="redo" />
      </button>
    </>
  );
}

/** What to do next with the tool in hand; an outline can be completed here, too. */
function Hint({ desk, tool }: { desk: Desk; tool: Kind }) {
  const points = desk.draft?.points.length ?? 0;
  return (
    <p class="draw-hint">
      <span>{hintOf(tool, points)}</span>
      {pointsOf(tool) === 'many' && points > 2 && (
        <button type="button" onClick={() => desk.finish()}>
          <ToolIcon of="done" />
          Complete
        </button>
      )}
      <button type="button" onClick={() => (desk.cancel() ? undefined : desk.pick(undefined))}>
        {points > 0 ? 'Cancel' : 'Put away'}
      </button>
    </p>
  );
}

function hintOf(tool: Kind, points: number): string {
  if (pointsOf(tool) === 1) return 'Click where it belongs.';
  if (tool === 'polygon')
    return points === 0
      ? 'Click corner after corner.'
      : 'Go on; the first corner or a double click completes it.';
  if (tool === 'freehand') return 'Draw around it; the ends are joined.';
  return points === 0 ? 'Drag from one end to the other, or click both.' : 'Click the other end.';
}
