import { sql, type Insertable, type Kysely, type Selectable, type Updateable } from 'kysely';
import { slideIdPattern, type SlideId } from '../core/slide.ts';
import type { Catalogue, SlideFacts, SlideFilter, SlideRecord, SlideState } from './catalogue.ts';
import type { Database } from './database.ts';
import { InOrder } from './in-order.ts';
import { listedIds } from './listed-slides.ts';
import type { Schema, SlideTable } from './schema.ts';

/** A catalogue in the table `slide`. Every process sees at once what any of them saved. */
export class PostgresCatalogue implements Catalogue {
  readonly #database: Database;
  readonly #writes = new InOrder();

  /** @param database stays open as long as the catalogue is used */
  constructor(database: Database) {
    this.#database = database;
  }

  async list(filter: SlideFilter = {}): Promise<readonly SlideRecord[]> {
    const rows = await this.#database.run(async (db) => {
      const ids = await listedIds(db, filter);
      return await withShares(db)
        .where('id', 'in', sql<string>`(${ids})`)
        .orderBy('added_at', 'desc')
        .orderBy('id')
        .execute();
    });
    return rows.map(toRecord);
  }

  async get(id: SlideId): Promise<SlideRecord | undefined> {
    if (!slideIdPattern.test(id)) return undefined;
    const row = await this.#database.run((db) =>
      withShares(db)
        .select(consulted.as('consulted'))
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .executeTakeFirst(),
    );
    return row && { ...toRecord(row), ...consultedOf(row.consulted) };
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

  async setState(id: SlideId, state: SlideState, from?: readonly SlideState['kind'][]): Promise<boolean> {
    return await this.#update(id, stateColumns(state), from);
  }

  async describe(id: SlideId, facts: SlideFacts): Promise<void> {
    await this.#update(id, { facts: JSON.stringify(facts) });
  }

  async setUrgent(id: SlideId, isUrgent: boolean): Promise<boolean> {
    return await this.#update(id, { is_urgent: isUrgent });
  }

  /** @returns whether there is such a slide, in one of the states `from` */
  async #update(
    id: SlideId,
    change: Updateable<SlideTable>,
    from?: readonly SlideState['kind'][],
  ): Promise<boolean> {
    if (!slideIdPattern.test(id)) return false;
    return await this.#writes.run(id, () =>
      this.#database.run(async (db) => {
        const there = db
          .updateTable('slide')
          .set(change)
          .where('id', '=', id)
          .where('deleted_at', 'is', null);
        const { numUpdatedRows } = await (
          from === undefined ? there : there.where('state', 'in', from)
        ).executeTakeFirst();
        return numUpdatedRows > 0n;
      }),
    );
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

/** Who was asked about cases that a slide belongs to, each as `kind id`; a case's own id where it is by a link. */
const consulted = sql<string[]>`array(
  select distinct asked.kind || ' ' || coalesce(asked.account_id, asked.organisation_id, asked.case_id)
  from case_slide join case_grant asked on asked.case_id = case_slide.case_id
    join clinical_case on clinical_case.id = case_slide.case_id
  where case_slide.slide_id = slide.id and clinical_case.state <> 'draft' and asked.revoked_at is null
    and (asked.expires_at is null or asked.expires_at > now()))`;

function consultedOf(found: readonly string[]): Pick<SlideRecord, 'consulted'> {
  if (found.length === 0) return {};
  const of = (kind: string) =>
    found.filter((one) => one.startsWith(`${kind} `)).map((one) => one.slice(kind.length + 1));
  return { consulted: { organisations: of('organisation'), accounts: of('person'), cases: of('link') } };
}

/** A record as a row. */
export function toRow({
  id,
  organisationId,
  name,
  state,
  isUrgent = false,
  addedAt,
  bytes,
  facts,
}: SlideRecord): Insertable<SlideTable> {
  return {
    id,
    organisation_id: organisationId,
    name,
    ...stateColumns(state),
    is_urgent: isUrgent,
    added_at: addedAt,
    bytes,
    facts: facts === undefined ? null : JSON.stringify(facts),
  };
}

function stateColumns(state: SlideState) {
  return {
    state: state.kind,
    progress: 'progress' in state ? state.progress : null,
    is_viewable: state.kind === 'receiving' ? state.isViewable : null,
    reason: state.kind === 'failed' ? state.reason : null,
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
    ...(row.is_urgent && { isUrgent: true }),
    addedAt: row.added_at.toISOString(),
    bytes,
    ...(row.facts !== null && { facts: row.facts }),
  };
}

/** The table's own checks see to it that what a state needs is there. */
function stateOf({ state, progress, is_viewable: isViewable, reason }: Selectable<SlideTable>): SlideState {
  switch (state) {
    case 'receiving':
      return { kind: state, progress: progress ?? 0, isViewable: isViewable ?? false };
    case 'converting':
      return { kind: state, progress: progress ?? 0 };
    case 'failed':
      return { kind: state, reason: reason ?? '' };
    default:
      return { kind: state };
  }
}
