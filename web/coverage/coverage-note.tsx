import { useEffect, useState } from 'preact/hooks';
import { getCoverage } from '../api/coverage.ts';
import { isAborted } from '../api/request.ts';
import { failedTilesOf } from './failed-tiles-noted.ts';
import { bands, leastSeconds, SeenMap } from './seen-map.ts';
import { smallPicture } from './small-picture.ts';
import { tissueIn, unseenPart } from './tissue.ts';
import { useCoverageChoice } from './use-choice.ts';
import '../styles/coverage.css';

/** A slide of a case, as far as the note names it. */
export interface NotedSlide {
  readonly id: string;
  readonly name: string;
  readonly block?: string | undefined;
  readonly stain?: string | undefined;
}

/** The magnification that a thorough look has. */
const wantedBand = bands.indexOf(10);

/**
 * What a reader may want to look at before they sign, in sentences; none when all was seen. It is a help, never a
 * hindrance: what cannot be found out is left out.
 *
 * @param isKept whether the reader has what they look at kept; otherwise only failures are known
 */
export async function coverageNote(
  slides: readonly NotedSlide[],
  isKept: boolean,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const notes = await Promise.all(
    slides.map(async (slide) => [...(isKept ? await unseenOf(slide, signal) : []), ...failuresOf(slide)]),
  );
  return notes.flat();
}

/** A gentle note above the signature; nothing where there is nothing to say. */
export function CoverageNote({ slides }: { slides: readonly NotedSlide[] }) {
  const { isKept } = useCoverageChoice();
  const [notes, setNotes] = useState<readonly string[]>([]);
  const ids = slides.map(({ id }) => id).join();
  useEffect(() => {
    if (isKept === undefined) return undefined;
    const gone = new AbortController();
    const look = async () => {
      const found = await coverageNote(slides, isKept, gone.signal);
      if (!gone.signal.aborted) setNotes(found);
    };
    void look();
    // Somebody who went back to look comes back to a note that knows it.
    addEventListener('focus', () => void look(), { signal: gone.signal });
    return () => gone.abort();
  }, [ids, isKept]);
  if (notes.length === 0) return null;
  return (
    <aside class="coverage-note" role="note" aria-label="Before you sign">
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <p>Only you see this. You can sign all the same.</p>
    </aside>
  );
}

/** How a case calls a slide, e.g. `A2 (HE)`; its name where it has neither block nor stain. */
function labelOf({ name, block = '', stain = '' }: NotedSlide): string {
  if (block === '') return stain === '' ? name : `${name} (${stain})`;
  return stain === '' ? block : `${block} (${stain})`;
}

async function unseenOf(slide: NotedSlide, signal?: AbortSignal): Promise<string[]> {
  try {
    const [known, picture] = await Promise.all([getCoverage(slide.id, signal), smallPicture(slide.id)]);
    // The grid needs only the shape of the slide, which its picture has.
    const map = new SeenMap(known === undefined ? picture : gridSize(known));
    if (known !== undefined) map.merge(known);
    const tissue = tissueIn(picture, map.columns, map.rows);
    const unseen = unseenPart(tissue, (cell) => map.secondsFrom(wantedBand, cell), leastSeconds);
    const percent = Math.round(unseen * 100);
    return percent < 1
      ? []
      : [`${percent} % of the tissue on slide ${labelOf(slide)} not seen at 10× or more`];
  } catch (error) {
    if (!isAborted(error)) console.warn('what was looked at of a slide could not be found out', error);
    return [];
  }
}

/** A size whose grid is the known one: a cell is a pixel. */
function gridSize({ columns, rows }: { readonly columns: number; readonly rows: number }) {
  return { width: columns, height: rows };
}

function failuresOf(slide: NotedSlide): string[] {
  const count = failedTilesOf(slide.id);
  if (count === 0) return [];
  return [`${count === 1 ? '1 tile' : `${count} tiles`} of slide ${labelOf(slide)} failed to load`];
}
