import { indexObject, original, slideKey } from '../core/objects.ts';
import { canBeViewed } from '../db/catalogue.ts';
import { backup as makeBackup, type NeededObjects } from '../db/backup.ts';
import { decodeIndex } from '../pyramid/tile-index-codec.ts';
import { folderArgument, recordedCommand, summaryLine, withBackupParts } from './backup-parts.ts';

/** `telepath backup DIR`: a consistent copy of all rows and, where objects are in a folder, of the objects. */
export async function backup(args: readonly string[]): Promise<void> {
  const folder = folderArgument('backup', args);
  const summary = await withBackupParts(
    async (parts) =>
      await recordedCommand(parts.database, 'backup.make', async () =>
        makeBackup(parts, folder, neededObjects),
      ),
  );
  process.stdout.write(summaryLine(folder, summary));
}

/** What a slide needs: when it can be viewed, its index and all that this refers to; before that, its original. */
const neededObjects: NeededObjects = async ({ id, state }, read) => {
  if (state.kind === 'failed' || state.kind === 'receiving') return [];
  if (!canBeViewed(state)) return [{ key: slideKey(id, original) }];
  const key = slideKey(id, indexObject);
  const index = { key };
  const bytes = await read(key);
  if (bytes === undefined) return [index];
  const { objects } = decodeIndex(bytes);
  return [index, ...objects.map(({ name, size }) => ({ key: slideKey(id, name), size }))];
};
