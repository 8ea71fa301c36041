import { z } from 'zod';
import { idPattern } from '../core/ids.ts';
import { slideIdPattern } from '../core/slide.ts';
import { named } from './schemas.ts';

const count = z.number().min(0);
const counts = z.record(z.string(), count);
const time = z.iso.datetime();

const Step = named(
  'OperationStep',
  z
    .strictObject({
      at: time.describe('End of the step.'),
      seconds: count.describe('Its length.'),
      tiles: counts.describe('Tiles answered, by `passthrough`, `converted`, `rendered`, `background`.'),
      latency: z
        .array(count)
        .describe('Tiles by how long they took: one count for each of `bounds`, and one for longer.'),
      hits: count.describe('Tiles found in memory.'),
      misses: count,
      waiting: count.describe('Renderings that wait.'),
      rejected: count.describe('Requests told to come back.'),
      megapixels: count.describe('Of slides, turned into tiles.'),
      jobs: counts.describe('Jobs ended: `done`, `failed`.'),
      errors: counts.describe('Answers with status 500 and above, by status.'),
      memory: count.describe('Bytes.'),
      processor: count.describe('Seconds of processor time.'),
    })
    .describe('What all processes together did within a few seconds.'),
);

/** Answer of `GET /operation.json`. */
export const Operation = named(
  'Operation',
  z.strictObject({
    now: time,
    bounds: z.array(count).describe('Bounds of latencies, seconds.'),
    processes: z.array(
      z
        .strictObject({
          id: z.string().regex(idPattern),
          host: z.string(),
          kind: z.enum(['serve', 'work']),
          pid: z.int(),
          startedAt: time,
          seenAt: time,
          memory: count.optional().describe('Bytes.'),
          processor: count.optional().describe('Share of a processor, 1 = a whole one.'),
        })
        .describe('A process that answers requests or does jobs.'),
    ),
    steps: z.array(Step).describe('Of the last ten minutes, oldest first.'),
    jobs: z.array(z.strictObject({ kind: z.string(), waiting: z.int().min(0), running: z.int().min(0) })),
    conversions: z
      .array(z.strictObject({ slide: z.string().regex(slideIdPattern), progress: z.number().min(0).max(1) }))
      .describe('Slides being converted, those added first first, at most 20.'),
    needAttention: z.int().min(0).describe('Slides that could not be prepared; their lab sees why.'),
    storage: z.strictObject({ slides: z.int().min(0), bytes: count }),
    mail: z
      .strictObject({
        waiting: z.int().min(0),
        failing: z.int().min(0).describe('Of those that wait: tried already, in vain.'),
        givenUp: z.int().min(0).describe('Not delivered, within the last week.'),
        reason: z.string().optional().describe('Why the last of them failed: codes, never an address.'),
      })
      .describe('E-mails on their way.'),
    freeBytes: count.optional().describe('Left on the disk of the store; absent where it is a bucket.'),
  }),
);

/** Query of the overview. */
export const OperationQuery = z.object({
  since: z.iso.datetime().optional().meta({
    description: 'Only steps that ended after it; for asking again.',
    example: '2026-11-03T09:12:45.120Z',
  }),
});
