import { useEffect, useRef, useState } from 'preact/hooks';
import type { Slide } from '../api.ts';
import { Help } from '../viewer/help.tsx';
import { toggleFullScreen } from '../viewer/stage.tsx';
import { ToolBar } from '../viewer/tool-bar.tsx';
import { useGamepad } from '../viewer/use-gamepad.ts';
import { useKeys } from '../viewer/use-keys.ts';
import { act, type Doings } from './act.ts';
import { AlignBar } from './align-bar.tsx';
import { goBack } from '../viewer/back-button.tsx';
import { CompareBar } from './compare-bar.tsx';
import { CompareHeader } from './compare-header.tsx';
import { Curtain } from './curtain.tsx';
import { compareCommandFor, compareKeyHelp } from './keys.ts';
import { modes, type Mode } from './link.ts';
import { paneLook } from './pane-look.ts';
import { Pane } from './pane.tsx';
import { useAbout } from './use-about.ts';
import { linkTo, useComparison } from './use-comparison.ts';
import { useFlicker } from './use-flicker.ts';
import { useMarking } from './use-marking.ts';

interface CompareStageProps {
  /** Two to four that can be viewed; the same as long as this is shown. */
  readonly slides: readonly Slide[];
  readonly caseId: string | undefined;
  readonly onPick: () => void;
}

/** Slides that are compared, with everything around them. */
export function CompareStage({ slides, caseId, onPick }: CompareStageProps) {
  const root = useRef<HTMLDivElement>(null);
  const canvases = useRef<(HTMLElement | null)[]>([]);
  const { opened, settings, change } = useComparison(slides, canvases);
  const [touched, setTouched] = useState(0);
  const [isAligning, setAligning] = useState(false);
  const [hasHelp, setHelp] = useState(false);
  const marking = useMarking(opened, slides.length);
  // What is marked must be seen in all slides at once.
  const mode: Mode = marking.isOn ? 'side' : settings.mode;
  const flicker = useFlicker(slides.length, mode === 'flicker', settings.intervalMs);
  const active = activeOf(mode, settings.pair, flicker.shown, touched);
  const about = useAbout(caseId);
  const links = opened?.links;
  useGamepad(slides[active], opened?.panes[active], () => links?.lead(active));
  useEffect(() => {
    if (links !== undefined) links.isSuperimposed = mode !== 'side';
  }, [links, mode]);

  const draw = (to: number) => change({ curtain: Math.min(1, Math.max(0, to)) });
  const touch = (n: number) => {
    setTouched(n);
    links?.lead(n);
    if (mode === 'flicker') flicker.show(n);
  };
  const align = () => {
    if (isAligning) marking.stop();
    setAligning(!isAligning);
  };
  const fullScreen = () => toggleFullScreen(root.current);
  const doings: Doings = {
    'next-mode': () => change({ mode: after(settings.mode) }),
    mark() {
      setAligning(true);
      if (marking.isOn) marking.stop();
      else marking.start();
    },
    flick: flicker.next,
    play: () => flicker.play(!flicker.isPlaying),
    help: () => setHelp(true),
    'full-screen': fullScreen,
    back() {
      if (marking.isOn) marking.stop();
      else if (isAligning) setAligning(false);
      else goBack(caseId);
    },
    curtain: (by) => draw(settings.curtain + by),
  };
  useKeys((event) => {
    if (event.key === 'Enter' && marking.isOn && !isButton(event.target)) {
      marking.markMiddle(active);
      return true;
    }
    const command = compareCommandFor(event);
    if (command === undefined || (command.kind === 'flick' && isButton(event.target))) return false;
    act(command, doings, { n: active, slide: slides[active], opened });
    return true;
  });
  const [leading, names] = [slides[active], settings.pair.map((n) => slides[n]?.name ?? '')];
  return (
    <div class="viewer compare" ref={root}>
      <CompareHeader
        count={slides.length}
        address={() => linkTo(opened, settings)}
        caseId={caseId}
        onPick={onPick}
        onHelp={() => setHelp(true)}
        onFullScreen={fullScreen}
      />
      <CompareBar
        slides={slides}
        settings={settings}
        flicker={flicker}
        isLinked={links?.isLinked ?? true}
        isAligning={isAligning}
        onChange={change}
        onLink={() => links?.link(!links.isLinked)}
        onAlign={align}
      />
      <main class={`stage ${mode} of-${slides.length}`}>
        {slides.map((slide, n) => (
          <Pane
            key={slide.id}
            slide={slide}
            place={{ n, count: slides.length }}
            about={about.get(slide.id)}
            opened={opened?.panes[n]}
            look={paneLook({ n, mode, settings, shown: flicker.shown, active })}
            marks={marking.marks[n] ?? []}
            hasCross={marking.isOn && n === active}
            canvas={(element) => (canvases.current[n] = element)}
            onTouch={() => touch(n)}
          />
        ))}
        {mode === 'curtain' && (
          <Curtain at={settings.curtain} names={[names[0] ?? '', names[1] ?? '']} onMove={draw} />
        )}
      </main>
      {isAligning && links !== undefined && (
        <AlignBar slides={slides} links={links} active={active} marking={marking} onClose={align} />
      )}
      {/* The pane in focus leads what its tools move. */}
      <div
        class="leading-tools"
        onPointerDownCapture={() => links?.lead(active)}
        onFocusIn={() => links?.lead(active)}
      >
        {leading !== undefined && <ToolBar slide={leading} opened={opened?.panes[active]} />}
      </div>
      {hasHelp && <Help keys={compareKeyHelp} onClose={() => setHelp(false)} />}
    </div>
  );
}

/** Position of the slide that keys move: the one that is seen and was touched last. */
function activeOf(mode: Mode, pair: readonly [number, number], shown: number, touched: number): number {
  if (mode === 'flicker') return shown;
  return mode === 'curtain' && !pair.includes(touched) ? pair[0] : touched;
}

function after(mode: Mode): Mode {
  return modes[(modes.indexOf(mode) + 1) % modes.length] ?? 'side';
}

function isButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a') !== null;
}
