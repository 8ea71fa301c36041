import { useLayoutEffect, useRef } from 'preact/hooks';
import { isTyping } from './keyboard.ts';

/** Looks at a key press. @returns whether it was its own: nobody else is asked then */
export type KeyReader = (event: KeyboardEvent) => boolean;

const readers: { current: KeyReader }[] = [];

/**
 * Reads the keys that are pressed while nobody types, as long as the component is there. Who came last is asked
 * first: a tool that was just opened comes before the viewer's own keys.
 *
 * It reads from the moment it is rendered, before the screen shows it: whoever presses two keys at once means the tool
 * that the first one opens.
 */
export function useKeys(reader: KeyReader): void {
  const latest = useRef(reader);
  latest.current = reader;
  useLayoutEffect(() => {
    if (readers.length === 0) addEventListener('keydown', ask);
    readers.push(latest);
    return () => {
      readers.splice(readers.indexOf(latest), 1);
      if (readers.length === 0) removeEventListener('keydown', ask);
    };
  }, []);
}

/** Has a key's readers do what it asks for, on behalf of a button of another device. */
export function pressKey(key: string): void {
  ask(new KeyboardEvent('keydown', { key }));
}

function ask(event: KeyboardEvent): void {
  if (event.defaultPrevented || isTyping(event.target)) return;
  for (const reader of readers.toReversed()) {
    if (!reader.current(event)) continue;
    event.preventDefault();
    return;
  }
}
