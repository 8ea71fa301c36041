import { useEffect, useState } from 'preact/hooks';
import { isAborted } from '../api/request.ts';
import { ofCase } from './candidates.ts';

/** Block and stain of a case's slides, by slide, as the case tells where their names do not; empty outside of a case. */
export function useAbout(caseId: string | undefined): ReadonlyMap<string, string> {
  const [about, setAbout] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    if (caseId === undefined) return undefined;
    const gone = new AbortController();
    const ask = async () => {
      try {
        const slides = await ofCase(caseId, gone.signal);
        setAbout(new Map(slides.flatMap(({ id, about }) => (about === undefined ? [] : [[id, about]]))));
      } catch (error) {
        // The slides are named anyway.
        if (!isAborted(error)) console.warn('blocks and stains are not known', error);
      }
    };
    void ask();
    return () => gone.abort();
  }, [caseId]);
  return about;
}
