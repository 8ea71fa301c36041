import { sql } from 'kysely';
import type { SlideId } from '../../core/slide.ts';
import type { Database } from '../../db/database.ts';
import type { Upload } from './upload-record.ts';

/** Which slides an organisation has, by the SHA-256 of their originals. Never looks into another organisation. */
export class SlideHashes {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The slide of an organisation that holds these bytes; undefined when there is none, or none that can be seen. */
  async find(organisationId: string, sha256: string): Promise<SlideId | undefined> {
    const found = await this.#database.run((db) =>
      db
        .selectFrom('slide')
        .select('id')
        .where('organisation_id', '=', organisationId)
        .where('sha256', '=', sha256)
        .where('deleted_at', 'is', null)
        .where('state', 'in', ['checking', 'converting', 'viewable', 'complete'])
        .orderBy('added_at')
        .executeTakeFirst(),
    );
    return found?.id;
  }

  /**
   * Notes the hash of a slide.
   *
   * @returns another slide of the organisation that has the same; then nothing is noted. Of two that come at once
   *   one is the first.
   */
  async claim(
    { id, organisationId }: Pick<Upload, 'id' | 'organisationId'>,
    sha256: string,
  ): Promise<SlideId | undefined> {
    return await this.#database.transaction(async (db) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`hash ${organisationId} ${sha256}`}, 0))`.execute(
        db,
      );
      const twin = await db
        .selectFrom('slide')
        .select('id')
        .where('organisation_id', '=', organisationId)
        .where('sha256', '=', sha256)
        .where('id', '<>', id)
        .where('deleted_at', 'is', null)
        .where('state', '<>', 'failed')
        .orderBy('added_at')
        .executeTakeFirst();
      if (twin !== undefined) return twin.id;
      await db.updateTable('slide').set({ sha256 }).where('id', '=', id).execute();
      return undefined;
    });
  }
}
