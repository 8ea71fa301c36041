import * as z from 'zod/mini';
import { canBeViewed, listSlides, State, type SlideSummary } from '../api.ts';
import { ask } from '../api/request.ts';

/** A slide that can be compared with others. */
export interface Candidate extends Pick<SlideSummary, 'id' | 'name' | 'objectivePower'> {
  /** What the case says of it, e.g. `A2 · Ki-67`. */
  readonly about?: string;
  readonly addedAt?: string;
}

const CaseSlides = z.object({
  slides: z.array(
    z.object({ id: z.string(), name: z.string(), block: z.string(), stain: z.string(), state: State }),
  ),
});

/**
 * The slides that a comparison can be made of: of the case when it is made in one, in its order, else all that can be
 * viewed.
 *
 * @throws {ApiError} · an AbortError
 */
export async function candidates(
  caseId: string | undefined,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  if (caseId === undefined) return (await listSlides(signal)).filter(({ state }) => canBeViewed(state));
  const { slides } = await ask(CaseSlides, `/cases/${encodeURIComponent(caseId)}`, { signal });
  return slides
    .filter(({ state }) => canBeViewed(state))
    .map(({ id, name, block, stain }) => {
      const about = [block, stain].filter((part) => part.trim() !== '').join(' · ');
      // Who does not belong to the laboratory sees this as the slide's name already.
      return about === '' || about === name ? { id, name } : { id, name, about };
    });
}
