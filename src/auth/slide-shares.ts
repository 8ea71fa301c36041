import { ServiceError } from '../core/errors.ts';
import type { Database } from '../db/database.ts';

/** That another organisation may view a slide. */
export interface SlideShare {
  readonly organisation: { readonly id: string; readonly name: string };
  /** ISO 8601, UTC. */
  readonly addedAt: string;
}

/** With which organisations slides are shared. Who may share is decided before. */
export class SlideShares {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Who else may view a slide, by name. */
  async list(slideId: string): Promise<readonly SlideShare[]> {
    const rows = await this.#database.run((db) =>
      db
        .selectFrom('slide_share')
        .innerJoin('organisation', 'organisation.id', 'slide_share.organisation_id')
        .where('slide_id', '=', slideId)
        .select(['organisation.id', 'organisation.name', 'slide_share.added_at'])
        .orderBy('organisation.name')
        .execute(),
    );
    return rows.map(({ id, name, added_at: addedAt }) => ({
      organisation: { id, name },
      addedAt: addedAt.toISOString(),
    }));
  }

  /**
   * Lets another organisation view a slide; once more is no mistake.
   *
   * @param name of the organisation, letter by letter
   * @throws {ServiceError} `not-found` when none has that name; `conflict` when the slide is its own
   */
  async add(slideId: string, name: string): Promise<SlideShare> {
    return await this.#database.transaction(async (db) => {
      const organisation = await db
        .selectFrom('organisation')
        .select(['id', 'name'])
        .where('name', '=', name)
        .executeTakeFirst();
      if (organisation === undefined)
        throw new ServiceError(
          'not-found',
          `no organisation is called “${name}” here; ask it for its name, letter by letter`,
        );
      const slide = await db
        .selectFrom('slide')
        .select('organisation_id')
        .where('id', '=', slideId)
        .executeTakeFirst();
      if (slide?.organisation_id === organisation.id)
        throw new ServiceError(
          'conflict',
          `the slide is ${organisation.name}’s own; choose another organisation`,
        );
      const row = await db
        .insertInto('slide_share')
        .values({ slide_id: slideId, organisation_id: organisation.id })
        // Changes nothing, but gives the row back.
        .onConflict((there) =>
          there.columns(['slide_id', 'organisation_id']).doUpdateSet({ organisation_id: organisation.id }),
        )
        .returning('added_at')
        .executeTakeFirstOrThrow();
      return { organisation, addedAt: row.added_at.toISOString() };
    });
  }

  /** Ends a share. @returns whether there was one */
  async remove(slideId: string, organisationId: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.run((db) =>
      db
        .deleteFrom('slide_share')
        .where('slide_id', '=', slideId)
        .where('organisation_id', '=', organisationId)
        .executeTakeFirst(),
    );
    return numDeletedRows > 0n;
  }
}
