import { sql, type Kysely } from 'kysely';
import { ServiceError } from '../../core/errors.ts';
import type { Schema } from '../../db/schema.ts';
import type { Upload } from './upload-record.ts';

/**
 * Moves an upload on by bytes that arrived, and shows it in its slide's row.
 *
 * @param db a transaction
 * @throws {ServiceError} `conflict` when the upload was given up
 */
export async function advance(
  db: Kysely<Schema>,
  { id, expiresAt }: Pick<Upload, 'id' | 'expiresAt'>,
  length: number,
): Promise<{ readonly received: number; readonly state: Upload['state'] }> {
  const now = await db
    .updateTable('upload')
    .set({
      received: sql`received + ${length}`,
      state: sql`case when received + ${length} = bytes then 'received' else state end`,
      expires_at: expiresAt.toISOString(),
    })
    .where('id', '=', id)
    .where('state', '=', 'receiving')
    .returning(['received', 'state', 'bytes'])
    .executeTakeFirst();
  if (now === undefined) throw new ServiceError('conflict', `upload ${id}: it was given up; start it anew`);
  await db
    .updateTable('slide')
    .set({ progress: now.received / now.bytes })
    .where('id', '=', id)
    .where('state', '=', 'receiving')
    .execute();
  return now;
}
