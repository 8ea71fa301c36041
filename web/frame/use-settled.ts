import { useEffect, useState } from 'preact/hooks';

/**
 * A value once it has not changed for a while: what is typed is not asked for letter by letter.
 *
 * @param ms how long is waited for the next letter
 */
export function useSettled<T>(value: T, ms = 150): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
