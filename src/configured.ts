import type { Logger } from 'pino';
import type { Audit } from './audit/audit.ts';
import { createIdentity, type Identity } from './auth/identity.ts';
import type { Config } from './config.ts';
import type { SlideId } from './core/slide.ts';
import type { Catalogue } from './db/catalogue.ts';
import { openDatabase, type Database } from './db/database.ts';
import { PostgresCatalogue } from './db/postgres-catalogue.ts';
import { SlideOrigins } from './db/slide-origins.ts';
import { ImportRuns } from './ingest/imports/import-runs.ts';
import type { Jobs } from './ingest/jobs.ts';
import { Uploads, type UploadsParts } from './ingest/uploads/uploads.ts';
import { listeningOf } from './listening.ts';
import { openUploadSpool } from './storage/open.ts';
import type { Store } from './storage/store.ts';

/** What imports stand on. */
interface ImportingParts {
  readonly database: Database;
  readonly store: Store;
  readonly jobs: Jobs;
  readonly log: Logger;
}

/** Imports of what lies where the configuration allows. */
export function importsIn({ importFrom: roots }: Config, parts: ImportingParts): ImportRuns {
  const { jobs, database } = parts;
  const convert = async (id: SlideId) => await jobs.add('convert', id);
  return new ImportRuns({ ...parts, roots, slides: new SlideOrigins(database), convert });
}

/** Uploads, with what waits of them beside the store. */
export async function openUploads(
  config: Config,
  parts: Omit<UploadsParts, 'spool' | 'maxUploadBytes' | 'expiryMs' | 'reserveBytes'>,
): Promise<Uploads> {
  const { maxUploadBytes, uploadExpiryMs: expiryMs, diskReserveBytes: reserveBytes } = config;
  const spool = await openUploadSpool(config.store);
  return new Uploads({ ...parts, spool, maxUploadBytes, expiryMs, reserveBytes });
}

/** Accounts in the database, as the configuration has it. */
export function identityIn(config: Config, database: Database, audit: Audit): Identity {
  const { session: limits, oidc } = config;
  return createIdentity({ database, audit, limits, listening: listeningOf(config), oidc });
}

/** The catalogue that was given, or the one in PostgreSQL. */
export async function openCatalogue(
  config: Config,
  catalogue: Catalogue | undefined,
  { log, opened }: { readonly log: Logger; readonly opened: AsyncDisposableStack },
): Promise<{ readonly catalogue: Catalogue; readonly database: Database | undefined }> {
  if (catalogue !== undefined) return { catalogue, database: undefined };
  const database = await openRows(config, log, opened);
  return { catalogue: new PostgresCatalogue(database), database };
}

/** The database, for as long as the engine runs. */
async function openRows(
  { dataFolder, databaseUrl: url, postgresUid }: Config,
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<Database> {
  const database = await openDatabase({ url, dataFolder, log, postgresUid });
  opened.defer(() => database.close());
  return database;
}
