import { useEffect, useRef, useState } from 'preact/hooks';
import type { Slide } from '../api.ts';
import { Icons } from '../icons.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { InfoPanel } from './info-panel.tsx';
import { commandFor, isTyping, type Command } from './keyboard.ts';
import { magnificationSteps } from './magnification.ts';
import { ScaleBar } from './scale-bar.tsx';
import { ArrivingBadge } from './arriving.tsx';
import { ToolBar } from './tool-bar.tsx';
import { useArrival } from './use-arrival.ts';
import { useSlideViewer, type OpenedSlide } from './use-slide-viewer.ts';

interface Switches {
  readonly information: boolean;
  readonly help: boolean;
  readonly navigator: boolean;
}

/** A slide with everything around it. */
export function Stage({ slide, onBack }: { slide: Slide; onBack: () => void }) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const navigator = useRef<HTMLDivElement>(null);
  const opened = useSlideViewer(slide, canvas, navigator);
  const arrival = useArrival(slide, opened);
  const [switches, setSwitches] = useState<Switches>({ information: false, help: false, navigator: true });
  const flip = (name: keyof Switches) => setSwitches((now) => ({ ...now, [name]: !now[name] }));
  const fullScreen = () => toggleFullScreen(root.current);

  useKeys((command) => {
    if (command.kind === 'information' || command.kind === 'help' || command.kind === 'navigator')
      return flip(command.kind);
    if (command.kind === 'full-screen') return fullScreen();
    if (command.kind === 'back') return switches.information ? flip('information') : onBack();
    return opened === undefined ? undefined : move(slide, opened, command);
  });

  return (
    <div class="viewer" ref={root}>
      <Header
        slide={slide}
        arrival={arrival}
        opened={opened}
        onBack={onBack}
        onFlip={flip}
        onFullScreen={fullScreen}
      />
      <main class="stage" style={{ background: `rgb(${slide.background.join(' ')})` }}>
        <div class="canvas" ref={canvas} aria-label={`Slide ${slide.name}`} role="application" />
        <div class={switches.navigator ? 'navigator' : 'navigator off'} ref={navigator} aria-hidden="true" />
        {opened !== undefined && <ScaleBar slide={slide} view={opened.shown.view} />}
        {opened !== undefined && <FailedBadge opened={opened} />}
        {opened !== undefined && <ArrivingBadge opened={opened} />}
        {switches.information && <InfoPanel slide={slide} onClose={() => flip('information')} />}
      </main>
      <ToolBar slide={slide} opened={opened} />
      {switches.help && <Help onClose={() => flip('help')} />}
    </div>
  );
}

/** Says that what is seen is not all there is, and offers to try again. */
function FailedBadge({ opened }: { opened: OpenedSlide }) {
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

function useKeys(act: (command: Command) => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event.target)) return;
      const command = commandFor(event);
      if (command === undefined) return;
      event.preventDefault();
      latest.current(command);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function move(slide: Slide, { viewer, shown }: OpenedSlide, command: Command): void {
  if (command.kind === 'pan') viewer.panBy(command.right, command.down);
  if (command.kind === 'zoom') viewer.zoomBy(command.factor);
  if (command.kind === 'rotate') viewer.rotateTo(viewer.destination().degrees + command.degrees);
  if (command.kind === 'fit') viewer.fit();
  if (command.kind !== 'step') return;
  const step = magnificationSteps(slide.mpp, slide.objectivePower)[command.index];
  if (step !== undefined && step.zoom >= shown.limits.min * 0.999 && step.zoom <= shown.limits.max * 1.001)
    viewer.zoomTo(step.zoom);
}

function toggleFullScreen(root: HTMLElement | null): void {
  const turning = document.fullscreenElement === null ? root?.requestFullscreen() : document.exitFullscreen();
  // Refused by the browser's own policy: nothing changes on the screen, which says it all.
  turning?.catch((error: unknown) => console.warn('full screen was refused', error));
}
