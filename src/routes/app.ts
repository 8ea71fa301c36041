import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import sirv from 'sirv';
import type { Audit } from '../audit/audit.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Identity } from '../auth/identity.ts';
import type { SlideAccess } from '../auth/slide-access.ts';
import type { Metrics } from '../tiles/metrics.ts';
import { errorHandler, sendProblem } from './errors.ts';
import { Gate } from './gate.ts';
import { operationRoutes, type Readiness } from './operations.ts';
import { documentRoutes } from './openapi-routes.ts';
import { Recorder } from './recorder.ts';
import { mount } from './route.ts';
import { slideRoutes, type SlideRouteParts } from './slides.ts';
import { tileRoutes } from './tiles.ts';

/** All that the HTTP application stands on. */
export interface AppParts extends SlideRouteParts {
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly authenticator: Authenticator;
  /** Absent where there are no rows. */
  readonly audit?: Audit | undefined;
  /** Absent where there are no accounts. */
  readonly identity?: Identity | undefined;
  readonly access: SlideAccess;
  readonly log: Logger;
  /** Folder of the built page. */
  readonly pageFolder: string;
}

/** The HTTP application: tiles first, because they are nearly all of its requests. */
export function createApp(parts: AppParts): Express {
  const gate = new Gate(parts.authenticator, recorderOf(parts));
  const tiles = tileRoutes(parts);
  const others = [...slideRoutes(parts), ...operationRoutes(parts.metrics, parts.readiness)];
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(observe(parts));
  app.use(mount(tiles, gate));
  app.use(secureHeaders());
  app.use(mount([...others, ...documentRoutes([...tiles, ...others])], gate));
  app.use(page(parts.pageFolder));
  app.use((req: Request, res: Response) => {
    sendProblem(res, 404, 'Not found', `nothing at ${req.path.slice(0, 200)}`);
  });
  app.use(errorHandler(parts.log));
  return app;
}

/** What writes the audit of requests. */
function recorderOf({ audit, identity, log }: AppParts): Recorder | undefined {
  return audit && new Recorder(audit, identity?.line ?? { trustsProxy: false }, log);
}

/** Counts and logs every answer: route and status, never a name. */
function observe({ metrics, log }: AppParts) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const started = performance.now();
    res.on('close', () => {
      const seconds = (performance.now() - started) / 1000;
      const route = routeOf(req);
      metrics.seconds.observe({ route, status: res.statusCode }, seconds);
      log.debug({ method: req.method, route, status: res.statusCode, ms: seconds * 1000 }, 'answered');
    });
    next();
  };
}

/** The pattern that answered, never the path itself: ids do not belong in metrics. */
function routeOf(req: Request): string {
  const route: unknown = req.route;
  if (typeof route !== 'object' || route === null || !('path' in route)) return 'page';
  return typeof route.path === 'string' ? route.path : 'page';
}

/** Headers for pages: everything from here, nothing from elsewhere. */
function secureHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  });
}

/** The page: built files, and its one document at `/` and at every view. */
function page(folder: string) {
  const router = express.Router();
  if (!existsSync(join(folder, 'index.html'))) {
    router.get('/', (_req, res) => {
      sendProblem(res, 503, 'The page is not built', 'Run npm run build, then start the service again.');
    });
    return router;
  }
  router.get('/view/:id', (req, _res, next) => {
    req.url = '/';
    next();
  });
  router.use(sirv(folder, { immutable: true, maxAge: 31_536_000, setHeaders: pageHeaders }));
  return router;
}

/** The document itself is asked for anew each time; its hashed files never. */
function pageHeaders(res: { setHeader(name: string, value: string): void }, path: string): void {
  if (path === '/' || path.endsWith('.html')) res.setHeader('Cache-Control', 'no-cache');
}
