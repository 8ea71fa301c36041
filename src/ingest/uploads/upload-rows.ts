import { sql, type Kysely } from 'kysely';
import { ServiceError } from '../../core/errors.ts';
import type { SlideFacts, SlideRecord } from '../../db/catalogue.ts';
import type { Database } from '../../db/database.ts';
import { toRow } from '../../db/postgres-catalogue.ts';
import type { Schema } from '../../db/schema.ts';
import type { UploadTable } from '../../db/upload-schema.ts';
import type { SpooledRun } from '../../storage/upload-spool.ts';
import { advance } from './advance.ts';
import { selectUploads, toUpload, type Upload, type UploadRow, type UploadSpan } from './upload-record.ts';

/** Which uploads {@link UploadRows.list} gives. */
export interface UploadFilter {
  /** One of these; absent: any. */
  readonly states?: readonly UploadTable['state'][];
  /** Of this sender; `undefined` inside: of nobody. */
  readonly sender?: { readonly organisationId: string; readonly accountId: string | undefined };
  readonly expiredBefore?: Date;
}

/** The rows of uploads, their spans and pieces. */
export class UploadRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds an upload, and the slide it will be. */
  async add(upload: Upload, slide: SlideRecord): Promise<void> {
    await this.#database.transaction(async (db) => {
      await db.insertInto('slide').values(toRow(slide)).execute();
      await db
        .insertInto('upload')
        .values({
          id: upload.id,
          organisation_id: upload.organisationId,
          account_id: upload.accountId ?? null,
          bytes: upload.size,
          state: 'receiving',
          expected_sha256: upload.expectedSha256 ?? null,
          files: upload.files === undefined ? null : JSON.stringify(upload.files),
          expires_at: upload.expiresAt.toISOString(),
        })
        .execute();
      await db
        .insertInto('upload_span')
        .values(upload.spans.map(({ id, start, length }) => ({ id, upload_id: upload.id, start, length })))
        .execute();
    });
  }

  /** @returns undefined when there is no such upload, or its slide is gone */
  async get(id: string): Promise<Upload | undefined> {
    const [found] = await this.#read((db) => selectUploads(db).where('upload.id', '=', id).execute());
    return found;
  }

  /** The upload that a span belongs to. */
  async ofSpan(spanId: string): Promise<Upload | undefined> {
    const [found] = await this.#read((db) =>
      selectUploads(db)
        .where('upload.id', '=', db.selectFrom('upload_span').select('upload_id').where('id', '=', spanId))
        .execute(),
    );
    return found;
  }

  /** Oldest first. */
  async list({ states, sender, expiredBefore }: UploadFilter): Promise<readonly Upload[]> {
    return await this.#read((db) => {
      let query = selectUploads(db).orderBy('upload.created_at').orderBy('upload.id');
      if (states !== undefined) query = query.where('upload.state', 'in', states);
      if (sender !== undefined)
        query = query
          .where('upload.organisation_id', '=', sender.organisationId)
          .where('upload.account_id', 'is not distinct from', sender.accountId ?? null);
      if (expiredBefore !== undefined) query = query.where('upload.expires_at', '<', expiredBefore);
      return query.execute();
    });
  }

  /** Gives up unfinished uploads whose slide somebody deleted. */
  async discardOrphans(): Promise<void> {
    await this.#database.run((db) =>
      db
        .updateTable('upload')
        .set({ state: 'discarded' })
        .where('state', 'in', ['receiving', 'received', 'checked'])
        .where('id', 'in', db.selectFrom('slide').select('id').where('deleted_at', 'is not', null))
        .execute(),
    );
  }

  /** Uploads that were given up, whose bytes are still to be deleted. */
  async discarded(): Promise<readonly { readonly id: string; readonly multipartId: string | undefined }[]> {
    const rows = await this.#database.run((db) =>
      db.selectFrom('upload').select(['id', 'multipart_id']).where('state', '=', 'discarded').execute(),
    );
    return rows.map((row) => ({ id: row.id, multipartId: row.multipart_id ?? undefined }));
  }

  /** Notes that what has arrived of a slide can be viewed. @returns false when it is not arriving any more */
  async markViewable(id: string, facts: SlideFacts): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.run((db) =>
      db
        .updateTable('slide')
        .set({ is_viewable: true, facts: JSON.stringify(facts) })
        .where('id', '=', id)
        .where('state', '=', 'receiving')
        .where('deleted_at', 'is', null)
        .executeTakeFirst(),
    );
    return numUpdatedRows === 1n;
  }

  /**
   * Notes runs that are durable, in order, and that the span they belong to goes on behind them.
   *
   * @returns the state of the upload now
   * @throws {ServiceError} `conflict` when somebody else wrote to the span, or the upload was given up
   */
  async acknowledge(
    { id, expiresAt }: Pick<Upload, 'id' | 'expiresAt'>,
    span: UploadSpan,
    runs: readonly SpooledRun[],
  ): Promise<{ readonly received: number; readonly state: Upload['state'] }> {
    const length = runs.reduce((sum, run) => sum + run.length, 0);
    return await this.#database.transaction(async (db) => {
      const moved = await db
        .updateTable('upload_span')
        .set({ received: sql`received + ${length}` })
        .where('id', '=', span.id)
        .where('received', '=', span.received)
        .executeTakeFirst();
      if (moved.numUpdatedRows !== 1n)
        throw new ServiceError(
          'conflict',
          `upload ${id}: another request wrote to this part; ask for its offset`,
        );
      const pieces = runs.flatMap(({ piece, ...run }) =>
        piece === undefined ? [] : [{ ...run, name: piece }],
      );
      if (pieces.length > 0)
        await db
          .insertInto('upload_piece')
          .values(pieces.map((piece) => ({ ...piece, upload_id: id })))
          .execute();
      return await advance(db, { id, expiresAt }, length);
    });
  }

  /** Moves an upload on, when it is in one of the states `from`. @returns whether it was */
  async move(
    id: string,
    from: readonly Upload['state'][],
    to: Upload['state'],
    duplicateOf?: string,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.run((db) =>
      db
        .updateTable('upload')
        // What names files is not kept longer than it is needed.
        .set({
          state: to,
          ...(to === 'done' && { files: null }),
          ...(duplicateOf !== undefined && { duplicate_of: duplicateOf }),
        })
        .where('id', '=', id)
        .where('state', 'in', from)
        .executeTakeFirst(),
    );
    return numUpdatedRows === 1n;
  }

  /** Notes the hash the whole file is to have. @throws {ServiceError} `conflict` when another was named before */
  async expect(id: string, sha256: string): Promise<void> {
    const { numUpdatedRows } = await this.#database.run((db) =>
      db
        .updateTable('upload')
        .set({ expected_sha256: sha256 })
        .where('id', '=', id)
        .where('state', 'in', ['receiving', 'received'])
        .where((is) => is.or([is('expected_sha256', 'is', null), is('expected_sha256', '=', sha256)]))
        .executeTakeFirst(),
    );
    if (numUpdatedRows !== 1n)
      throw new ServiceError('conflict', `upload ${id}: it is complete, or another SHA-256 was named before`);
  }

  /** Notes the id that the store gave to the upload by parts. */
  async noteMultipart(id: string, multipartId: string): Promise<void> {
    await this.#database.run((db) =>
      db.updateTable('upload').set({ multipart_id: multipartId }).where('id', '=', id).execute(),
    );
  }

  /** Notes that a slide's original is another file now: the one its archive held. */
  async rename(id: string, name: string, bytes: number): Promise<void> {
    await this.#database.run((db) =>
      db.updateTable('slide').set({ name, bytes }).where('id', '=', id).execute(),
    );
  }

  /** Forgets uploads that ended long ago. */
  async forgetDone(before: Date): Promise<void> {
    await this.#database.run((db) =>
      db.deleteFrom('upload').where('state', '=', 'done').where('expires_at', '<', before).execute(),
    );
  }

  /** Forgets an upload. Its slide stays. */
  async remove(id: string): Promise<void> {
    await this.#database.run((db) => db.deleteFrom('upload').where('id', '=', id).execute());
  }

  /** Bytes that unfinished uploads will still bring, and how many there are of an organisation. */
  async outstanding(organisationId: string): Promise<{ readonly bytes: number; readonly uploads: number }> {
    const { rows } = await this.#database.run((db) =>
      sql<{ bytes: number; uploads: number }>`
        select coalesce(sum(bytes - received), 0)::bigint as bytes,
          count(*) filter (where organisation_id = ${organisationId}) as uploads
        from upload where state = 'receiving'`.execute(db),
    );
    return rows[0] ?? { bytes: 0, uploads: 0 };
  }

  async #read(select: (db: Kysely<Schema>) => Promise<readonly UploadRow[]>): Promise<readonly Upload[]> {
    return (await this.#database.run(select)).map(toUpload);
  }
}
