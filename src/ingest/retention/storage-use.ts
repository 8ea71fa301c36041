import { sql } from 'kysely';
import { original, slideKey } from '../../core/objects.ts';
import type { Database } from '../../db/database.ts';
import type { Store } from '../../storage/store.ts';

/** What the slides of one organisation take up. Bytes. */
export interface StorageUse {
  readonly organisation: { readonly id: string; readonly name: string };
  /** Slides on its list. */
  readonly slides: number;
  /** Originals in the store and what was made of them. */
  readonly bytes: number;
  readonly originalBytes: number;
  /** Pyramids, indexes and checksums, of slides that are complete. */
  readonly madeBytes: number;
  /** Slides that were deleted and can be restored, with what was made of them. */
  readonly deletedSlides: number;
  readonly deletedBytes: number;
  /** Originals that lie elsewhere; not counted in `bytes`. */
  readonly elsewhereBytes: number;
}

/** What each organisation takes up, or one. Counted from rows: nothing of the store is looked at. */
export async function storageUse(
  database: Database,
  organisationId?: string,
): Promise<readonly StorageUse[]> {
  const { rows } = await database.run((db) =>
    sql<Omit<StorageUse, 'organisation' | 'bytes'> & { readonly id: string; readonly name: string }>`
      with counted as (
        select organisation_id, deleted_at is not null as is_deleted, count(*) as slides,
          coalesce(sum(bytes) filter (where slide_origin.slide_id is null), 0)::bigint as original_bytes,
          coalesce(sum(bytes) filter (where slide_origin.slide_id is not null), 0)::bigint as elsewhere_bytes,
          coalesce(sum(made_bytes), 0)::bigint as made_bytes
        from (
          select id, organisation_id, bytes, made_bytes, deleted_at from slide
          where purged_at is null and (deleted_at is null or kept_until is not null)
        ) slide left join (select slide_id from slide_origin) slide_origin on slide_origin.slide_id = slide.id
        group by 1, 2
      )
      select organisation.id, organisation.name,
        coalesce(here.slides, 0) as slides,
        coalesce(here.original_bytes, 0) as "originalBytes",
        coalesce(here.made_bytes, 0) as "madeBytes",
        coalesce(here.elsewhere_bytes, 0) as "elsewhereBytes",
        coalesce(gone.slides, 0) as "deletedSlides",
        coalesce(gone.original_bytes + gone.made_bytes, 0) as "deletedBytes"
      from organisation
        left join counted here on here.organisation_id = organisation.id and not here.is_deleted
        left join counted gone on gone.organisation_id = organisation.id and gone.is_deleted
      where ${organisationId ?? null}::text is null or organisation.id = ${organisationId ?? null}
      order by organisation.name`.execute(db),
  );
  return rows.map(({ id, name, ...use }) => ({
    organisation: { id, name },
    ...use,
    bytes: use.originalBytes + use.madeBytes,
  }));
}

/** Slides measured in one round. */
const perRound = 1000;

/** Counts what was made of slides that are complete, and were not counted yet. @returns how many */
export async function measureSlides(database: Database, store: Store): Promise<number> {
  const slides = await database.run((db) =>
    db
      .selectFrom('slide')
      .select('id')
      .where('made_bytes', 'is', null)
      .where('deleted_at', 'is', null)
      .where('state', '=', 'complete')
      .limit(perRound)
      .execute(),
  );
  for (const { id } of slides) {
    let made = 0;
    for await (const { key, size } of store.list(slideKey(id, '')))
      if (!key.startsWith(slideKey(id, originals))) made += size;
    await database.run((db) =>
      db.updateTable('slide').set({ made_bytes: made }).where('id', '=', id).execute(),
    );
  }
  return slides.length;
}

/** Where originals lie below a slide. */
const originals = original.slice(0, original.indexOf('/') + 1);
