import { createHash } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import type { SlideId } from '../core/slide.ts';
import type { Origin } from '../storage/byte-source.ts';
import { placeOf } from '../storage/origin.ts';
import type { SlideRecord } from './catalogue.ts';
import type { Database } from './database.ts';
import type { SlideOriginTable } from './import-schema.ts';
import { toRow } from './postgres-catalogue.ts';
import type { Schema } from './schema.ts';

/** A slide made of a file that stays where it lies. */
export interface OriginSlide {
  readonly record: SlideRecord;
  readonly origin: Origin;
}

/** Where originals lie that are not in the store: rows of `slide_origin`. */
export class SlideOrigins {
  readonly #database: Database;

  /** @param database stays open as long as this is used */
  constructor(database: Database) {
    this.#database = database;
  }

  /** Where a slide's original lies; undefined when that is the store. */
  async get(id: SlideId): Promise<Origin | undefined> {
    const row = await this.#database.run((db) =>
      db.selectFrom('slide_origin').selectAll().where('slide_id', '=', id).executeTakeFirst(),
    );
    return row && toOrigin(row);
  }

  /** Lets the next import make a new slide of the same file. */
  async retire(id: SlideId): Promise<void> {
    await this.#database.run((db) =>
      db.updateTable('slide_origin').set({ is_current: false }).where('slide_id', '=', id).execute(),
    );
  }

  /** Those of `origins` of which the organisation has no slide, in this version. */
  async unknown<T extends Origin>(organisationId: string, origins: readonly T[]): Promise<readonly T[]> {
    if (origins.length === 0) return [];
    const rows = await this.#database.run((db) =>
      currentOf(db, organisationId, origins).select(['place_sha256', 'version']).execute(),
    );
    const versions = new Map(rows.map((row) => [row.place_sha256, row.version]));
    return origins.filter((origin) => versions.get(placeHash(origin)) !== origin.version);
  }

  /**
   * Adds slides, all of one organisation, all at once.
   *
   * A slide of an earlier version of the same file fails and says so. @returns those that nobody else added meanwhile
   */
  async add(organisationId: string, slides: readonly OriginSlide[]): Promise<readonly OriginSlide[]> {
    if (slides.length === 0) return [];
    return await this.#database.transaction(async (db) => {
      // One import at a time adds to an organisation, so that none sees half of what another adds.
      await db.selectFrom('organisation').select('id').where('id', '=', organisationId).forUpdate().execute();
      const origins = slides.map(({ origin }) => origin);
      const current = await currentOf(db, organisationId, origins)
        .select(['slide_id', 'place_sha256', 'version'])
        .execute();
      const versions = new Map(current.map((row) => [row.place_sha256, row.version]));
      const added = slides.filter(({ origin }) => versions.get(placeHash(origin)) !== origin.version);
      if (added.length === 0) return [];
      const places = new Set(added.map(({ origin }) => placeHash(origin)));
      await retire(db, organisationId, [...places]);
      const changed = current.filter((row) => places.has(row.place_sha256)).map((row) => row.slide_id);
      if (changed.length > 0) await failChanged(db, changed);
      await db
        .insertInto('slide')
        .values(added.map(({ record }) => toRow(record)))
        .execute();
      await db
        .insertInto('slide_origin')
        .values(added.map((slide) => toOriginRow(slide)))
        .execute();
      return added;
    });
  }
}

/** Rows of what lies at the places of `origins` and has a slide, which nobody deleted. */
function currentOf(db: Kysely<Schema>, organisationId: string, origins: readonly Origin[]) {
  return db
    .selectFrom('slide_origin')
    .innerJoin('slide', 'slide.id', 'slide_origin.slide_id')
    .where('slide.deleted_at', 'is', null)
    .where('slide_origin.is_current', '=', true)
    .where('slide_origin.organisation_id', '=', organisationId)
    .where('place_sha256', 'in', origins.map(placeHash));
}

/** Makes room for slides of a newer version, or for those of files whose slide was deleted. */
async function retire(db: Kysely<Schema>, organisationId: string, places: readonly string[]): Promise<void> {
  await db
    .updateTable('slide_origin')
    .set({ is_current: false })
    .where('organisation_id', '=', organisationId)
    .where('place_sha256', 'in', places)
    .where('is_current', '=', true)
    .execute();
}

async function failChanged(db: Kysely<Schema>, ids: readonly SlideId[]): Promise<void> {
  await db
    .updateTable('slide')
    .set({
      state: 'failed',
      progress: null,
      is_viewable: null,
      reason: 'The file was changed where it lies, and imported again: see the newer slide of this name.',
    })
    .where('id', 'in', ids)
    .execute();
}

/** SHA-256 of the place in one spelling, hexadecimal. */
function placeHash(origin: Origin): string {
  return createHash('sha256').update(placeOf(origin)).digest('hex');
}

function toOriginRow({ record, origin }: OriginSlide) {
  return {
    slide_id: record.id,
    organisation_id: record.organisationId,
    kind: origin.kind,
    bucket: origin.kind === 's3' ? origin.bucket : null,
    path: origin.kind === 's3' ? origin.key : origin.path,
    bytes: origin.size,
    version: origin.version,
    place_sha256: placeHash(origin),
  };
}

function toOrigin({ kind, bucket, path, bytes: size, version }: Selectable<SlideOriginTable>): Origin {
  if (kind === 'file') return { kind, path, size, version };
  // The table's own check sees to it that there is a bucket.
  return { kind, bucket: bucket ?? '', key: path, size, version };
}
