import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { Audit } from './audit/audit.ts';
import { everyoneIsLocal, type Authenticator } from './auth/authenticator.ts';
import { GuestAuthenticator } from './auth/guest-authenticator.ts';
import type { Identity } from './auth/identity.ts';
import { LinkAuthenticator } from './auth/link-authenticator.ts';
import { SlideAccess } from './auth/slide-access.ts';
import { SlideLinks } from './auth/slide-links.ts';
import type { Config } from './config.ts';
import { Capsules } from './cases/capsule/capsules.ts';
import { createCasework, doesChangeAccess, type Casework } from './cases/casework.ts';
import { putUrgentSlidesFirst } from './cases/urgent-slides.ts';
import { LiveRooms } from './cases/live/rooms.ts';
import { titleOf } from './cases/case-slides.ts';
import { Postman } from './cases/mail/postman.ts';
import { identityIn, importsIn, openCatalogue, openUploads } from './configured.ts';
import { original, slideKey } from './core/objects.ts';
import { release } from './core/release.ts';
import type { SlideId } from './core/slide.ts';
import type { Catalogue } from './db/catalogue.ts';
import type { Database } from './db/database.ts';
import { Notices } from './db/notices.ts';
import { SlideOrigins } from './db/slide-origins.ts';
import { lazyDecoderPool } from './ingest/decoder-pool.ts';
import { SlideExports } from './ingest/exports/slide-exports.ts';
import { Intake } from './ingest/intake.ts';
import type { Jobs } from './ingest/jobs.ts';
import { openJobs } from './ingest/open-jobs.ts';
import type { LocalOriginal, SlideWorkParts } from './ingest/slide-work.ts';
import type { ImportRuns } from './ingest/imports/import-runs.ts';
import { OriginSlides } from './ingest/imports/origin-slides.ts';
import { openRetention, type Retaining } from './ingest/retention/open-retention.ts';
import type { Uploads } from './ingest/uploads/uploads.ts';
import { openLog } from './operation/log.ts';
import { listen, openDoor } from './listening.ts';
import { Reporter } from './operation/reporter.ts';
import { LiveDoor, liveCaseOf } from './routes/live-door.ts';
import { createApp } from './routes/app.ts';
import { withFastPath } from './routes/fast-path.ts';
import { drain } from './routes/drain.ts';
import { serverOf } from './routes/server.ts';
import type { ByteSource } from './storage/byte-source.ts';
import { openStore } from './storage/open.ts';
import { objectSource } from './storage/sources.ts';
import { Origins } from './storage/origins.ts';
import type { Store } from './storage/store.ts';
import { Library } from './tiles/library.ts';
import { Metrics } from './tiles/metrics.ts';
import { RenderQueue } from './tiles/render-queue.ts';
import { TileCache } from './tiles/tile-cache.ts';
import { TileService } from './tiles/tile-service.ts';

/** The parts at work, without HTTP: what commands use that need slides, tiles and conversion. */
export interface Engine {
  readonly store: Store;
  readonly catalogue: Catalogue;
  /** Absent where slides are shown in place, without rows. */
  readonly database: Database | undefined;
  /** Who did what; absent where there are no rows. */
  readonly audit: Audit | undefined;
  readonly intake: Intake;
  readonly jobs: Jobs;
  /** Absent where there are no rows. */
  readonly uploads: Uploads | undefined;
  /** Imports that administrators ask for; absent where there are no rows. */
  readonly imports: ImportRuns | undefined;
  readonly library: Library;
  readonly tiles: TileService;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  /** Accounts; absent where there are no rows. */
  readonly identity: Identity | undefined;
  /** To whom slides belong; to be told when one is deleted, restored or shared. */
  readonly access: SlideAccess;
  /** Slides as files; absent where there are no rows. */
  readonly exports: SlideExports | undefined;
  /** Deleting and destroying slides; absent where there are no rows. */
  readonly retaining: Retaining | undefined;
  /** What is done about cases; absent where there are no rows. */
  readonly casework: Casework | undefined;
  /** Where people look at cases together; absent where there are no rows. */
  readonly rooms: LiveRooms | undefined;
  /** What processes tell each other; absent where there are no rows. */
  readonly notices: Notices | undefined;
  /** Tells people what happens to cases; absent where there are no rows, and in processes that only answer requests. */
  readonly postman: Postman | undefined;
  /** Cases as files; absent where there are no rows. */
  readonly capsules: Capsules | undefined;
  /** Links to slides; absent where there are no rows. */
  readonly links: SlideLinks | undefined;
  close(): Promise<void>;
}

/** The engine behind an address. */
export interface Service extends Engine {
  readonly url: string;
  /** @param hasSuccessor whether other processes on the same port go on; default false */
  close(hasSuccessor?: boolean): Promise<void>;
}

/** What `telepath serve FILE` and `telepath convert` add to the configuration. */
export interface EngineOptions {
  /** Default: the one in PostgreSQL. */
  readonly catalogue?: Catalogue;
  /** Default: accounts in PostgreSQL; with a catalogue of its own, everyone is the owner of the machine. */
  readonly authenticator?: Authenticator;
  /** Originals that stay where they are; may be added to while the service runs. */
  readonly inPlace?: ReadonlyMap<SlideId, ByteSource>;
  /** Whether what is in line in the database is done here, too, and not by workers alone; default true. */
  readonly works?: boolean;
  /** What is done before the service listens. */
  readonly prepare?: (engine: Engine) => Promise<void>;
}

const pageFolder = fileURLToPath(new URL('../web/dist', import.meta.url));

/** Puts the parts together. The only place that knows them all; what was opened is closed when a later part fails. */
export async function startEngine(config: Config, options: EngineOptions = {}): Promise<Engine> {
  await using opened = new AsyncDisposableStack();
  const log = openLog(config.logLevel);
  const workFolder = join(config.dataFolder, 'work', String(process.pid));
  await mkdir(workFolder, { recursive: true });
  opened.defer(() => rm(workFolder, { recursive: true, force: true }));
  const store = await openStore(config.store);
  opened.defer(() => store.close());
  const { catalogue, database } = await openCatalogue(config, options.catalogue, { log, opened });
  const notices = database && (await Notices.open(database, log));
  opened.defer(async () => await notices?.close());
  const origins = new Origins(config.importFrom.map(({ root }) => root));
  opened.defer(() => origins.close());
  const elsewhere = database && new OriginSlides({ origins, slides: new SlideOrigins(database), catalogue });
  const pool = lazyDecoderPool({ threads: config.renderThreads, log });
  opened.defer(() => pool.close());
  const metrics = new Metrics();
  const library = new Library({
    store,
    inPlace: options.inPlace ?? new Map(),
    // Uploads stand on the library, too.
    arriving: async (id) => await uploads?.sourceOf(id),
    elsewhere: async (id) => await elsewhere?.source(id),
    maxBytes: 512 * 2 ** 20,
  });
  const cache = new TileCache(config.cacheBytes, metrics);
  const concurrency = config.renderThreads * 2;
  const queue = new RenderQueue({ decoder: pool, concurrency, maxWaiting: config.renderQueue, metrics });
  const tiles = new TileService({ library, cache, queue, quality: config.jpegQuality });
  const local = new Map<SlideId, LocalOriginal>();
  const access = new SlideAccess(catalogue);
  // Work may destroy a slide, which ends other work for it.
  const forget = async (id: SlideId) => {
    access.forget(id);
    await jobs.cancel(id);
    await work.announce(id);
  };
  const exports = database && new SlideExports(database, store);
  const purging = database && { database, store, onChange: forget };
  const work: SlideWorkParts = {
    store,
    storeSpec: config.store,
    catalogue,
    library,
    pool,
    workFolder,
    quality: config.jpegQuality,
    rendersAhead: config.rendersAhead,
    meter: metrics,
    local,
    elsewhere: elsewhere && ((record) => elsewhere.spec(record)),
    exporting: exports && { exports, tiles },
    purging,
    announce: async (id) => {
      library.forget(id);
      await notices?.tell('published', id);
    },
    log,
  };
  // What other processes publish.
  notices?.on('published', (id) => (id === undefined ? library.forgetAll() : library.forget(id)));
  const jobs = await openJobs({
    work,
    shared: database && notices && { database, notices },
    concurrency: options.works === false ? 0 : config.jobs,
    heartbeatSeconds: config.heartbeatSeconds,
  });
  opened.defer(() => jobs.close());
  library.whenStale(
    (id) =>
      void jobs
        .add('verify', id)
        .catch((err: unknown) => log.warn({ slide: id, err }, 'check not put in line')),
  );
  const intake = new Intake({ work, jobs, local, maxUploadBytes: config.maxUploadBytes });
  opened.defer(() => intake.close());
  const uploads =
    database && (await openUploads(config, { database, catalogue, store, library, intake, log }));
  opened.defer(async () => await uploads?.close());
  const imports = database && importsIn(config, { database, store, jobs, log });
  opened.defer(async () => await imports?.close());
  const { retentionDays } = config;
  const retaining = purging && exports && openRetention({ ...purging, jobs, exports, log, retentionDays });
  opened.defer(async () => await retaining?.[Symbol.asyncDispose]());
  const postman =
    database && options.works !== false ? new Postman({ database, log, mail: config.mail }) : undefined;
  opened.defer(async () => await postman?.close());
  notices?.on('case', () => void postman?.look());
  const held = opened.move();
  const audit = database && new Audit(database);
  const identity = database && audit && identityIn(config, database, audit);
  const forgetGrants = () => {
    access.forgetAll();
    identity?.guests.forget();
  };
  notices?.on('grants', forgetGrants);
  const originals = async (id: SlideId) =>
    (await elsewhere?.source(id)) ?? (await objectSource(store, slideKey(id, original)));
  const casework =
    database &&
    createCasework({
      database,
      store,
      sendsMail: config.mail !== undefined,
      publicUrl: config.mail?.publicUrl,
      originals,
      changed: async (caseId, kind) => {
        // This process goes by it at once; the others within milliseconds.
        if (doesChangeAccess(kind)) {
          forgetGrants();
          await notices?.tell('grants', caseId);
        }
        await putUrgentSlidesFirst({ database, catalogue, jobs }, caseId);
        await notices?.tell('case', caseId);
      },
    });
  const capsules =
    casework &&
    new Capsules({
      casework,
      store,
      tiles,
      intake,
      originals,
      workFolder,
      maxBytes: config.maxUploadBytes,
      service: { name: 'Telepath', version: release },
    });
  const rooms =
    casework &&
    notices &&
    new LiveRooms(notices, async (caseId) =>
      (await casework.slides.list(caseId)).map((one) => ({ id: one.id, title: titleOf(one) })),
    );
  const links = database && new SlideLinks(database);
  const people = options.authenticator ?? identity?.authenticator ?? everyoneIsLocal;
  const anybody =
    identity === undefined ? people : new GuestAuthenticator(people, identity.guests, identity.line);
  const authenticator = links === undefined ? people : new LinkAuthenticator(anybody, links);
  return {
    store,
    catalogue,
    database,
    audit,
    intake,
    jobs,
    uploads,
    imports,
    library,
    tiles,
    metrics,
    log,
    authenticator,
    identity,
    access,
    exports,
    retaining,
    casework,
    rooms,
    notices,
    postman,
    capsules,
    links,
    close: async () => {
      rooms?.close();
      await held.disposeAsync();
    },
  };
}

/** Starts the engine and listens; then takes up what an earlier run left unfinished. */
export async function startService(config: Config, options: EngineOptions = {}): Promise<Service> {
  const engine = await startEngine(config, options);
  const readiness = {
    check: async () => {
      await Promise.all([engine.store.head('readiness'), engine.catalogue.get('readiness')]);
    },
  };
  const app = withFastPath(engine, createApp({ ...engine, readiness, pageFolder }));
  try {
    const server = await serverOf(app, config.tls, (req) => liveCaseOf(req) !== undefined);
    const door = liveDoorOf(engine, server);
    await openDoor(engine.identity, config);
    await options.prepare?.(engine);
    const url = await listen(server, config);
    await engine.uploads?.sweep();
    void engine.retaining?.caretaker.look();
    const reporter = reporterOf(engine, 'serve');
    const close = async (hasSuccessor = false) => {
      const drained = drain(server, hasSuccessor);
      door?.close();
      await drained;
      await reporter?.close();
      await engine.close();
    };
    return { ...engine, url, close };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Where pages join those who look at a case together; undefined where there are no rows. */
function liveDoorOf(engine: Engine, server: Server): LiveDoor | undefined {
  const { database, notices, rooms, audit, identity } = engine;
  if (database === undefined || notices === undefined || rooms === undefined) return undefined;
  if (audit === undefined || identity === undefined) return undefined;
  return new LiveDoor(server, { ...engine, database, notices, rooms, audit, line: identity.line });
}

/** What tells operators what this process does; undefined where there are no rows. Whoever asks for it closes it. */
export function reporterOf({ database, metrics, log }: Engine, kind: 'serve' | 'work'): Reporter | undefined {
  return database && new Reporter({ database, metrics, kind, log });
}
