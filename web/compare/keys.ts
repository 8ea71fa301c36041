import { commandFor, type Command, type KeyPress } from '../viewer/keyboard.ts';

/** What a key does where slides are compared: all that it does in the viewer, and more. */
export type CompareCommand =
  | Command
  | { readonly kind: 'nudge'; readonly right: number; readonly down: number }
  | { readonly kind: 'turn-alone'; readonly degrees: number }
  | { readonly kind: 'curtain'; readonly by: number }
  | { readonly kind: 'next-mode' | 'link' | 'mark' | 'flick' | 'play' };

const plainKeys: ReadonlyMap<string, CompareCommand> = new Map<string, CompareCommand>([
  ['v', { kind: 'next-mode' }],
  ['l', { kind: 'link' }],
  ['m', { kind: 'mark' }],
  [' ', { kind: 'flick' }],
  ['p', { kind: 'play' }],
  ['[', { kind: 'curtain', by: -0.05 }],
  [']', { kind: 'curtain', by: 0.05 }],
]);

const ways: Readonly<Record<string, readonly [right: number, down: number]>> = {
  w: [0, -1],
  a: [-1, 0],
  s: [0, 1],
  d: [1, 0],
};

const turns: Readonly<Record<string, number>> = { q: -1, e: 1 };

/** With Shift, one slide is moved and turned by so much more. */
const farTimes = 10;

/** The keys and what they do, as the help lists them. */
export const compareKeyHelp: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['Tab'], 'Next slide: keys then move it'],
  [['V'], 'Side by side, curtain, flicker'],
  [['L'], 'Link, or let each move by itself'],
  [['Space', 'P'], 'Flicker to the next slide; by itself'],
  [['[', ']'], 'Move the curtain'],
  [['M'], 'Mark the same structure in each'],
  [['Enter'], 'While marking: mark what is under the cross'],
  [['W', 'A', 'S', 'D'], 'Move one slide by a pixel; with Shift by ten'],
  [['Q', 'E'], 'Turn one slide by half a degree; with Shift by five'],
  [['←', '→', '↑', '↓'], 'Move; with Shift further'],
  [['+', '−'], 'Zoom in, zoom out'],
  [['0'], 'All slides whole'],
  [['1', '…', '6'], 'Magnification, weakest to strongest'],
  [['R', 'Shift R'], 'Turn by 90° clockwise, back'],
  [['F'], 'Full screen'],
  [['?'], 'This list'],
  [['Esc'], 'Close, then back'],
];

/** What a key press asks for, or undefined when it is the browser's. */
export function compareCommandFor(press: KeyPress): CompareCommand | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  const times = press.shiftKey ? farTimes : 1;
  const key = press.key.toLowerCase();
  const way = ways[key];
  if (way !== undefined) return { kind: 'nudge', right: way[0] * times, down: way[1] * times };
  const turn = turns[key];
  if (turn !== undefined) return { kind: 'turn-alone', degrees: turn * 0.5 * times };
  return plainKeys.get(key) ?? commandFor(press);
}
