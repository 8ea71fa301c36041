import type { SlideId } from '../core/slide.ts';

/** How far a slide has come. `viewable` slides have a tile index in the store. */
export type SlideState =
  | { readonly kind: 'converting'; /** 0–1 */ readonly progress: number }
  | { readonly kind: 'viewable' }
  | { readonly kind: 'failed'; /** What and what to do, for a person. */ readonly reason: string };

/** One slide in the catalogue. */
export interface SlideRecord {
  readonly id: SlideId;
  /** To which it belongs. */
  readonly organisationId: string;
  /** Other organisations that may view it. */
  readonly sharedWith?: readonly string[];
  /** What the lab called it: usually the file's name. Shown only in the service's own pages. */
  readonly name: string;
  readonly state: SlideState;
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
  remove(id: SlideId): Promise<void>;
}
