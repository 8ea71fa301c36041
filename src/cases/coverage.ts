import type { Kysely } from 'kysely';
import type { Principal } from '../auth/principal.ts';
import { ServiceError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import type { Database } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';

/** Magnifications from which the bands reach up to the next one's; the last has no end. */
export const coverageBands = [2.5, 5, 10, 20] as const;

/** Cells along the longer side of every slide's grid. */
export const coverageCells = 128;

/**
 * How long each part of a slide was looked at, at which magnification: for each band the cells of a grid over the whole
 * slide, row by row, four bits each, the first in the upper half of a byte. A band that holds nothing is empty.
 *
 * A value n means some 2^(n/2) − 1 half seconds: what the page counts with, and nothing here.
 */
export interface CoverageMap {
  readonly columns: number;
  readonly rows: number;
  readonly bands: readonly Buffer[];
}

/** What somebody says they looked at of a slide of this size. */
export interface Looked {
  readonly size: Size;
  readonly map: CoverageMap;
}

/** Whose map it is. */
export type Reader = { readonly accountId: string } | { readonly grantId: string };

/** The reader whom a principal is; undefined for who is nobody in particular. */
export function readerOf(principal: Principal): Reader | undefined {
  if (principal.kind === 'person') return { accountId: principal.accountId };
  return principal.kind === 'guest' ? { grantId: principal.grantId } : undefined;
}

/** The grid over a slide. */
export function coverageGrid({ width, height }: Size): { readonly columns: number; readonly rows: number } {
  const along = (side: number) => Math.max(1, Math.ceil((coverageCells * side) / Math.max(width, height)));
  return { columns: along(width), rows: along(height) };
}

/** What people have looked at; who asks is given only what is their own. */
export class Coverage {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What a reader has looked at; undefined when nothing was kept. */
  async get(slideId: string, reader: Reader): Promise<CoverageMap | undefined> {
    const row = await this.#database.run(async (db) => await ownRow(db, slideId, reader).executeTakeFirst());
    return row && toMap(row);
  }

  /**
   * Keeps what a reader has looked at: of each cell the longer time, so that nothing is lost whichever of two windows
   * is the last to say it.
   *
   * @returns what is known now
   * @throws {ServiceError} `invalid` when the map is not one of the slide's grid
   */
  async merge(slideId: string, reader: Reader, { size, map }: Looked): Promise<CoverageMap> {
    const grid = coverageGrid(size);
    const cells = cellBytes(grid);
    if (map.columns !== grid.columns || map.rows !== grid.rows || map.bands.length !== coverageBands.length)
      throw new ServiceError(
        'invalid',
        `the grid of this slide has ${grid.columns} × ${grid.rows} cells in ${coverageBands.length} bands`,
      );
    if (map.bands.some((band) => band.length !== 0 && band.length !== cells))
      throw new ServiceError('invalid', `a band of this slide has ${cells} bytes, or none`);
    const given = Buffer.concat(map.bands.map((band) => (band.length === 0 ? Buffer.alloc(cells) : band)));
    return await this.#database.transaction(async (db) => {
      const none = Buffer.alloc(given.length);
      const row = { slide_id: slideId, ...ownerOf(reader), ...grid, bands: none };
      await db
        .insertInto('coverage')
        .values(row)
        .onConflict((there) => there.doNothing())
        .execute();
      const known = await ownRow(db, slideId, reader).forUpdate().executeTakeFirstOrThrow();
      const bands = longest(given, known.bands);
      await db
        .updateTable('coverage')
        .set({ bands, changed_at: new Date() })
        .where((one) => one.and({ slide_id: slideId, ...keyOf(reader) }))
        .execute();
      return toMap({ ...grid, bands });
    });
  }
}

/** Bytes of a band. */
function cellBytes({ columns, rows }: { readonly columns: number; readonly rows: number }): number {
  return Math.ceil((columns * rows) / 2);
}

/** The larger of each two halves of bytes. */
export function longest(a: Buffer, b: Buffer): Buffer {
  const most = Buffer.alloc(a.length);
  for (const [i, one] of a.entries()) {
    const other = b[i] ?? 0;
    most[i] = Math.max(one & 0xf0, other & 0xf0) | Math.max(one & 0x0f, other & 0x0f);
  }
  return most;
}

function keyOf(reader: Reader) {
  return 'accountId' in reader ? { account_id: reader.accountId } : { grant_id: reader.grantId };
}

function ownerOf(reader: Reader) {
  return { account_id: null, grant_id: null, ...keyOf(reader) };
}

function ownRow(db: Kysely<Schema>, slideId: string, reader: Reader) {
  return db
    .selectFrom('coverage')
    .select(['columns', 'rows', 'bands'])
    .where((one) => one.and({ slide_id: slideId, ...keyOf(reader) }));
}

function toMap({ columns, rows, bands }: { columns: number; rows: number; bands: Buffer }): CoverageMap {
  const bytes = cellBytes({ columns, rows });
  const parts = coverageBands.map((_, i) => bands.subarray(i * bytes, (i + 1) * bytes));
  return {
    columns,
    rows,
    bands: parts.map((part) => (part.every((byte) => byte === 0) ? Buffer.alloc(0) : part)),
  };
}
