import { ServiceError } from '../core/errors.ts';
import type { SlideId } from '../core/slide.ts';

/**
 * Work that is done for a slide apart from any request, what people wait for first.
 *
 * `probe` reads the structure and publishes what can be · `convert` makes the tiles of a slide that has none ·
 * `render-ahead` makes the zoom levels a viewable slide lacks · `verify` checks every tile · `export` makes the files it was asked for as · `purge`
 * destroys a deleted slide whose time is up.
 */
export type JobKind = (typeof jobKinds)[number];

/** All kinds, in the order in which they are taken up. */
export const jobKinds = ['probe', 'convert', 'export', 'purge', 'render-ahead', 'verify'] as const;

/** Kinds that run side by side: people wait for the first, and for files; the last give way to them. */
export const lanes = {
  foreground: ['probe', 'convert'],
  files: ['export'],
  background: ['purge', 'render-ahead', 'verify'],
} as const satisfies Readonly<Record<string, readonly JobKind[]>>;

/** Name of a lane. */
export type Lane = keyof typeof lanes;

/** The lane of a kind. */
export function laneOf(kind: JobKind): Lane {
  if (lanes.foreground.some((one) => one === kind)) return 'foreground';
  return lanes.files.some((one) => one === kind) ? 'files' : 'background';
}

/** How a job is put in line. */
export interface JobOptions {
  /** Whether it goes before those that are not. */
  readonly isUrgent?: boolean | undefined;
}

/** Where work is put in line: in this process, or in the database for whoever works. */
export interface Jobs {
  /** Puts work in line; once, however often it is asked for while it waits or is under way. */
  add(kind: JobKind, slide: SlideId, options?: JobOptions): Promise<void>;
  /** Drops all work for a slide, what waits and what is under way, but for its destruction, which nothing ends. */
  cancel(slide: SlideId): Promise<void>;
  /** Changes what waits for a slide. */
  setUrgent(slide: SlideId, isUrgent: boolean): Promise<void>;
  /** Resolves when nothing waits or is under way. @param kinds default: all */
  idle(kinds?: readonly JobKind[]): Promise<void>;
  close(): Promise<void>;
}

/** Why work ends that is not wanted any more. */
export class CancelledError extends ServiceError {
  /** @param slide whose work it was */
  constructor(slide: SlideId) {
    super('conflict', `the work for slide ${slide} was cancelled`);
  }
}

/**
 * How often work is begun that ends with an error, before the slide is given up.
 *
 * What is wrong with the file stays wrong, but a decoder may have died of something else; what the service depends on
 * comes back.
 */
export function triesAfter(error: unknown): number {
  if (!(error instanceof ServiceError)) return 3;
  if (error.kind === 'unavailable' || error.kind === 'busy' || error.kind === 'conflict') return 12;
  return error.kind === 'damaged' || error.kind === 'too-large' ? 2 : 1;
}
