import type { ColumnType } from 'kysely';

/** Table of what people have looked at. */
export interface CoverageSchema {
  coverage: CoverageTable;
}

/** What one reader has looked at of one slide. */
export interface CoverageTable {
  slide_id: string;
  /** The reader; null for a guest. */
  account_id: string | null;
  /** The link by which the guest came who is the reader. */
  grant_id: string | null;
  /** Of the grid. */
  columns: number;
  /** Of the grid. */
  rows: number;
  /** Four bits a cell, band by band, see `src/cases/coverage.ts`. */
  bands: Buffer;
  changed_at: ColumnType<Date, Date | undefined, Date>;
}
