/** What a key does in the viewer. */
export type Command =
  | { readonly kind: 'pan'; readonly right: number; readonly down: number }
  | { readonly kind: 'zoom'; readonly factor: number }
  | { readonly kind: 'step'; readonly index: number }
  | { readonly kind: 'rotate'; readonly degrees: number }
  | { readonly kind: 'fit' | 'full-screen' | 'navigator' | 'information' | 'help' | 'back' };

/** The part of a KeyboardEvent that decides. */
export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** Part of the screen that an arrow moves by; with Shift four times as much. */
const panStep = 0.2;
const farPanStep = 0.8;

const plainKeys: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['+', { kind: 'zoom', factor: 1.5 }],
  ['=', { kind: 'zoom', factor: 1.5 }],
  ['-', { kind: 'zoom', factor: 1 / 1.5 }],
  ['_', { kind: 'zoom', factor: 1 / 1.5 }],
  ['0', { kind: 'fit' }],
  ['r', { kind: 'rotate', degrees: 90 }],
  ['R', { kind: 'rotate', degrees: -90 }],
  ['f', { kind: 'full-screen' }],
  ['n', { kind: 'navigator' }],
  ['i', { kind: 'information' }],
  ['?', { kind: 'help' }],
  ['Escape', { kind: 'back' }],
]);

const directions: ReadonlyMap<string, readonly [right: number, down: number]> = new Map([
  ['ArrowLeft', [-1, 0] as const],
  ['ArrowRight', [1, 0] as const],
  ['ArrowUp', [0, -1] as const],
  ['ArrowDown', [0, 1] as const],
]);

/** The keys and what they do, as the help lists them. */
export const keyHelp: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['←', '→', '↑', '↓'], 'Move; with Shift further'],
  [['+', '−'], 'Zoom in, zoom out'],
  [['0'], 'Whole slide'],
  [['1', '…', '6'], 'Magnification, weakest to strongest'],
  [['R', 'Shift R'], 'Turn by 90° clockwise, back'],
  [['F'], 'Full screen'],
  [['N'], 'Show or hide the overview'],
  [['I'], 'Show or hide information'],
  [['?'], 'This list'],
  [['Esc'], 'Close, then back to the slides'],
];

/** What a key press asks for, or undefined when it is the browser's. */
export function commandFor(press: KeyPress): Command | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  const direction = directions.get(press.key);
  if (direction !== undefined) {
    const step = press.shiftKey ? farPanStep : panStep;
    return { kind: 'pan', right: direction[0] * step, down: direction[1] * step };
  }
  if (/^[1-6]$/.test(press.key)) return { kind: 'step', index: Number(press.key) - 1 };
  // Caps Lock must not turn a letter into another command: only Shift does.
  const key = press.key.length === 1 && !press.shiftKey ? press.key.toLowerCase() : press.key;
  return plainKeys.get(key);
}

/** Whether keys typed into `target` are text or a control's own, not commands. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    // A check box takes the space bar and nothing else.
    target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable]') !== null
  );
}
