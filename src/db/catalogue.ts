import type { SlideId } from '../core/slide.ts';

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
}

/** Which slides {@link Catalogue.list} gives. */
export interface SlideFilter {
  /** Those of this organisation, and those shared with it. */
  readonly organisationId?: string;
}

/** Which slides there are: rows of PostgreSQL, or of this process' memory where files are shown in place. */
export interface Catalogue {
  /** All slides, or those that a filter names, newest first. */
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
  /** Notes whether a slide is urgent. @returns whether there is such a slide */
  setUrgent(id: SlideId, isUrgent: boolean): Promise<boolean>;
  remove(id: SlideId): Promise<void>;
}
