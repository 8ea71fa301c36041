import { createContext } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import type { Slide } from '../api.ts';
import type { AroundProps } from '../viewer/part.ts';
import { noteFailedTiles } from './failed-tiles-noted.ts';
import { SeenMap } from './seen-map.ts';
import { smallPicture } from './small-picture.ts';
import { tissueIn, type Tissue } from './tissue.ts';
import { useCoverageChoice, type CoverageChoice } from './use-choice.ts';
import { useDwell } from './use-dwell.ts';
import { useKept, type Kept } from './use-kept.ts';

/** What the pieces of coverage know together. */
export interface CoverageKnown {
  readonly choice: CoverageChoice;
  readonly kept: Kept;
  readonly map: SeenMap;
  /** Undefined while it is not known, or where it cannot be found out. */
  readonly tissue: Tissue | undefined;
  readonly isShown: boolean;
  readonly show: (isShown: boolean) => void;
}

const Context = createContext<CoverageKnown | undefined>(undefined);

/** What is known of what was looked at. @throws outside of {@link CoverageAround} */
export function useCoverage(): CoverageKnown {
  const known = useContext(Context);
  if (known === undefined) throw new Error('coverage is asked for outside of its context');
  return known;
}

/** Counts, keeps and tells what is looked at, for all pieces of coverage. */
export function CoverageAround({ slide, opened, children }: AroundProps) {
  const choice = useCoverageChoice();
  const map = useMemo(() => new SeenMap(slide.size), [slide]);
  const isOn = choice.isKept === true && slide.mpp !== undefined;
  const kept = useKept(slide.id, map, isOn);
  useDwell(slide, opened?.viewer, map, { isOn, counted: kept.counted });
  const tissue = useTissue(slide, map, isOn);
  const [isShown, show] = useState(false);
  const failed = opened?.shown.failedInView;
  useEffect(() => {
    if (opened !== undefined) noteFailedTiles(slide.id, opened.viewer.failed.list().length);
  }, [slide.id, failed]);
  return (
    <Context.Provider value={{ choice, kept, map, tissue, isShown: isShown && isOn, show }}>
      {children}
    </Context.Provider>
  );
}

/** Where the slide has tissue, once that is wanted. */
function useTissue(slide: Slide, map: SeenMap, isWanted: boolean): Tissue | undefined {
  const [tissue, setTissue] = useState<Tissue>();
  useEffect(() => {
    if (!isWanted) return undefined;
    let isGone = false;
    const look = async () => {
      try {
        const picture = await smallPicture(slide.id);
        if (!isGone) setTissue(tissueIn(picture, map.columns, map.rows));
      } catch (error) {
        console.warn('where the tissue is could not be found out', error);
      }
    };
    void look();
    return () => {
      isGone = true;
    };
  }, [slide.id, map, isWanted]);
  return tissue;
}
