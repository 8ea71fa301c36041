import OpenSeadragon from 'openseadragon';
import { useEffect, useRef } from 'preact/hooks';
import type { Slide } from '../api.ts';
import { noteInput } from '../api/presence.ts';
import { readPad, stepFrom, untouched, type PadCommand, type PadMotion } from './gamepad.ts';
import { magnificationSteps } from './magnification.ts';
import { pressKey } from './use-keys.ts';
import type { OpenedSlide } from './use-slide-viewer.ts';

/** The keys that buttons stand for: whoever reads these keys has the buttons, too. */
const keys: Readonly<Partial<Record<PadCommand, string>>> = {
  'previous-slide': 'PageUp',
  'next-slide': 'PageDown',
  fit: '0',
  turn: 'r',
  information: 'i',
  help: '?',
};

/** A picture that stood still for longer is not moved by all of it at once, s. */
const longestStep = 0.1;

/**
 * Lets a game controller move a slide, as long as one is connected.
 *
 * @param aboutToMove called before each movement
 */
export function useGamepad(
  slide: Slide | undefined,
  opened: OpenedSlide | undefined,
  aboutToMove?: () => void,
): void {
  const latest = useRef({ slide, opened, aboutToMove });
  latest.current = { slide, opened, aboutToMove };
  useEffect(() => {
    let frame = 0;
    let memory = untouched;
    let before = 0;
    const look = (now: number) => {
      const pad = connectedPad();
      frame = pad === undefined ? 0 : requestAnimationFrame(look);
      if (pad === undefined) return;
      const seconds = Math.min(longestStep, (now - before) / 1000);
      before = now;
      const read = readPad(pad, memory, seconds);
      memory = read.memory;
      const { slide, opened, aboutToMove } = latest.current;
      if (slide === undefined || opened === undefined || !asksForAnything(read.motion)) return;
      aboutToMove?.();
      move(slide, opened, read.motion, seconds);
    };
    const begin = () => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    addEventListener('gamepadconnected', begin);
    if (connectedPad() !== undefined) begin();
    return () => {
      removeEventListener('gamepadconnected', begin);
      cancelAnimationFrame(frame);
    };
  }, []);
}

/** The first controller whose buttons are known. */
export function connectedPad(): Gamepad | undefined {
  // Absent where the page came neither over TLS nor from this machine.
  if (typeof navigator.getGamepads !== 'function') return undefined;
  return (
    navigator.getGamepads().find((pad) => pad?.connected === true && pad.mapping === 'standard') ?? undefined
  );
}

/** Whether something is to be done, and may: what asks something is not answered by a stick that lies on a pen. */
function asksForAnything({ right, down, zoom, commands }: PadMotion): boolean {
  const isUsed = right !== 0 || down !== 0 || zoom !== 0 || commands.length > 0;
  return isUsed && document.querySelector('dialog[open]') === null;
}

function move(slide: Slide, opened: OpenedSlide, motion: PadMotion, seconds: number): void {
  noteInput();
  if (motion.right !== 0 || motion.down !== 0 || motion.zoom !== 0)
    glide(opened.viewer.osd.viewport, motion, seconds);
  for (const command of motion.commands) obey(slide, opened, command);
}

/** Moves by as much as belongs to the time since the last frame, without the inertia that keys have. */
function glide(viewport: OpenSeadragon.Viewport, { right, down, zoom }: PadMotion, seconds: number): void {
  const { x, y } = viewport.getContainerSize();
  const side = Math.min(x, y) * seconds;
  if (zoom !== 0) viewport.zoomTo(viewport.getZoom(true) * Math.exp(zoom * seconds), undefined, true);
  if (right !== 0 || down !== 0) {
    const way = new OpenSeadragon.Point(right * side, down * side);
    viewport.panBy(viewport.deltaPointsFromPixels(way, true), true);
  }
  viewport.applyConstraints(true);
}

function obey(slide: Slide, { viewer, shown }: OpenedSlide, command: PadCommand): void {
  const key = keys[command];
  if (key !== undefined) return pressKey(key);
  const zooms = magnificationSteps(slide.mpp, slide.objectivePower).map((step) => step.zoom);
  const inReach = zooms.filter((one) => one >= shown.limits.min * 0.999 && one <= shown.limits.max * 1.001);
  const to = stepFrom(viewer.destination().zoom, inReach, command === 'stronger' ? 1 : -1);
  const zoom = to === undefined ? undefined : inReach[to];
  if (zoom !== undefined) viewer.zoomTo(zoom);
}
