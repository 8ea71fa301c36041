import { openLog } from '../operation/log.ts';
import { Audit } from '../audit/audit.ts';
import type { AuditAction } from '../audit/entry.ts';
import { readConfig } from '../config.ts';
import { ServiceError } from '../core/errors.ts';
import type { BackupParts, BackupSummary } from '../db/backup.ts';
import { openDatabase, type Database } from '../db/database.ts';
import { appliedSteps } from '../db/migrate.ts';
import { openStore } from '../storage/open.ts';
import { readArguments } from './arguments.ts';

/** Step of the schema from which on there is an audit. */
const firstAudited = '0004-audit';

/** The database and the store of the configuration, as long as `work` takes. */
export async function withBackupParts<T>(work: (parts: BackupParts) => Promise<T>): Promise<T> {
  const config = readConfig(process.env);
  const { dataFolder, databaseUrl: url, postgresUid, logLevel: level } = config;
  const log = openLog(level);
  const store = await openStore(config.store);
  try {
    const database = await openDatabase({ url, dataFolder, log, postgresUid, migrates: false });
    try {
      return await work({ database, store, storeSpec: config.store });
    } finally {
      await database.close();
    }
  } finally {
    await store.close();
  }
}

/**
 * Does what a command on the machine does, recorded before it, and once more when it fails. A database of a release
 * that had no audit is not written to.
 */
export async function recordedCommand<T>(
  database: Database,
  action: AuditAction,
  work: () => Promise<T>,
): Promise<T> {
  const steps = await database.run((db) => appliedSteps(db));
  if (!steps.includes(firstAudited)) return await work();
  const audit = new Audit(database);
  const entry = { action, actor: { kind: 'cli' } } as const;
  await audit.record({ ...entry, outcome: 'done' });
  try {
    return await work();
  } catch (error) {
    await audit.record({ ...entry, outcome: 'failed' });
    throw error;
  }
}

/** The one folder a command was called with. @throws {ServiceError} `invalid` */
export function folderArgument(command: string, args: readonly string[]): string {
  const [folder, ...rest] = readArguments(args, {}).positionals;
  if (folder === undefined || rest.length > 0)
    throw new ServiceError('invalid', `${command}: name one folder: telepath ${command} DIR`);
  return folder;
}

/** What was done, for a person. */
export function summaryLine(done: string, { rows, objects }: BackupSummary): string {
  const what = objects
    ? `${objects.count} objects (${(objects.bytes / 1e6).toFixed(1)} MB)`
    : 'no objects: they stay in their bucket, which needs a backup or versioning of its own';
  return `${done}: ${rows} rows, ${what}\n`;
}
