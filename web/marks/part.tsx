import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Slide } from '../api.ts';
import type { PartProps, StagePart } from '../viewer/part.ts';
import type { SlideViewer } from '../viewer/slide-viewer.ts';
import { useKeys } from '../viewer/use-keys.ts';
import '../styles/marks.css';
import { DeskAround, useDesk } from './desk-context.tsx';
import { deskHelp, readDeskKey } from './desk-keys.ts';
import { DrawBar } from './draw-bar.tsx';
import { MarkCard } from './mark-card.tsx';
import { MarksPanel } from './marks-panel.tsx';
import { startPen } from './pen.ts';
import { ToolIcon } from './tool-icon.tsx';
import { useLayers } from './use-layers.ts';

/** Drawing and measuring: the tools, and the marks over the slide. */
export const drawing: StagePart = {
  name: 'drawing',
  Tool: DrawTool,
  Overlay: MarksOverlay,
  Around: DeskAround,
  help: deskHelp,
};

/** The list of annotations. */
export const marks: StagePart = {
  name: 'marks',
  tool: { label: 'Annotations', key: 'm', Icon: () => <ToolIcon of="list" /> },
  Panel: MarksPanel,
};

function DrawTool() {
  const desk = useDesk();
  return (
    <button
      type="button"
      aria-label="Draw and measure"
      aria-pressed={desk.isOpen}
      title="Draw and measure (A)"
      onClick={() => desk.open(!desk.isOpen)}
    >
      <ToolIcon of="draw" />
    </button>
  );
}

/** What is drawn on the slide, and what is needed to draw. */
function MarksOverlay({ slide, opened: { viewer } }: PartProps) {
  // The viewer draws its parts anew in every frame in which the slide moves; these follow it by themselves.
  return useMemo(() => <Drawing slide={slide} viewer={viewer} />, [slide, viewer]);
}

function Drawing({ slide, viewer }: { slide: Slide; viewer: SlideViewer }) {
  const desk = useDesk();
  const host = useRef<HTMLDivElement>(null);
  useLayers(host, viewer, desk, slide.mpp);
  useEffect(() => startPen(viewer, desk), [viewer, desk]);
  useKeys((event) => readDeskKey(desk, viewer, event));
  const { selected } = desk;
  const focusSlide = () => viewer.osd.canvas.focus();
  return (
    <>
      <div class="mark-layers" ref={host} aria-hidden="true" data-testid="mark-layers" />
      {desk.isOpen && <DrawBar desk={desk} viewer={viewer} />}
      {selected !== undefined && desk.moving === undefined && (
        <MarkCard mark={selected} desk={desk} mpp={slide.mpp} onFocusSlide={focusSlide} />
      )}
      <p class="marks-notice" role="status" data-testid="marks-notice">
        {desk.marks.notice}
      </p>
    </>
  );
}
