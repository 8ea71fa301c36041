import { ServiceError } from '../core/errors.ts';
import type { SlideId, SlideProperties } from '../core/slide.ts';

/**
 * How far a slide has come.
 *
 * `receiving` bytes are arriving · `checking` all are here, its structure is read · `converting` its tiles are made ·
 * `viewable` it has a tile index in the store · `complete` viewable, its levels are made and all its tiles checked ·
 * `failed` it needs attention.
 */
export type SlideState = SeenState | UnseenState;

/** States in which there is something to see. Progress: 0–1. */
export type SeenState =
  | { readonly kind: 'receiving'; readonly progress: number; readonly isViewable: true }
  | { readonly kind: 'viewable' }
  | { readonly kind: 'complete' };

/** States in which there is nothing to see. Progress: 0–1. */
export type UnseenState =
  | { readonly kind: 'receiving'; readonly progress: number; readonly isViewable: false }
  | { readonly kind: 'checking' }
  | { readonly kind: 'converting'; readonly progress: number }
  | { readonly kind: 'failed'; /** What and what to do, for a person. */ readonly reason: string };

/** Whether there is something to see: then the slide has a tile index in the store, though bytes may be missing. */
export function canBeViewed(state: SlideState): state is SeenState {
  return (
    state.kind === 'viewable' || state.kind === 'complete' || (state.kind === 'receiving' && state.isViewable)
  );
}

/** What lists tell of a slide: as its tile index has it, so that none is read for a list. */
export type SlideFacts = Pick<SlideProperties, 'size' | 'mpp' | 'objectivePower' | 'vendor'>;

/** The facts among all that is known of a slide. */
export function factsOf({ size, mpp, objectivePower, vendor }: SlideProperties): SlideFacts {
  return {
    size,
    ...(mpp !== undefined && { mpp }),
    ...(objectivePower !== undefined && { objectivePower }),
    vendor,
  };
}

/** One slide in the catalogue. */
export interface SlideRecord {
  readonly id: SlideId;
  /** To which it belongs. */
  readonly organisationId: string;
  /** Other organisations that may view it. */
  readonly sharedWith?: readonly string[];
  /** Who was asked about cases that it belongs to; of one slide only, not in a list. `cases`: by a link. */
  readonly consulted?: {
    readonly organisations: readonly string[];
    readonly accounts: readonly string[];
    readonly cases: readonly string[];
  };
  /** What the lab called it: usually the file's name. Shown only in the service's own pages. */
  readonly name: string;
  readonly state: SlideState;
  /** Whether its case is urgent: what is to be done for it is done first. */
  readonly isUrgent?: boolean;
  /** ISO 8601, UTC. */
  readonly addedAt: string;
  /** Bytes of the original. */
  readonly bytes: number;
  /** Absent as long as there is no tile index, and of slides that were added before facts were kept. */
  readonly facts?: SlideFacts;
}

/** Which slides {@link Catalogue.list} gives. */
export interface SlideFilter {
  /** Those of this organisation, and those shared with it. */
  readonly organisationId?: string;
  /** All of these words are in the name, or in who made the scanner; capitals do not matter. */
  readonly words?: readonly string[];
  /** Most slides to give; absent: all. */
  readonly limit?: number;
  /** From which of these slides on: those after it, or as many before as after it, and itself. */
  readonly from?: { readonly side: 'after' | 'around'; readonly id: SlideId } | undefined;
}

/** Nobody is told of a slide that is out of their reach, not even where it stands in a list. */
export function noPlace(id: SlideId): ServiceError {
  return new ServiceError('not-found', `no slide ${id} in this list; ask for its first page`);
}

/** Which slides there are: rows of PostgreSQL, or of this process' memory where files are shown in place. */
export interface Catalogue {
  /** All slides, or those that a filter names, newest first. @throws {ServiceError} `not-found`: {@link noPlace} */
  list(filter?: SlideFilter): Promise<readonly SlideRecord[]>;
  /** @returns undefined when there is no such slide */
  get(id: SlideId): Promise<SlideRecord | undefined>;
  /** Adds or replaces. */
  save(record: SlideRecord): Promise<void>;
  /**
   * Changes how far a slide has come, and nothing else of it.
   *
   * @param from states it must be in now; absent: any
   * @returns whether it was changed: not when the slide is gone, or in another state
   */
  setState(id: SlideId, state: SlideState, from?: readonly SlideState['kind'][]): Promise<boolean>;
  /** Notes what lists tell of a slide. */
  describe(id: SlideId, facts: SlideFacts): Promise<void>;
  /** Notes whether a slide is urgent. @returns whether there is such a slide */
  setUrgent(id: SlideId, isUrgent: boolean): Promise<boolean>;
  remove(id: SlideId): Promise<void>;
}
