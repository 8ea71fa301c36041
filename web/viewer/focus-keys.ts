import type { KeyPress } from './keyboard.ts';

/** By how many planes a key focuses; `base` is the plane that was shown first. */
export type FocusStep = number | 'base';

const keys: ReadonlyMap<string, FocusStep> = new Map<string, FocusStep>([
  [',', -1],
  ['<', -1],
  ['.', 1],
  ['>', 1],
  ['z', 'base'],
]);

/** What a key press asks for where a slide is a focal stack, or undefined when it is somebody else's. */
export function focusStepFor({ key, ctrlKey, metaKey, altKey }: KeyPress): FocusStep | undefined {
  return ctrlKey || metaKey || altKey ? undefined : keys.get(key.toLowerCase());
}
