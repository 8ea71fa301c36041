import type { Slide } from '../api.ts';
import { Icons } from '../icons.tsx';
import type { LinkedViews } from './linked-views.ts';
import { planesOf, stretch, toPlane } from './transform.ts';
import type { Marking } from './use-marking.ts';
import { alignmentText, stretchText } from './words.ts';

interface AlignBarProps {
  readonly slides: readonly Slide[];
  readonly links: LinkedViews;
  /** Position of the slide that is moved alone. */
  readonly active: number;
  readonly marking: Marking;
  readonly onClose: () => void;
}

/** Lays slides over each other: by marking the same structures, or by nudging one. */
export function AlignBar(props: AlignBarProps) {
  return (
    <div class="align-bar" role="region" aria-label="Alignment">
      {props.marking.isOn ? <MarkingTools {...props} /> : <NudgeTools {...props} />}
    </div>
  );
}

function MarkingTools({ slides, links, marking }: AlignBarProps) {
  return (
    <>
      <p role="status">{marking.trouble ?? markingText(slides, links, marking)}</p>
      <div class="tools">
        <button
          type="button"
          disabled={marking.marks.every((own) => own.length === 0)}
          onClick={marking.clear}
        >
          Mark anew
        </button>
        <button type="button" class="primary" onClick={marking.stop}>
          Done
        </button>
      </div>
    </>
  );
}

function NudgeTools({ slides, links, active, marking, onClose }: AlignBarProps) {
  const alignment = links.alignments[active];
  const isMeasured = slides.some(({ mpp }) => mpp !== undefined);
  const ways = [
    ['left', '←', -1, 0],
    ['up', '↑', 0, -1],
    ['down', '↓', 0, 1],
    ['right', '→', 1, 0],
  ] as const;
  return (
    <>
      <p role="status" data-testid="alignment">
        <b>{`${active + 1} ${slides[active]?.name ?? ''}`}</b>{' '}
        {alignment !== undefined && alignmentText(alignment, isMeasured)}
      </p>
      <div class="tools" role="group" aria-label={`Move slide ${active + 1} alone`}>
        {ways.map(([name, arrow, right, down]) => (
          <button
            key={name}
            type="button"
            aria-label={`Nudge ${name}`}
            title={`Nudge ${name} by a pixel (W A S D)`}
            onClick={() => links.nudge(active, right, down)}
          >
            {arrow}
          </button>
        ))}
        <button
          type="button"
          aria-label="Turn alone to the left"
          title="Turn alone by ½° (Q)"
          onClick={() => links.turnAlone(active, -0.5)}
        >
          <Icons.RotateLeft />
        </button>
        <button
          type="button"
          aria-label="Turn alone to the right"
          title="Turn alone by ½° (E)"
          onClick={() => links.turnAlone(active, 0.5)}
        >
          <Icons.RotateRight />
        </button>
      </div>
      <div class="tools">
        <button type="button" title="Mark the same structure in each slide (M)" onClick={marking.start}>
          Mark structures
        </button>
        <button type="button" disabled={!links.canUndo} onClick={() => links.undo()}>
          Undo
        </button>
        <button type="button" disabled={!isAligned(links)} onClick={() => links.reset()}>
          Reset
        </button>
        <button type="button" aria-label="Close: alignment" title="Close" onClick={onClose}>
          <Icons.Close />
        </button>
      </div>
    </>
  );
}

function isAligned({ alignments }: LinkedViews): boolean {
  return alignments.some(({ x, y, degrees }) => x !== 0 || y !== 0 || degrees !== 0);
}

/** What is to be done next, and how well the marks fit. */
function markingText(slides: readonly Slide[], links: LinkedViews, { marks, pairs }: Marking): string {
  if (pairs === 0) {
    const open = marks.flatMap((own, n) => (own.length === 0 ? [n + 1] : []));
    const where = open.length === slides.length ? 'each slide' : `slide ${open.join(' and ')}`;
    return `Mark one structure in ${where}: click it, or put it under the cross and press Enter. Slides move apart meanwhile.`;
  }
  if (pairs === 1)
    return 'Laid together. To turn them too, mark a second structure, far from the first, in each slide. Or you are done.';
  const planes = planesOf(slides);
  const [first = []] = marks;
  const [plane] = planes;
  const [alignment] = links.alignments;
  if (plane === undefined || alignment === undefined) return 'Aligned by two structures.';
  const targets = first.map((px) => toPlane(px, plane, alignment));
  const misfits = slides.flatMap(({ name }, n) => {
    const own = planes[n];
    const words = own && stretchText(name, stretch(marks[n] ?? [], targets, own));
    return words === undefined ? [] : [words];
  });
  return ['Aligned by two structures.', ...misfits].join(' ');
}
