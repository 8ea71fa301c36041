import { useRef, useState, type Dispatch, type StateUpdater } from 'preact/hooks';
import type { Slide } from '../api.ts';
import { Icons } from '../icons.tsx';
import { ArrivingBadge } from './arriving.tsx';
import { FirstLook } from './first-look.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { InfoPanel } from './info-panel.tsx';
import { commandFor, keyHelp, type Command } from './keyboard.ts';
import { magnificationSteps } from './magnification.ts';
import type { AroundProps, PartProps, StagePart } from './part.ts';
import { parts as allParts } from './parts.ts';
import { ScaleBar } from './scale-bar.tsx';
import { ToolBar } from './tool-bar.tsx';
import { ToolRail } from './tool-rail.tsx';
import { useArrival } from './use-arrival.ts';
import { useKeys } from './use-keys.ts';
import { useSlideViewer, type OpenedSlide } from './use-slide-viewer.ts';

/** The parts that are there for the slide as it was opened. */
const parts = allParts.filter(({ isOffered }) => isOffered?.() ?? true);

/** The panel that is not a part's. */
const information = 'information';

interface StageProps {
  readonly slide: Slide;
  /** Name of the panel that is open; it stays so when another slide is opened. */
  readonly panel: string | undefined;
  readonly setPanel: Dispatch<StateUpdater<string | undefined>>;
  readonly onBack: () => void;
}

/** All of the page, so that it stays so when another slide is opened. */
const fullScreen = () => toggleFullScreen(document.documentElement);

/** A slide with everything around it; what is plugged in stands in parts.ts. */
export function Stage({ slide, panel, setPanel, onBack }: StageProps) {
  const canvas = useRef<HTMLDivElement>(null);
  const navigator = useRef<HTMLDivElement>(null);
  const opened = useSlideViewer(slide, canvas, navigator);
  const arrival = useArrival(slide, opened);
  const [hasNavigator, setNavigator] = useState(true);
  const [hasHelp, setHelp] = useState(false);
  const toggle = (name: string) => setPanel((now) => (now === name ? undefined : name));
  const closePanel = () => setPanel(undefined);
  const flip = (name: 'information' | 'help' | 'navigator') => {
    if (name === 'information') toggle(information);
    if (name === 'help') setHelp((now) => !now);
    if (name === 'navigator') setNavigator((now) => !now);
  };

  useKeys((event) => {
    const command = commandFor(event);
    if (command === undefined) {
      const part = partWithKey(event);
      if (part !== undefined) toggle(part.name);
      return part !== undefined;
    }
    if (command.kind === 'information' || command.kind === 'help' || command.kind === 'navigator')
      flip(command.kind);
    else if (command.kind === 'full-screen') fullScreen();
    else if (command.kind === 'back') (panel === undefined ? onBack : closePanel)();
    else if (opened !== undefined) move(slide, opened, command);
    return true;
  });

  const propsOf = (part: StagePart): PartProps | undefined =>
    opened && { slide, opened, isOpen: panel === part.name, onToggle: () => toggle(part.name) };

  return (
    <Surrounded slide={slide} opened={opened}>
      <div class="viewer">
        <Header
          slide={slide}
          arrival={arrival}
          opened={opened}
          onBack={onBack}
          onFlip={flip}
          onFullScreen={fullScreen}
        />
        <ToolRail parts={parts} open={panel} propsOf={propsOf} />
        <main class="stage" style={{ background: `rgb(${slide.background.join(' ')})` }}>
          <FirstLook slide={slide} opened={opened} />
          <div class="canvas" ref={canvas} aria-label={`Slide ${slide.name}`} role="application" />
          <div class={hasNavigator ? 'navigator' : 'navigator off'} ref={navigator} aria-hidden="true" />
          {opened !== undefined && <ScaleBar slide={slide} view={opened.shown.view} />}
          {opened !== undefined && <FailedBadge opened={opened} />}
          {opened !== undefined && <ArrivingBadge opened={opened} />}
          <Pieces piece="Overlay" propsOf={propsOf} />
          {panel === information && <InfoPanel slide={slide} onClose={() => toggle(information)} />}
          <Pieces piece="Panel" propsOf={propsOf} />
        </main>
        <div class="strips">
          <Pieces piece="Strip" propsOf={propsOf} />
        </div>
        <ToolBar slide={slide} opened={opened} />
        {hasHelp && (
          <Help
            keys={[...keyHelp, ...parts.flatMap(({ help }) => help ?? [])]}
            onClose={() => flip('help')}
          />
        )}
      </div>
    </Surrounded>
  );
}

/** One kind of piece of all parts; of panels only the open one. */
function Pieces(of: {
  readonly piece: 'Overlay' | 'Panel' | 'Strip';
  readonly propsOf: (part: StagePart) => PartProps | undefined;
}) {
  return parts.map((part) => {
    const Piece = part[of.piece];
    const props = of.propsOf(part);
    if (Piece === undefined || props === undefined) return null;
    return of.piece === 'Panel' && !props.isOpen ? null : <Piece key={part.name} {...props} />;
  });
}

/** The contexts that parts share what they know by, one around the other. */
function Surrounded({ slide, opened, children }: AroundProps) {
  return parts.reduceRight(
    (inner, { Around }) =>
      Around === undefined ? (
        inner
      ) : (
        <Around slide={slide} opened={opened}>
          {inner}
        </Around>
      ),
    <>{children}</>,
  );
}

/** The part whose panel a key opens. */
function partWithKey(press: KeyboardEvent): StagePart | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey || press.shiftKey) return undefined;
  return parts.find(({ tool }) => tool?.key !== undefined && tool.key === press.key.toLowerCase());
}

/** Says that what is seen is not all there is, and offers to try again. */
export function FailedBadge({ opened }: { opened: OpenedSlide }) {
  const count = opened.shown.failedInView;
  return (
    <div class="failed-badge" role="status" data-testid="failed-badge">
      {count > 0 && (
        <button type="button" onClick={() => opened.viewer.failed.retry()}>
          <Icons.Warning />
          {count === 1 ? '1 tile' : `${count} tiles`} failed to load · <u>retry</u>
        </button>
      )}
    </div>
  );
}

/** Moves a slide as a key of the viewer asks. */
export function move(slide: Slide, { viewer, shown }: OpenedSlide, command: Command): void {
  if (command.kind === 'pan') viewer.panBy(command.right, command.down);
  if (command.kind === 'zoom') viewer.zoomBy(command.factor);
  if (command.kind === 'rotate') viewer.rotateTo(viewer.destination().degrees + command.degrees);
  if (command.kind === 'fit') viewer.fit();
  if (command.kind !== 'step') return;
  const step = magnificationSteps(slide.mpp, slide.objectivePower)[command.index];
  if (step !== undefined && step.zoom >= shown.limits.min * 0.999 && step.zoom <= shown.limits.max * 1.001)
    viewer.zoomTo(step.zoom);
}

/** Fills the whole screen with an element, or gives it back. */
export function toggleFullScreen(root: HTMLElement | null): void {
  const turning = document.fullscreenElement === null ? root?.requestFullscreen() : document.exitFullscreen();
  // Refused by the browser's own policy: nothing changes on the screen, which says it all.
  turning?.catch((error: unknown) => console.warn('full screen was refused', error));
}
