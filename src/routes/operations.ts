import { Router } from 'express';
import type { Metrics } from '../tiles/metrics.ts';

/** What says whether the service can do its work now. */
export interface Readiness {
  /** @throws when it cannot; the message says why */
  check(): Promise<void>;
}

/** For operators and orchestrators: alive, ready, metrics. */
export function operationRoutes(metrics: Metrics, readiness: Readiness): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  router.get('/readyz', async (_req, res) => {
    await readiness.check();
    res.set('Cache-Control', 'no-store').json({ status: 'ready' });
  });
  router.get('/metrics', async (_req, res) => {
    res.set('Content-Type', metrics.registry.contentType).end(await metrics.registry.metrics());
  });
  return router;
}
