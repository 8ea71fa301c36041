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

/** What a comparison can be made of. */
export interface Candidates {
  readonly slides: readonly Candidate[];
  /** Whether there are more, that a narrower search would find. */
  readonly hasMore: boolean;
}

/**
 * The slides that a comparison can be made of and that have all words of a text: of the case when it is made in one, in
 * its order, else the newest that can be viewed.
 *
 * @throws {ApiError} · an AbortError
 */
export async function candidates(
  caseId: string | undefined,
  text: string,
  signal: AbortSignal,
): Promise<Candidates> {
  if (caseId !== undefined) return { slides: matching(await ofCase(caseId, signal), text), hasMore: false };
  const { slides, next } = await listSlides({ text, limit: 100 }, signal);
  return { slides: slides.filter(({ state }) => canBeViewed(state)), hasMore: next !== undefined };
}

/** Slides whose name, block or stain holds every word of a text. */
function matching(slides: readonly Candidate[], text: string): readonly Candidate[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return slides.filter(({ name, about }) => {
    const all = `${name} ${about ?? ''}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** The slides of a case that can be viewed, in its order. @throws {ApiError} · an AbortError */
export async function ofCase(caseId: string, signal: AbortSignal): Promise<readonly Candidate[]> {
  const { slides } = await ask(CaseSlides, `/cases/${encodeURIComponent(caseId)}`, { signal });
  return slides
    .filter(({ state }) => canBeViewed(state))
    .map(({ id, name, block, stain }) => {
      const about = [block, stain].filter((part) => part.trim() !== '').join(' · ');
      // Who does not belong to the laboratory sees this as the slide's name already.
      return about === '' || about === name ? { id, name } : { id, name, about };
    });
}
