import { useEffect } from 'preact/hooks';
import type { FocalStack } from '../api.ts';
import { Icons } from '../icons.tsx';
import type { Focus } from './focus.ts';
import { focusStepFor } from './focus-keys.ts';
import { offsetText, planeText } from './focus-words.ts';
import type { PartProps, StagePart } from './part.ts';
import type { SlideViewer } from './slide-viewer.ts';
import { useKeys } from './use-keys.ts';

/** Focusing up and down through a stack, where the slide is one. */
export const focusPart: StagePart = {
  name: 'focus',
  Overlay: FocusOverlay,
  help: [
    [[',', '.'], 'Focus down, up: slides with several focal planes'],
    [['Z'], 'Back to the plane that was shown first'],
  ],
};

/** Least time between two planes that a wheel turns to, ms. */
const wheelMs = 60;

function FocusOverlay({ opened: { viewer, shown } }: PartProps) {
  const { focus } = viewer;
  if (focus === undefined || shown.focus === undefined) return null;
  return <FocusControl viewer={viewer} focus={focus} shown={shown.focus} />;
}

interface FocusControlProps {
  readonly viewer: SlideViewer;
  readonly focus: Focus;
  readonly shown: { readonly plane: number; readonly isLoading: boolean };
}

function FocusControl({ viewer, focus, shown: { plane, isLoading } }: FocusControlProps) {
  const { stack } = focus;
  const last = stack.planes.length - 1;
  const press = (event: KeyboardEvent): boolean => {
    const step = focusStepFor(event);
    if (step === undefined) return false;
    focus.focusOn(step === 'base' ? stack.base : focus.plane + step);
    return true;
  };
  useKeys(press);
  useWheel(viewer, focus);
  return (
    <div
      class="focus"
      role="group"
      aria-label="Focus"
      data-testid="focus"
      // Keys of the slider are its own, but for those that mean the focus everywhere.
      onKeyDown={(event) => press(event) && event.stopPropagation()}
    >
      <button
        type="button"
        aria-label="Focus up"
        title="Focus up (.)"
        disabled={plane === last}
        onClick={() => focus.focusOn(plane + 1)}
      >
        <Icons.Up />
      </button>
      <div class="focus-range">
        <div class="focus-marks" aria-hidden="true">
          <i style={{ bottom: `${(stack.base / last) * 100}%` }} />
        </div>
        <input
          type="range"
          aria-label="Focal plane"
          aria-orientation="vertical"
          aria-valuetext={planeText(stack, plane)}
          min="0"
          max={last}
          step="1"
          value={plane}
          onInput={(event) => focus.focusOn(event.currentTarget.valueAsNumber)}
        />
      </div>
      <button
        type="button"
        aria-label="Focus down"
        title="Focus down (,)"
        disabled={plane === 0}
        onClick={() => focus.focusOn(plane - 1)}
      >
        <Icons.Down />
      </button>
      <ReadOut stack={stack} plane={plane} isLoading={isLoading} onReset={() => focus.focusOn(stack.base)} />
    </div>
  );
}

interface ReadOutProps {
  readonly stack: FocalStack;
  readonly plane: number;
  readonly isLoading: boolean;
  readonly onReset: () => void;
}

/** Where the plane lies, which leads back to the base plane when pressed. */
function ReadOut({ stack, plane, isLoading, onReset }: ReadOutProps) {
  const isBase = plane === stack.base;
  const offset = offsetText(stack, plane);
  return (
    <button
      type="button"
      class="focus-read-out"
      title={isBase ? 'The plane that is shown first' : 'Back to the plane that was shown first (Z)'}
      aria-busy={isLoading}
      disabled={isBase}
      onClick={onReset}
    >
      {offset !== undefined && <b>{offset}</b>}
      <span>{`${plane + 1} of ${stack.planes.length}`}</span>
      {!isBase && <span class="visually-hidden">, back to the plane that was shown first</span>}
    </button>
  );
}

/** Focuses by the wheel while Shift is held: up is up. */
function useWheel({ osd }: SlideViewer, focus: Focus): void {
  useEffect(() => {
    const { container } = osd;
    let turnedAt = 0;
    const turn = (event: WheelEvent) => {
      if (!event.shiftKey || event.ctrlKey) return;
      event.preventDefault();
      event.stopPropagation();
      // With Shift held some browsers turn the wheel sideways.
      const way = event.deltaY === 0 ? event.deltaX : event.deltaY;
      if (way === 0 || event.timeStamp - turnedAt < wheelMs) return;
      turnedAt = event.timeStamp;
      focus.focusOn(focus.plane - Math.sign(way));
    };
    // Before OpenSeadragon, which would zoom.
    container.addEventListener('wheel', turn, { capture: true, passive: false });
    return () => container.removeEventListener('wheel', turn, { capture: true });
  }, [osd, focus]);
}
