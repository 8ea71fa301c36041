import PQueue from 'p-queue';
import type { SlideId } from '../core/slide.ts';
import type { Store } from '../storage/store.ts';
import type { SlideRecord } from './catalogue.ts';
import type { Database } from './database.ts';
import { toRow } from './postgres-catalogue.ts';
import { readListed, recordedIds, recordKey } from './store-catalogue.ts';

/** Records looked up, read and inserted together. */
const batch = 500;
/** Records read side by side. */
const concurrency = 16;

/**
 * Takes over the slides of the first release, which kept its catalogue as objects in the store.
 *
 * What the table lacks is inserted; what it has counts. Objects stay, so that the first release still finds its
 * slides; those of slides removed since are deleted. Costs one listing when there is nothing to do, and may be
 * interrupted or run by several processes at once.
 *
 * @returns how many slides were taken over
 * @throws {ServiceError} of the store or the database
 */
export async function importStoreCatalogue(store: Store, database: Database): Promise<number> {
  let imported = 0;
  let ids: SlideId[] = [];
  for await (const id of recordedIds(store)) {
    ids.push(id);
    if (ids.length < batch) continue;
    imported += await importBatch(store, database, ids);
    ids = [];
  }
  return imported + (await importBatch(store, database, ids));
}

async function importBatch(store: Store, database: Database, ids: readonly SlideId[]): Promise<number> {
  if (ids.length === 0) return 0;
  const rows = await database.run((db) =>
    db.selectFrom('slide').select(['id', 'deleted_at']).where('id', 'in', ids).execute(),
  );
  const isDeleted = new Map(rows.map((row) => [row.id, row.deleted_at !== null]));
  const queue = new PQueue({ concurrency });
  const deletions = ids.filter((id) => isDeleted.get(id)).map((id) => () => store.delete(recordKey(id)));
  await queue.addAll(deletions);
  const missing = ids.filter((id) => !isDeleted.has(id)).map((id) => () => readListed(store, id));
  // Removed while this was reading: nothing to take over.
  const records = (await queue.addAll(missing)).filter(
    (record): record is SlideRecord => record !== undefined,
  );
  if (records.length === 0) return 0;
  const inserted = await database.run((db) =>
    db
      .insertInto('slide')
      .values(records.map(toRow))
      .onConflict((existing) => existing.column('id').doNothing())
      .returning('id')
      .execute(),
  );
  return inserted.length;
}
