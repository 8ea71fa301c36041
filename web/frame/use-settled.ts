import { useEffect, useState } from 'preact/hooks';

/** How long is waited for the next letter, ms. */
const typingMs = 150;

/** What somebody writes, a moment after the last letter: to be asked for. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
