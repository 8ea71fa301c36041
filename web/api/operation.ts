import * as z from 'zod/mini';
import { ask } from './request.ts';

const counts = z.record(z.string(), z.number());

const Step = z.object({
  at: z.string(),
  seconds: z.number(),
  tiles: counts,
  latency: z.array(z.number()),
  hits: z.number(),
  misses: z.number(),
  waiting: z.number(),
  rejected: z.number(),
  megapixels: z.number(),
  jobs: counts,
  errors: counts,
  memory: z.number(),
  processor: z.number(),
});
const RunningProcess = z.object({
  id: z.string(),
  host: z.string(),
  kind: z.enum(['serve', 'work']),
  pid: z.number(),
  startedAt: z.string(),
  seenAt: z.string(),
  memory: z.optional(z.number()),
  processor: z.optional(z.number()),
});
const Operation = z.object({
  now: z.string(),
  bounds: z.array(z.number()),
  processes: z.array(RunningProcess),
  steps: z.array(Step),
  jobs: z.array(z.object({ kind: z.string(), waiting: z.number(), running: z.number() })),
  conversions: z.array(z.object({ slide: z.string(), progress: z.number() })),
  needAttention: z.number(),
  storage: z.object({ slides: z.number(), bytes: z.number() }),
  mail: z.object({
    waiting: z.number(),
    failing: z.number(),
    givenUp: z.number(),
    reason: z.optional(z.string()),
  }),
  freeBytes: z.optional(z.number()),
});

/** What all processes together did within a few seconds; `at` is its end, memory in bytes, processor in s. */
export type OperationStep = z.infer<typeof Step>;

/** A process that answers requests or does jobs; memory in bytes, processor 1 for a whole one. */
export type RunningProcess = z.infer<typeof RunningProcess>;

/** What runs, what it did, and what waits. `bounds` of the times to answer are in seconds. */
export type Operation = z.infer<typeof Operation>;

/** @param since only steps that ended after it, ISO 8601 · @throws {ApiError} */
export async function getOperation(since: string | undefined, signal: AbortSignal): Promise<Operation> {
  const query = since === undefined ? '' : `?since=${encodeURIComponent(since)}`;
  return await ask(Operation, `/operation.json${query}`, { signal });
}
