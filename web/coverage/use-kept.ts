import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { getCoverage, keepCoverage } from '../api/coverage.ts';
import { isAborted } from '../api/request.ts';
import type { SeenMap } from './seen-map.ts';

/** How often what was looked at is sent, ms. */
const sendEveryMs = 15_000;

/** A map that is kept by the service while it grows. */
export interface Kept {
  /** Counted up when the map has changed, at most once a second. */
  readonly revision: number;
  /** Whether the service could not be told last time; it is told again. */
  readonly isBehind: boolean;
  /** To be called when something was added. */
  readonly counted: () => void;
}

/** Brings what is known of a slide into `map` and has the service keep what is added, to the last look. */
export function useKept(slideId: string, map: SeenMap, isOn: boolean): Kept {
  const [revision, setRevision] = useState(0);
  const [isBehind, setBehind] = useState(false);
  const isChanged = useRef(false);
  const isDrawn = useRef(true);
  useEffect(() => {
    if (!isOn) return undefined;
    const gone = new AbortController();
    const send = async () => {
      if (!isChanged.current) return;
      isChanged.current = false;
      try {
        await keepCoverage(slideId, map.toWire());
        if (!gone.signal.aborted) setBehind(false);
      } catch {
        isChanged.current = true;
        if (!gone.signal.aborted) setBehind(true);
      }
    };
    const bring = async () => {
      try {
        const known = await getCoverage(slideId, gone.signal);
        if (known !== undefined) map.merge(known);
        setRevision((n) => n + 1);
      } catch (error) {
        if (!isAborted(error)) setBehind(true);
      }
    };
    void bring();
    const sending = setInterval(() => void send(), sendEveryMs);
    const drawing = setInterval(() => {
      if (isDrawn.current) return;
      isDrawn.current = true;
      setRevision((n) => n + 1);
    }, 1000);
    const whenHidden = () => {
      if (document.visibilityState === 'hidden') void send();
    };
    document.addEventListener('visibilitychange', whenHidden, { signal: gone.signal });
    return () => {
      clearInterval(sending);
      clearInterval(drawing);
      gone.abort();
      void send();
    };
  }, [slideId, map, isOn]);
  const counted = useCallback(() => {
    isChanged.current = true;
    isDrawn.current = false;
  }, []);
  return { revision, isBehind, counted };
}
