import type { Slide } from '../api.ts';
import { useSlideImage } from '../image/use-slide-image.ts';
import { ArrivingBadge } from '../viewer/arriving.tsx';
import { ScaleBar } from '../viewer/scale-bar.tsx';
import { FailedBadge } from '../viewer/stage.tsx';
import { useArrival } from '../viewer/use-arrival.ts';
import { pictureWords } from './words.ts';
import type { OpenedSlide } from '../viewer/use-slide-viewer.ts';
import { onScreen, type Place } from './transform.ts';

interface PaneProps {
  readonly slide: Slide;
  /** Its position among the slides, from 0, and how many there are. */
  readonly place: { readonly n: number; readonly count: number };
  /** Block and stain, where the case tells. */
  readonly about: string | undefined;
  readonly opened: OpenedSlide | undefined;
  /** `clip`: what of it is seen, as CSS says it. */
  readonly look: { readonly class: string; readonly clip?: string };
  readonly marks: readonly Place[];
  /** A cross in the middle shows what Enter marks. */
  readonly hasCross: boolean;
  readonly canvas: (element: HTMLElement | null) => void;
  /** Called when somebody turns to it: by touch, mouse or keyboard. */
  readonly onTouch: () => void;
}

/** One of the slides that are compared. */
export function Pane(props: PaneProps) {
  const { slide, place, about, opened, look, marks, hasCross, canvas, onTouch } = props;
  useArrival(slide, opened);
  const image = useSlideImage(slide, opened?.viewer.osd);
  const picture = pictureWords(image);
  const name = [slide.name, about].filter(Boolean).join(', ');
  return (
    <section
      class={`pane ${look.class}`}
      style={{ clipPath: look.clip, background: `rgb(${slide.background.join(' ')})` }}
      aria-label={`Slide ${place.n + 1} of ${place.count}: ${name}`}
      onFocusIn={onTouch}
      onPointerDownCapture={onTouch}
      onWheelCapture={onTouch}
    >
      <div class="canvas" ref={canvas} role="application" aria-label={name} />
      <p class="caption">
        <b>{`${place.n + 1}`}</b>
        <span class="name">{slide.name}</span>
        {about !== undefined && <span class="about">{about}</span>}
        {picture !== undefined && <span class="picture">{picture}</span>}
        {slide.focus !== undefined && (
          <span class="picture">{`one of ${slide.focus.planes.length} focal planes`}</span>
        )}
        {slide.mpp === undefined && <span class="unscaled">no scale: linked by the part of the slide</span>}
      </p>
      {opened !== undefined && <ScaleBar slide={slide} view={opened.shown.view} />}
      {opened !== undefined && <FailedBadge opened={opened} />}
      {opened !== undefined && <ArrivingBadge opened={opened} />}
      {opened !== undefined &&
        marks.map((mark, i) => <Mark key={i} number={i + 1} at={onScreen(mark, opened.shown.view)} />)}
      {hasCross && <i class="cross" aria-hidden="true" />}
    </section>
  );
}

function Mark({ number, at }: { number: number; at: Place }) {
  const style = { left: `calc(50% + ${at.x}px)`, top: `calc(50% + ${at.y}px)` };
  return (
    <span class="mark" style={style} data-testid="mark">
      {number}
    </span>
  );
}
