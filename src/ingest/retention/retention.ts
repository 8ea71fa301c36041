import { sql } from 'kysely';
import { ServiceError } from '../../core/errors.ts';
import type { SlideId } from '../../core/slide.ts';
import { slideIdPattern } from '../../core/slide.ts';
import type { Database } from '../../db/database.ts';

/** A slide that was deleted and can still be restored. */
export interface DeletedSlide {
  readonly id: SlideId;
  readonly organisationId: string;
  readonly name: string;
  /** Of the original. */
  readonly bytes: number;
  /** ISO 8601, UTC; as is `purgeAt`, when it is destroyed. */
  readonly deletedAt: string;
  readonly purgeAt: string;
  /** Account; absent where a command did it. */
  readonly deletedBy?: string;
}

/** Deletes slides so that they can be restored for a time. Who may is decided before. */
export class Retention {
  readonly #database: Database;
  readonly #keptDays: number;
  readonly #onChange: (id: SlideId) => Promise<void>;

  /**
   * @param keptDays how long a deleted slide can be restored, days
   * @param onChange told after each change, so that what is open is closed and work for it ends
   */
  constructor(database: Database, keptDays: number, onChange: (id: SlideId) => Promise<void>) {
    this.#database = database;
    this.#keptDays = keptDays;
    this.#onChange = onChange;
  }

  /**
   * Takes a slide from the list. Nothing of it is destroyed yet.
   *
   * @param accountId who does it
   * @throws {ServiceError} `not-found`; `conflict` while it is still arriving
   */
  async delete(id: SlideId, accountId?: string): Promise<void> {
    const deleted = await this.#database.transaction(async (db) => {
      const slide = await db
        .selectFrom('slide')
        .select('state')
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .forUpdate()
        .executeTakeFirst();
      if (slide === undefined) return false;
      const upload = await db
        .selectFrom('upload')
        .select('id')
        .where('id', '=', id)
        .where('state', 'in', ['receiving', 'received', 'checked'])
        .executeTakeFirst();
      if (upload !== undefined || slide.state === 'receiving')
        throw new ServiceError('conflict', `slide ${id} is still arriving: cancel its upload instead`);
      const keptUntil = sql<Date>`now() + make_interval(hours => ${24 * this.#keptDays})`;
      await db
        .updateTable('slide')
        .set({ deleted_at: sql`now()`, deleted_by: accountId ?? null, kept_until: keptUntil })
        .where('id', '=', id)
        .execute();
      return true;
    });
    if (!deleted) throw new ServiceError('not-found', `no slide ${id}`);
    await this.#onChange(id);
  }

  /** Puts a deleted slide back. @throws {ServiceError} `not-found`; `conflict` when its destruction has begun */
  async restore(id: SlideId): Promise<void> {
    const { numUpdatedRows } = await this.#database.run((db) =>
      db
        .updateTable('slide')
        .set({ deleted_at: null, deleted_by: null, kept_until: null })
        .where('id', '=', id)
        .where('kept_until', 'is not', null)
        .where('purge_began_at', 'is', null)
        .executeTakeFirst(),
    );
    if (numUpdatedRows === 0n) {
      if ((await this.find(id)) === undefined) throw new ServiceError('not-found', `no deleted slide ${id}`);
      throw new ServiceError('conflict', `slide ${id} is being destroyed: it cannot be restored any more`);
    }
    await this.#onChange(id);
  }

  /** A deleted slide that is not destroyed yet; undefined when there is none. */
  async find(id: SlideId): Promise<DeletedSlide | undefined> {
    if (!slideIdPattern.test(id)) return undefined;
    return (await this.#select({ id }))[0];
  }

  /** Slides that were deleted and can still be restored, those deleted last first. */
  async list(filter: { readonly organisationId?: string }): Promise<readonly DeletedSlide[]> {
    return (await this.#select(filter)).filter((slide) => !slide.isGoing);
  }

  async #select({ id, organisationId }: { readonly id?: SlideId; readonly organisationId?: string }) {
    const rows = await this.#database.run((db) => {
      let found = db
        .selectFrom('slide')
        .select([
          'id',
          'organisation_id',
          'name',
          'bytes',
          'deleted_at',
          'deleted_by',
          'kept_until',
          'purge_began_at',
        ])
        .where('kept_until', 'is not', null)
        .where('purged_at', 'is', null);
      if (id !== undefined) found = found.where('id', '=', id);
      if (organisationId !== undefined) found = found.where('organisation_id', '=', organisationId);
      return found.orderBy('deleted_at', 'desc').orderBy('id').execute();
    });
    return rows.map((row) => ({
      id: row.id,
      organisationId: row.organisation_id,
      name: row.name,
      bytes: row.bytes,
      deletedAt: (row.deleted_at ?? new Date(0)).toISOString(),
      purgeAt: (row.kept_until ?? new Date(0)).toISOString(),
      ...(row.deleted_by !== null && { deletedBy: row.deleted_by }),
      isGoing: row.purge_began_at !== null,
    }));
  }
}
