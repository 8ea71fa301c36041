import type { z } from 'zod';
import type { Database } from '../db/database.ts';
import { overviewOf, type RunningProcess } from '../operation/overview.ts';
import { latencyBounds } from '../tiles/metrics.ts';
import { json } from './answers.ts';
import { Operation, OperationQuery } from './operation-schemas.ts';
import { NoParams } from './params.ts';
import { route, type Route } from './route.ts';

/** What the overview stands on. */
export interface OperationRouteParts {
  readonly database: Database;
  /** Bytes left on the disk of the store; undefined where it is a bucket. */
  readonly freeBytes: () => Promise<number | undefined>;
}

/** What runs and what it does, for operators. */
export function overviewRoutes({ database, freeBytes }: OperationRouteParts): readonly Route[] {
  return [
    route({
      name: 'getOperation',
      topic: 'Operation',
      method: 'get',
      path: '/operation.json',
      action: 'operation.read',
      summary: 'What runs, what it did in the last ten minutes, and what waits',
      description: 'Of all processes on all machines. It names slides by their id only.',
      params: NoParams,
      query: OperationQuery,
      answer: json(Operation, { description: 'The overview.', cache: 'no-store', example }),
      fails: {
        invalid: 'since: Invalid ISO datetime',
        unavailable: 'the database: no answer (ECONNREFUSED); is it running, and is the address right?',
      },
      respond: async ({ query }) => {
        const [overview, free] = await Promise.all([overviewOf(database, query.since), freeBytes()]);
        const { processes, steps, jobs, conversions, ...rest } = overview;
        return {
          ...rest,
          bounds: [...latencyBounds],
          processes: processes.map(processOf),
          steps: [...steps],
          jobs: [...jobs],
          conversions: [...conversions],
          ...(free === undefined ? {} : { freeBytes: free }),
        };
      },
    }),
  ];
}

function processOf({ last, ...known }: RunningProcess): z.infer<typeof Operation>['processes'][number] {
  if (last === undefined) return known;
  return { ...known, memory: last.memory, processor: last.processor / last.seconds };
}

const example: z.infer<typeof Operation> = {
  now: '2026-11-03T09:12:47.300Z',
  bounds: [0.001, 0.01, 0.1],
  processes: [
    {
      id: '7be2f50c9d1d4f60b1a7c4e2d9380a65',
      host: 'slides-1',
      kind: 'serve',
      pid: 4711,
      startedAt: '2026-11-03T07:00:00.000Z',
      seenAt: '2026-11-03T09:12:45.120Z',
      memory: 214_000_000,
      processor: 0.31,
    },
  ],
  steps: [
    {
      at: '2026-11-03T09:12:45.000Z',
      seconds: 5,
      tiles: { passthrough: 512, rendered: 16 },
      latency: [480, 40, 8, 0],
      hits: 300,
      misses: 228,
      waiting: 0,
      rejected: 0,
      megapixels: 120.5,
      jobs: { done: 2 },
      errors: {},
      memory: 214_000_000,
      processor: 1.55,
    },
  ],
  jobs: [{ kind: 'convert', waiting: 1, running: 1 }],
  conversions: [{ slide: '4f2a9c0e8b7d45f1a3c6e9b20d7f1854', progress: 0.42 }],
  needAttention: 0,
  storage: { slides: 1250, bytes: 912_000_000_000 },
  mail: { waiting: 2, failing: 2, givenUp: 0, reason: 'ESOCKET at CONN' },
  freeBytes: 2_400_000_000_000,
};
