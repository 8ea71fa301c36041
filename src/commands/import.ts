import { openLog } from '../operation/log.ts';
import { Audit } from '../audit/audit.ts';
import { readConfig, type Config } from '../config.ts';
import { ServiceError } from '../core/errors.ts';
import { firstOrganisation } from '../core/ids.ts';
import { openDatabase, type Database } from '../db/database.ts';
import { SlideOrigins } from '../db/slide-origins.ts';
import { rootsForMachine } from '../ingest/imports/import-runs.ts';
import { importSlides, type ImportOrder, type ImportProgress } from '../ingest/imports/import-slides.ts';
import { openStore } from '../storage/open.ts';
import { Origins } from '../storage/origins.ts';
import { readArguments } from './arguments.ts';
import { showProgress } from './progress-bar.ts';
import { stoppedBySignal } from './stopped-by-signal.ts';

/** Files that are named as no slides, before they are only counted. */
const maxNamed = 50;

/**
 * `telepath import FROM`: makes slides of files that stay where they are, while the service runs or not.
 *
 * @throws {ServiceError} `invalid` outside of TELEPATH_IMPORT_FROM
 */
export async function importInPlace(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, {
    organisation: { type: 'string' },
    pictures: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  });
  const [from, ...rest] = positionals;
  if (from === undefined || rest.length > 0)
    throw new ServiceError('invalid', 'import: name one folder, file or s3://bucket/prefix');
  const config = readConfig(process.env);
  if (config.importFrom.length === 0)
    throw new ServiceError(
      'invalid',
      'import: TELEPATH_IMPORT_FROM names the folders and buckets that may be imported from, and is not set',
    );
  const isRehearsal = values['dry-run'] ?? false;
  const started = performance.now();
  const done = await withDatabase(config, async (database) => {
    const organisation = await organisationOf(database, values.organisation);
    const { id: organisationId } = organisation;
    const order = { from, organisationId, isRehearsal, takesPictures: values.pictures ?? false };
    return await run(config, database, { ...order, organisation: organisation.name });
  });
  process.stdout.write(summary(done, (performance.now() - started) / 1000, isRehearsal));
}

async function withDatabase<T>(config: Config, work: (database: Database) => Promise<T>): Promise<T> {
  const { dataFolder, databaseUrl: url, postgresUid } = config;
  const log = openLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
  const database = await openDatabase({ url, dataFolder, log, postgresUid });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Imports, showing how far it is; what was refused is named afterwards. */
async function run(
  config: Config,
  database: Database,
  { organisation, ...order }: ImportOrder & { readonly organisation: string },
): Promise<ImportProgress> {
  await using opened = new AsyncDisposableStack();
  const store = await openStore(config.store);
  opened.defer(() => store.close());
  const origins = new Origins(rootsForMachine(config.importFrom, organisation));
  opened.defer(() => origins.close());
  const stop = stoppedBySignal();
  opened.defer(() => stop[Symbol.dispose]());
  const refused: string[] = [];
  const progress = showProgress(order.isRehearsal === true ? 'looking' : 'importing');
  const slides = new SlideOrigins(database);
  // What waits for its conversion is found by whoever works on this database.
  const parts = { store, origins, slides, convert: async () => {} };
  try {
    const done = await importSlides(parts, {
      ...order,
      signal: stop.signal,
      onRefused: (place, reason) => {
        if (refused.length < maxNamed) refused.push(`not imported: ${place}: ${reason}\n`);
      },
      onProgress: (now) => progress.report(now.registered + now.known + now.refused, now.found),
    });
    if (done.registered > 0 && order.isRehearsal !== true) await record(database, order, done);
    return done;
  } finally {
    progress.stop();
    process.stderr.write(refused.join(''));
  }
}

async function record(database: Database, { organisationId }: ImportOrder, done: ImportProgress) {
  const detail = { way: 'import in place', rows: String(done.registered) };
  const actor = { kind: 'cli' } as const;
  await new Audit(database).record({ action: 'slide.add', actor, outcome: 'done', organisationId, detail });
}

/** @throws {ServiceError} `not-found`, naming those that there are */
async function organisationOf(
  database: Database,
  name: string | undefined,
): Promise<{ readonly id: string; readonly name: string }> {
  const all = await database.run((db) => db.selectFrom('organisation').select(['id', 'name']).execute());
  const found = all.find((one) => (name === undefined ? one.id === firstOrganisation : one.name === name));
  if (found !== undefined) return found;
  const names = all.map((one) => one.name).join(', ');
  if (name === undefined)
    throw new ServiceError('not-found', `say whose the slides are, with --organisation: ${names}`);
  throw new ServiceError('not-found', `no organisation ${name}; there are: ${names}`);
}

function summary(
  { found, registered, known, refused }: ImportProgress,
  seconds: number,
  isRehearsal: boolean,
): string {
  const rate = (found / Math.max(seconds, 0.001)).toFixed(0);
  const parts = [
    `${registered} ${registered === 1 ? 'slide' : 'slides'} ${isRehearsal ? 'would be imported' : 'imported'}`,
    ...(known > 0 ? [`${known} there already`] : []),
    ...(refused > 0 ? [`${refused} not imported`] : []),
  ];
  return `${parts.join(', ')}; ${found} files in ${seconds.toFixed(1)} s (${rate}/s)\n`;
}
