import { restore as putBack } from '../db/backup.ts';
import { folderArgument, recordedCommand, summaryLine, withBackupParts } from './backup-parts.ts';

/** `telepath restore DIR`: puts a backup into an empty data folder, or an empty database and bucket. */
export async function restore(args: readonly string[]): Promise<void> {
  const folder = folderArgument('restore', args);
  const summary = await withBackupParts(async (parts) => {
    const done = await putBack(parts, folder);
    // The restored audit goes on: from here on it is another history.
    await recordedCommand(parts.database, 'backup.restore', async () => {});
    return done;
  });
  process.stdout.write(summaryLine('restored', summary));
}
