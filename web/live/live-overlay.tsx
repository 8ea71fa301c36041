import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import OpenSeadragon from 'openseadragon';
import { goTo } from '../frame/router.ts';
import { formatHash } from '../viewer/deep-link.ts';
import { focusStepFor } from '../viewer/focus-keys.ts';
import { commandFor } from '../viewer/keyboard.ts';
import type { PartProps } from '../viewer/part.ts';
import { isTyping } from '../viewer/keyboard.ts';
import { colourOf } from './colours.ts';
import { atMostEvery, viewToFollow } from './follow.ts';
import type { SharedPointer, SharedView } from './live-messages.ts';
import type { Together, TogetherState } from './together.ts';
import { useTogether } from './use-together.ts';

type OverlayProps = PartProps & { readonly caseId: string };

/** Times between what is told of oneself, ms. */
const [viewMs, pointerMs] = [100, 66];

/** Others' pointers over the slide; what others ask for; and all that is told of oneself. */
export function LiveOverlay(props: OverlayProps) {
  const [together, state] = useTogether(props.caseId);
  const isHere = state.status === 'here' || state.status === 'interrupted';
  useOwnView(props, together, isHere);
  useOwnPointer(props, together, isHere);
  useFollowing(props, together, state);
  return (
    <>
      <span class="visually-hidden" role="status">
        {state.said}
      </span>
      {isHere && <Pointers {...props} state={state} />}
      <Asking together={together} state={state} />
    </>
  );
}

/** Tells the others what is shown here. */
function useOwnView({ slide, opened }: OverlayProps, together: Together, isHere: boolean): void {
  const { view } = opened.shown;
  const sending = useRef(atMostEvery<SharedView>(viewMs, (own) => togetherNow.current.show(own)));
  const togetherNow = useRef(together);
  togetherNow.current = together;
  useEffect(() => () => sending.current.end(), []);
  useEffect(() => {
    if (!isHere) return;
    const { clientWidth: width, clientHeight: height } = opened.viewer.osd.container;
    if (width > 0 && height > 0) sending.current.call({ slideId: slide.id, ...view, width, height });
  }, [isHere, slide.id, view.x, view.y, view.zoom, view.degrees, view.plane]);
}

/** Tells the others where one points. */
function useOwnPointer({ slide, opened }: OverlayProps, together: Together, isHere: boolean): void {
  const { viewer } = opened;
  useEffect(() => {
    if (!isHere) return undefined;
    const { container, viewport } = viewer.osd;
    const sending = atMostEvery<SharedPointer | undefined>(pointerMs, (own) => together.point(own));
    const move = ({ clientX, clientY }: PointerEvent) => {
      const { left, top } = container.getBoundingClientRect();
      const pixel = new OpenSeadragon.Point(clientX - left, clientY - top);
      const { x, y } = viewport.viewportToImageCoordinates(viewport.pointFromPixel(pixel, true));
      sending.call({ slideId: slide.id, x, y });
    };
    const leave = () => sending.call(undefined);
    const lift = ({ pointerType }: PointerEvent) => pointerType === 'touch' && leave();
    container.addEventListener('pointermove', move);
    container.addEventListener('pointerleave', leave);
    container.addEventListener('pointerup', lift);
    return () => {
      sending.end();
      together.point(undefined);
      container.removeEventListener('pointermove', move);
      container.removeEventListener('pointerleave', leave);
      container.removeEventListener('pointerup', lift);
    };
  }, [viewer, slide.id, together, isHere]);
}

/** Shows what somebody shows whom one follows, on their slide, until one moves oneself. */
function useFollowing({ slide, opened }: OverlayProps, together: Together, state: TogetherState): void {
  const { following } = state;
  const { viewer } = opened;
  const led = following === undefined ? undefined : state.views.get(following);
  useEffect(() => {
    if (led === undefined) return;
    const { clientWidth: width, clientHeight: height } = viewer.osd.container;
    const view = viewToFollow(led, { width, height });
    if (led.slideId === slide.id) viewer.show(view, matchMedia('(prefers-reduced-motion: reduce)').matches);
    else goTo(`/view/${led.slideId}${location.search}${formatHash(view)}`);
  }, [led, viewer, slide.id]);
  const isFollowing = following !== undefined;
  // Before it is seen that one follows: the first touch after that stops it.
  useLayoutEffect(() => {
    if (!isFollowing) return undefined;
    const { container } = viewer.osd;
    const stop = () => together.follow(undefined);
    const stopByKey = (event: KeyboardEvent) => {
      if (isTyping(event.target)) return;
      const focuses = viewer.focus !== undefined && focusStepFor(event) !== undefined;
      const kind = commandFor(event)?.kind;
      if (focuses) stop();
      if (kind !== undefined && ['pan', 'zoom', 'rotate', 'fit', 'step'].includes(kind)) stop();
    };
    container.addEventListener('pointerdown', stop);
    container.addEventListener('wheel', stop, { passive: true });
    addEventListener('keydown', stopByKey, { capture: true });
    return () => {
      container.removeEventListener('pointerdown', stop);
      container.removeEventListener('wheel', stop);
      removeEventListener('keydown', stopByKey, { capture: true });
    };
  }, [isFollowing, viewer, together]);
}

function Pointers({ slide, opened, state }: OverlayProps & { state: TogetherState }) {
  const { viewport } = opened.viewer.osd;
  return (
    <div class="live-pointers" aria-hidden="true">
      {state.people.map(({ id, name, colour }) => {
        const pointer = state.pointers.get(id);
        if (pointer === undefined || pointer.slideId !== slide.id || id === state.self) return null;
        const point = viewport.imageToViewportCoordinates(pointer.x, pointer.y);
        const { x, y } = viewport.pixelFromPoint(point, true);
        return (
          <div
            key={id}
            class="live-pointer"
            style={{ transform: `translate(${x}px, ${y}px)`, color: colourOf(colour) }}
          >
            <svg viewBox="0 0 16 20" width="16" height="20">
              <path d="M1 1v15l4-3.5 2.6 6 2.6-1.1-2.6-5.9H14z" fill="currentColor" stroke="#fff" />
            </svg>
            <span>{name}</span>
          </div>
        );
      })}
    </div>
  );
}

/** Whom one follows, and who asks to be followed. */
function Asking({ together, state }: { together: Together; state: TogetherState }) {
  const { following, caller, people } = state;
  const named = (id: string | undefined) => people.find((one) => one.id === id);
  const [leader, asking] = [named(following), named(caller)];
  if (leader === undefined && asking === undefined) return null;
  return (
    <div class="live-asking">
      {asking !== undefined && (
        <div role="group" aria-label="Asked to follow">
          <p>{`${asking.name} asks you to follow them`}</p>
          <button type="button" class="primary" onClick={() => together.follow(asking.id)}>
            Follow
          </button>
          <button type="button" onClick={() => together.decline()}>
            Not now
          </button>
        </div>
      )}
      {leader !== undefined && (
        <div role="group" aria-label="Following">
          <p style={{ borderColor: colourOf(leader.colour) }}>{`Following ${leader.name}`}</p>
          <button type="button" onClick={() => together.follow(undefined)}>
            Stop
          </button>
        </div>
      )}
    </div>
  );
}
