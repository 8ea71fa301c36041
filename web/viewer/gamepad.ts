/** What of a Gamepad decides; its buttons and axes as the standard mapping numbers them. */
export interface PadState {
  readonly axes: readonly number[];
  readonly buttons: readonly { readonly pressed: boolean; readonly value: number }[];
}

/** What a button asks for: once, when it goes down. */
export type PadCommand =
  | 'weaker'
  | 'stronger'
  | 'previous-slide'
  | 'next-slide'
  | 'fit'
  | 'turn'
  | 'information'
  | 'help';

/** What somebody does with a game controller at this moment. */
export interface PadMotion {
  /** Parts of the screen's shorter side in a second. */
  readonly right: number;
  readonly down: number;
  /** By what the picture grows in a second, as a natural logarithm: 0.69 doubles it. */
  readonly zoom: number;
  /** Buttons that went down just now. */
  readonly commands: readonly PadCommand[];
}

/** What is remembered from one look at a controller to the next. */
export interface PadMemory {
  /** How long the left stick has been pushed to its end, s. */
  readonly pushedFor: number;
  /** Numbers of the buttons that were down. */
  readonly down: ReadonlySet<number>;
}

/** A controller nobody has touched yet. */
export const untouched: PadMemory = { pushedFor: 0, down: new Set() };

/** Sticks never come back to exactly 0. */
const deadZone = 0.15;

/** Screens in a second with the stick at its end, at first and after `fastAfter` seconds. */
const panSpeed = 0.7;
const fastTimes = 3;
const fastAfter = 1.2;

/** The picture doubles in half a second. */
const zoomSpeed = 2 * Math.log(2);

/** Buttons of the standard mapping, by number. */
const commands: ReadonlyMap<number, PadCommand> = new Map<number, PadCommand>([
  [2, 'turn'],
  [3, 'fit'],
  [4, 'weaker'],
  [5, 'stronger'],
  [8, 'information'],
  [9, 'help'],
  [12, 'stronger'],
  [13, 'weaker'],
  [14, 'previous-slide'],
  [15, 'next-slide'],
]);

/** Triggers of the standard mapping, by number. */
const triggers = { out: 6, in: 7 } as const;

/** The buttons and what they do, in words. */
export const padHelp =
  'Game controller: the left stick moves, faster the longer it is pushed; the right stick and the triggers zoom; ' +
  'the buttons above the triggers change the magnification, Y shows the whole slide, X turns it, left and right on ' +
  'the cross change the slide.';

/** Reads a controller. @param seconds since it was read last */
export function readPad(
  { axes, buttons }: PadState,
  before: PadMemory,
  seconds: number,
): { readonly motion: PadMotion; readonly memory: PadMemory } {
  const [leftX = 0, leftY = 0, , rightY = 0] = axes;
  const push = Math.hypot(leftX, leftY);
  const pushedFor = push > 0.9 ? before.pushedFor + seconds : 0;
  const faster = 1 + (fastTimes - 1) * Math.min(1, pushedFor / fastAfter);
  const speed = response(push) * panSpeed * faster;
  const [right, down] = speed === 0 ? [0, 0] : [(leftX * speed) / push, (leftY * speed) / push];
  const trigger = (buttons[triggers.in]?.value ?? 0) - (buttons[triggers.out]?.value ?? 0);
  const zoom = Math.max(-1, Math.min(1, response(trigger) - response(rightY)));
  const held = new Set([...buttons.keys()].filter((n) => buttons[n]?.pressed === true));
  const pressed = [...held].filter((n) => !before.down.has(n));
  const asked = pressed.flatMap((n) => commands.get(n) ?? []);
  return {
    motion: { right, down, zoom: zoom * zoomSpeed, commands: asked },
    memory: { pushedFor, down: held },
  };
}

/** How strongly a stick counts: not at all near its middle, gently at first, as much as it can at its end. */
function response(push: number): number {
  const beyond = Math.max(0, Math.min(1, (Math.abs(push) - deadZone) / (1 - deadZone)));
  return Math.sign(push) * beyond * beyond;
}

/** Position of the magnification one step stronger (1) or weaker (−1) than now; undefined where there is none. */
export function stepFrom(zoom: number, zooms: readonly number[], way: 1 | -1): number | undefined {
  // What is within a hundredth is that step.
  const found =
    way === 1 ? zooms.findIndex((one) => one > zoom * 1.01) : zooms.findLastIndex((one) => one < zoom / 1.01);
  return found < 0 ? undefined : found;
}
