import type { Database } from '../db/database.ts';
import { metricsOfHost } from '../operation/overview.ts';
import type { Metrics } from '../tiles/metrics.ts';
import { content, json } from './answers.ts';
import { NoParams } from './params.ts';
import { route, type Route } from './route.ts';
import { Health } from './schemas.ts';

/** What says whether the service can do its work now. */
export interface Readiness {
  /** @throws when it cannot; the message says why */
  check(): Promise<void>;
}

/** What these routes stand on. */
export interface MonitoringParts {
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** Where all processes report; absent: this one is the only one. */
  readonly database?: Database | undefined;
}

/** For operators and orchestrators: alive, ready, metrics. */
export function operationRoutes({ metrics, readiness, database }: MonitoringParts): readonly Route[] {
  const common = {
    topic: 'Operation',
    method: 'get',
    action: 'open',
    params: NoParams,
    query: NoParams,
  } as const;
  return [
    route({
      ...common,
      name: 'getHealth',
      path: '/healthz',
      summary: 'Whether the service is alive',
      answer: json(Health, { description: 'It is.', cache: 'no-store', example: { status: 'ok' } }),
      fails: {},
      respond: () => ({ status: 'ok' }) as const,
    }),
    route({
      ...common,
      name: 'getReadiness',
      path: '/readyz',
      summary: 'Whether the service reaches its store',
      answer: json(Health, { description: 'It does.', cache: 'no-store', example: { status: 'ready' } }),
      fails: { unavailable: 'readiness: no permission; let the service own this folder (EACCES)' },
      respond: async () => {
        await readiness.check();
        return { status: 'ready' } as const;
      },
    }),
    route({
      ...common,
      name: 'getMetrics',
      path: '/metrics',
      action: 'operation.read',
      summary: 'Metrics in Prometheus’ text format',
      description:
        'Of all processes on the machine that answers, a few seconds old. Prometheus sends an operator’s API token with the scope `read`.',
      answer: content(metrics.registry.contentType, {
        description: 'Counters and histograms; no id and no name in them.',
        cache: 'no-store',
        example: '# TYPE telepath_tiles_total counter\ntelepath_tiles_total{path="passthrough"} 1024\n',
      }),
      fails: {
        unavailable: 'the database: no answer (ECONNREFUSED); is it running, and is the address right?',
      },
      respond: () => (database === undefined ? metrics.registry.metrics() : metricsOfHost(database)),
    }),
  ];
}
