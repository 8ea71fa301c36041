import { z } from 'zod';

const count = z.number().min(0);

/** What a process did within one step, and what it is like at its end. */
export const Sample = z.strictObject({
  /** Length of the step, s. */
  seconds: z.number().positive(),
  /** Tiles answered, by how each came about. */
  tiles: z.record(z.string(), count),
  /** Answers to requests for tiles by how long they took: one count for each of `latencyBounds`, and one for longer. */
  latency: z.array(count),
  hits: count,
  misses: count,
  /** Renderings waiting at the end of the step. */
  waiting: count,
  /** Requests told to come back. */
  rejected: count,
  /** Pixels of slides turned into tiles, in millions. */
  megapixels: count,
  /** Jobs ended, by how: `done` or `failed`. */
  jobs: z.record(z.string(), count),
  /** Requests that failed for a reason of ours, by kind. */
  errors: z.record(z.string(), count),
  /** Memory in use, bytes. */
  memory: count,
  /** Processor time used, s. */
  processor: count,
});

/** What a process did within one step. */
export type Sample = z.infer<typeof Sample>;

/** Length of a step, ms. */
export const stepMs = 5000;
/** How far back samples reach, ms. */
export const historyMs = 10 * 60_000;
