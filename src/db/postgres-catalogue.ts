import { sql, type Insertable, type Kysely, type Selectable } from 'kysely';
import { slideIdPattern, type SlideId } from '../core/slide.ts';
import type { Catalogue, SlideFilter, SlideRecord, SlideState } from './catalogue.ts';
import type { Database } from './database.ts';
import { InOrder } from './in-order.ts';
import type { Schema, SlideTable } from './schema.ts';

/** A catalogue in the table `slide`. Every process sees at once what any of them saved. */
export class PostgresCatalogue implements Catalogue {
  readonly #database: Database;
  readonly #writes = new InOrder();

  /** @param database stays open as long as the catalogue is used */
  constructor(database: Database) {
    this.#database = database;
  }

  async list({ organisationId }: SlideFilter = {}): Promise<readonly SlideRecord[]> {
    const rows = await this.#database.run((db) => {
      const all = withShares(db).where('deleted_at', 'is', null);
      const some =
        organisationId === undefined
          ? all
          : all.where((is) =>
              is.or([
                is('organisation_id', '=', organisationId),
                is(
                  'id',
                  'in',
                  is
                    .selectFrom('slide_share')
                    .select('slide_id')
                    .where('slide_share.organisation_id', '=', organisationId),
                ),
              ]),
            );
      return some.orderBy('added_at', 'desc').orderBy('id').execute();
    });
    return rows.map(toRecord);
  }

  async get(id: SlideId): Promise<SlideRecord | undefined> {
    if (!slideIdPattern.test(id)) return undefined;
    const row = await this.#database.run((db) =>
      withShares(db).where('id', '=', id).where('deleted_at', 'is', null).executeTakeFirst(),
    );
    return row && toRecord(row);
  }

  async save(record: SlideRecord): Promise<void> {
    const { id, ...rest } = toRow(record);
    await this.#writes.run(id, async () => {
      await this.#database.run((db) =>
        db
          .insertInto('slide')
          .values({ id, ...rest })
          .onConflict((existing) => existing.column('id').doUpdateSet({ ...rest, deleted_at: null }))
          .execute(),
      );
    });
  }

  async remove(id: SlideId): Promise<void> {
    if (!slideIdPattern.test(id)) return;
    await this.#writes.run(id, async () => {
      // The row stays, so that no older record can bring the slide back; what names it goes.
      await this.#database.run((db) =>
        db
          .updateTable('slide')
          .set({ name: '', reason: sql`case when state = 'failed' then '' end`, deleted_at: sql`now()` })
          .where('id', '=', id)
          .where('deleted_at', 'is', null)
          .execute(),
      );
    });
  }
}

/** Slides, each with the organisations it is shared with. */
function withShares(db: Kysely<Schema>) {
  return db
    .selectFrom('slide')
    .selectAll('slide')
    .select(
      sql<string[]>`array(select organisation_id from slide_share where slide_id = slide.id order by 1)`.as(
        'shared_with',
      ),
    );
}

/** A record as a row. */
export function toRow({
  id,
  organisationId,
  name,
  state,
  addedAt,
  bytes,
}: SlideRecord): Insertable<SlideTable> {
  return {
    id,
    organisation_id: organisationId,
    name,
    state: state.kind,
    progress: state.kind === 'converting' ? state.progress : null,
    reason: state.kind === 'failed' ? state.reason : null,
    added_at: addedAt,
    bytes,
  };
}

/** A row as a record. */
export function toRecord(
  row: Selectable<SlideTable> & { readonly shared_with?: readonly string[] },
): SlideRecord {
  const { id, organisation_id: organisationId, name, bytes, shared_with: sharedWith = [] } = row;
  return {
    id,
    organisationId,
    ...(sharedWith.length > 0 && { sharedWith }),
    name,
    state: stateOf(row),
    addedAt: row.added_at.toISOString(),
    bytes,
  };
}

function stateOf({ state, progress, reason }: Selectable<SlideTable>): SlideState {
  if (state === 'viewable') return { kind: 'viewable' };
  // The table's own checks: a number where one is converted, a reason where one failed.
  return state === 'converting'
    ? { kind: 'converting', progress: progress ?? 0 }
    : { kind: 'failed', reason: reason ?? '' };
}
