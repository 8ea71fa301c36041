import { Icons } from '../icons.tsx';
import { magnificationSteps, type MagnificationStep } from './magnification.ts';
import { normalDegrees } from './deep-link.ts';
import type { OpenedSlide } from './use-slide-viewer.ts';
import type { Slide } from '../api.ts';

/** Zoom, magnification and rotation. */
export function ToolBar({ slide, opened }: { slide: Slide; opened: OpenedSlide | undefined }) {
  const steps = magnificationSteps(slide.mpp, slide.objectivePower);
  return (
    <div class="tool-bar" role="toolbar" aria-label="View">
      <div class="tools zoom" role="group" aria-label="Zoom">
        <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={zoom(opened, 1 / 1.5)}>
          <Icons.ZoomOut />
        </button>
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={zoom(opened, 1.5)}>
          <Icons.ZoomIn />
        </button>
        <button
          type="button"
          aria-label="Whole slide"
          title="Whole slide (0)"
          onClick={() => opened?.viewer.fit()}
        >
          <Icons.Fit />
        </button>
      </div>
      <div class="tools steps" role="group" aria-label="Magnification">
        {steps.map((step, i) => (
          <StepButton key={step.label} step={step} shortcut={i + 1} opened={opened} />
        ))}
      </div>
      <Rotation opened={opened} />
    </div>
  );
}

function zoom(opened: OpenedSlide | undefined, factor: number) {
  return () => opened?.viewer.zoomBy(factor);
}

/** One magnification; cannot be pressed where the slide is too small, or the limit of zooming too low, for it. */
function StepButton(props: { step: MagnificationStep; shortcut: number; opened: OpenedSlide | undefined }) {
  const { step, shortcut, opened } = props;
  const { view, limits } = opened?.shown ?? {};
  const isOut = limits !== undefined && (step.zoom < limits.min * 0.999 || step.zoom > limits.max * 1.001);
  const isOn = view !== undefined && Math.abs(view.zoom / step.zoom - 1) < 0.01;
  const digital = step.isDigital ? ', digital zoom: more than the scanner’s objective' : '';
  return (
    <button
      type="button"
      class={step.isDigital ? 'step digital' : 'step'}
      aria-pressed={isOn}
      disabled={isOut}
      aria-label={`About ${step.label}${digital}`}
      title={`≈ ${step.label}${digital} (${shortcut})`}
      onClick={() => opened?.viewer.zoomTo(step.zoom)}
    >
      {step.label}
    </button>
  );
}

function Rotation({ opened }: { opened: OpenedSlide | undefined }) {
  const degrees = opened?.shown.view.degrees ?? 0;
  const turn = (by: number) => () => {
    if (opened !== undefined) opened.viewer.rotateTo(opened.viewer.destination().degrees + by);
  };
  const rounded = Math.round(degrees) % 360;
  return (
    <div class="tools rotation" role="group" aria-label="Rotation">
      <button type="button" aria-label="Turn left by 90°" title="Turn left (Shift R)" onClick={turn(-90)}>
        <Icons.RotateLeft />
      </button>
      <input
        type="range"
        min="-180"
        max="180"
        step="1"
        aria-label="Rotation in degrees"
        value={rounded > 180 ? rounded - 360 : rounded}
        onInput={(event) => opened?.viewer.rotateTo(normalDegrees(event.currentTarget.valueAsNumber))}
      />
      <button type="button" aria-label="Turn right by 90°" title="Turn right (R)" onClick={turn(90)}>
        <Icons.RotateRight />
      </button>
      <button
        type="button"
        class="degrees"
        aria-label={`Turned by ${rounded} degrees: turn back upright`}
        title="Upright"
        disabled={rounded === 0}
        onClick={() => opened?.viewer.rotateTo(0)}
      >
        {rounded}°
      </button>
    </div>
  );
}
