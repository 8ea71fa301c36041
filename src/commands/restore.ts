import { restore as putBack } from '../db/backup.ts';
import { folderArgument, summaryLine, withBackupParts } from './backup-parts.ts';

/** `telepath restore DIR`: puts a backup into an empty data folder, or an empty database and bucket. */
export async function restore(args: readonly string[]): Promise<void> {
  const folder = folderArgument('restore', args);
  const summary = await withBackupParts((parts) => putBack(parts, folder));
  process.stdout.write(summaryLine('restored', summary));
}
