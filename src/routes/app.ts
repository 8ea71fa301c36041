import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Identity } from '../auth/identity.ts';
import type { Line } from '../auth/request-proof.ts';
import type { SlideAccess } from '../auth/slide-access.ts';
import type { SlideLinks } from '../auth/slide-links.ts';
import { SlideShares } from '../auth/slide-shares.ts';
import type { Database } from '../db/database.ts';
import type { Capsules } from '../cases/capsule/capsules.ts';
import type { LiveRooms } from '../cases/live/rooms.ts';
import type { Casework } from '../cases/casework.ts';
import type { Retaining } from '../ingest/retention/open-retention.ts';
import type { SlideExports } from '../ingest/exports/slide-exports.ts';
import type { ImportRuns } from '../ingest/imports/import-runs.ts';
import type { Jobs } from '../ingest/jobs.ts';
import type { Store } from '../storage/store.ts';
import type { Metrics } from '../tiles/metrics.ts';
import { accountRoutes } from './account.ts';
import { annotationRoutes } from './annotations.ts';
import { coverageRoutes } from './coverage.ts';
import { errorHandler, sendProblem } from './errors.ts';
import { exportRoutes } from './exports.ts';
import { Gate } from './gate.ts';
import { jobRoutes } from './jobs.ts';
import { importRoutes } from './imports.ts';
import { liveRoutes } from './live.ts';
import { linkRoutes } from './links.ts';
import { auditRoutes } from './audit.ts';
import { casePartRoutes } from './case-documents.ts';
import { caseGrantRoutes } from './case-grants.ts';
import { caseOriginRoutes } from './case-origin.ts';
import { capsuleRoutes } from './capsules.ts';
import { caseRoutes } from './cases.ts';
import { guestRoutes } from './guest.ts';
import { retentionRoutes } from './retention.ts';
import { localSessionRoutes } from './local-session.ts';
import { overviewRoutes } from './operation.ts';
import { operationRoutes, type Readiness } from './operations.ts';
import { oidcRoutes } from './oidc.ts';
import { opinionRoutes } from './opinions.ts';
import { opinionVerificationRoutes } from './opinion-verification.ts';
import { documentRoutes } from './openapi-routes.ts';
import { notificationRoutes } from './notifications.ts';
import { page } from './page.ts';
import { preferenceRoutes } from './preferences.ts';
import { peopleRoutes } from './people.ts';
import { Recorder } from './recorder.ts';
import { mount, type Route } from './route.ts';
import { secureHeaders } from './secure-headers.ts';
import { shareRoutes } from './shares.ts';
import { sessionRoutes } from './session.ts';
import { slideRoutes, type SlideRouteParts } from './slides.ts';
import { spanRoutes } from './span-routes.ts';
import { tileRoutes } from './tiles.ts';
import { uploadRoutes } from './uploads.ts';

/** All that the HTTP application stands on. */
export interface AppParts extends SlideRouteParts {
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly authenticator: Authenticator;
  readonly access: SlideAccess;
  readonly store: Store;
  readonly jobs: Jobs;
  /** Absent where slides are shown in place, without rows; as are all that stand on it. */
  readonly database?: Database | undefined;
  readonly links?: SlideLinks | undefined;
  readonly casework?: Casework | undefined;
  readonly capsules?: Capsules | undefined;
  readonly rooms?: LiveRooms | undefined;
  readonly exports?: SlideExports | undefined;
  readonly retaining?: Retaining | undefined;
  readonly imports?: ImportRuns | undefined;
  /** Absent where there are no rows. */
  readonly audit?: Audit | undefined;
  /** Absent where there are no accounts. */
  readonly identity?: Identity | undefined;
  readonly log: Logger;
  /** Folder of the built page. */
  readonly pageFolder: string;
}

/** The HTTP application: tiles first, because they are nearly all of its requests. */
export function createApp(parts: AppParts): Express {
  const gate = new Gate(parts.authenticator, recorderOf(parts));
  const { tiles, others } = routeTable(parts);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(observe(parts));
  app.use(mount(tiles, gate));
  app.use(secureHeaders(lineOf(parts)));
  app.use(mount([...others, ...documentRoutes([...tiles, ...others])], gate));
  app.use(page(parts.pageFolder));
  app.use((req: Request, res: Response) => {
    sendProblem(res, 404, 'Not found', `nothing at ${req.path.slice(0, 200)}`);
  });
  app.use(errorHandler(parts.log));
  return app;
}

/** Every route that these parts make possible, but for those of the document, which is made of them. */
export function routeTable(parts: AppParts): {
  readonly tiles: readonly Route[];
  readonly others: readonly Route[];
} {
  return {
    tiles: tileRoutes(parts),
    others: [
      ...slideRoutes(parts),
      ...jobRoutesOf(parts),
      ...uploadRoutesOf(parts),
      ...sharingRoutesOf(parts),
      ...annotationRoutesOf(parts),
      ...caseRoutesOf(parts),
      ...identityRoutesOf(parts),
      ...recordRoutesOf(parts),
      ...operationRoutes(parts),
      ...overviewRoutesOf(parts),
    ],
  };
}

/** What is done for slides, where it outlasts this process. */
function jobRoutesOf(parts: AppParts): readonly Route[] {
  const { database, exports } = parts;
  return [
    ...(database === undefined ? [] : jobRoutes(parts)),
    ...(exports === undefined ? [] : exportRoutes({ ...parts, exports })),
  ];
}

/** Who else views a slide, where there are rows that say so. */
function sharingRoutesOf({ catalogue, access, database, links }: AppParts): readonly Route[] {
  return [
    ...(database === undefined ? [] : shareRoutes({ catalogue, access, shares: new SlideShares(database) })),
    ...(links === undefined ? [] : linkRoutes({ catalogue, links })),
  ];
}

/** What is drawn on slides and what was looked at, where there are rows. */
function annotationRoutesOf({ database, catalogue, tiles }: AppParts): readonly Route[] {
  if (database === undefined) return [];
  return [
    ...annotationRoutes({ database, catalogue, tiles }),
    ...coverageRoutes({ database, catalogue, tiles }),
  ];
}

/** Cases, where there are rows and people. */
function caseRoutesOf({ casework, capsules, rooms, identity }: AppParts): readonly Route[] {
  if (casework === undefined || identity === undefined) return [];
  return [
    ...caseRoutes(casework),
    ...caseGrantRoutes(casework),
    ...casePartRoutes(casework),
    ...(rooms === undefined ? [] : liveRoutes(casework, rooms)),
    ...notificationRoutes(casework),
    ...opinionRoutes(casework, identity),
    ...opinionVerificationRoutes(casework, identity),
    ...(capsules === undefined
      ? []
      : [...capsuleRoutes(casework, capsules), ...caseOriginRoutes(casework, capsules)]),
    ...guestRoutes(identity),
  ];
}

/** Uploads and imports, where there are rows that remember them. */
function uploadRoutesOf({ uploads, imports }: AppParts): readonly Route[] {
  return [
    ...(uploads === undefined ? [] : [...uploadRoutes(uploads), ...spanRoutes(uploads)]),
    ...(imports === undefined ? [] : importRoutes(imports)),
  ];
}

/** Accounts, where there are rows that hold them; else the word that there are none. */
function identityRoutesOf({ identity }: AppParts): readonly Route[] {
  if (identity === undefined) return localSessionRoutes();
  return [
    ...sessionRoutes(identity),
    ...oidcRoutes(identity),
    ...accountRoutes(identity),
    ...preferenceRoutes(identity.preferences),
    ...peopleRoutes(identity),
  ];
}

/** Who did what, and what was deleted, where there are rows. */
function recordRoutesOf({ database, retaining, catalogue, identity }: AppParts): readonly Route[] {
  const line = lineOf({ identity });
  return [
    ...(database === undefined ? [] : auditRoutes(database)),
    ...(retaining === undefined ? [] : retentionRoutes({ ...retaining, catalogue, line })),
  ];
}

/** What all processes do, where they report it. */
function overviewRoutesOf({ database, uploads }: AppParts): readonly Route[] {
  const freeBytes = async () => await uploads?.freeBytes();
  return database === undefined ? [] : overviewRoutes({ database, freeBytes });
}

/** How requests come; where there are no accounts, there is no proxy. */
function lineOf({ identity }: Pick<AppParts, 'identity'>): Line {
  return identity?.line ?? { trustsProxy: false };
}

/** What writes the audit of requests. */
function recorderOf({ audit, identity, log }: AppParts): Recorder | undefined {
  return audit && new Recorder(audit, lineOf({ identity }), log);
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
