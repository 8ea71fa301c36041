import type { SlideId } from '../core/slide.ts';

/** How far a slide has come. `viewable` slides have a tile index in the store. */
export type SlideState =
  | { readonly kind: 'converting'; /** 0–1 */ readonly progress: number }
  | { readonly kind: 'viewable' }
  | { readonly kind: 'failed'; /** What and what to do, for a person. */ readonly reason: string };

/** One slide in the catalogue. */
export interface SlideRecord {
  readonly id: SlideId;
  /** What the lab called it: usually the file's name. Shown only in the service's own pages. */
  readonly name: string;
  readonly state: SlideState;
  /** ISO 8601, UTC. */
  readonly addedAt: string;
  /** Bytes of the original. */
  readonly bytes: number;
}

/** Which slides there are. Rows of PostgreSQL later; objects in the store, or memory, today. */
export interface Catalogue {
  /** All slides, newest first. */
  list(): Promise<readonly SlideRecord[]>;
  /** @returns undefined when there is no such slide */
  get(id: SlideId): Promise<SlideRecord | undefined>;
  /** Adds or replaces. */
  save(record: SlideRecord): Promise<void>;
  remove(id: SlideId): Promise<void>;
}
