/** Long enough for several confirmations, which come every two seconds or so. */
const windowMs = 8000;

/**
 * Bytes per second over about the last eight seconds: steady enough to read, quick enough to be true.
 *
 * @returns a function that takes the bytes that have arrived so far and the time in ms
 */
export function speedometer(): (bytes: number, timeMs: number) => number {
  const marks: { readonly bytes: number; readonly timeMs: number }[] = [];
  return (bytes, timeMs) => {
    marks.push({ bytes, timeMs });
    while (marks.length > 2 && timeMs - (marks[1]?.timeMs ?? timeMs) >= windowMs) marks.shift();
    const first = marks[0];
    if (first === undefined || timeMs - first.timeMs < 200) return 0;
    return ((bytes - first.bytes) / (timeMs - first.timeMs)) * 1000;
  };
}
