import { useEffect, useState } from 'preact/hooks';

/** Slides one over the other, of which one is shown at a time. */
export interface Flicker {
  /** Position of the slide that is shown. */
  readonly shown: number;
  readonly isPlaying: boolean;
  readonly show: (n: number) => void;
  readonly next: () => void;
  /** Lets it alternate by itself, or stops that. */
  readonly play: (isPlaying: boolean) => void;
}

/**
 * Alternates slides, by itself only while it may: not before it is asked to where people want less motion.
 *
 * @param isOn whether flicker is what is looked at
 */
export function useFlicker(count: number, isOn: boolean, intervalMs: number): Flicker {
  const [shown, setShown] = useState(0);
  const [isPlaying, play] = useState(() => !matchMedia('(prefers-reduced-motion: reduce)').matches);
  const next = () => setShown((n) => (n + 1) % count);
  useEffect(() => {
    if (!isOn || !isPlaying) return undefined;
    const timer = setInterval(next, intervalMs);
    return () => clearInterval(timer);
  }, [isOn, isPlaying, intervalMs, count]);
  const byHand = (act: () => void) => {
    play(false);
    act();
  };
  return {
    shown,
    isPlaying,
    play,
    show: (n) => n !== shown && byHand(() => setShown(n)),
    next: () => byHand(next),
  };
}
