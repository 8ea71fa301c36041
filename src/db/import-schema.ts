import type { ColumnType, Generated } from 'kysely';

/** Tables of imports in place. */
export interface ImportSchema {
  slide_origin: SlideOriginTable;
  slide_import: SlideImportTable;
}

/** Where the original of a slide lies that is not in the store: it is not ours, and never deleted. */
export interface SlideOriginTable {
  slide_id: string;
  organisation_id: string;
  kind: 'file' | 's3';
  /** Of `s3` only. */
  bucket: string | null;
  /** Real and absolute, or the key. It may name a patient. */
  path: string;
  bytes: number;
  /** Changes whenever the bytes do; see `Origin`. */
  version: string;
  /** Of the place in one spelling, hexadecimal: places can be longer than an index takes. */
  place_sha256: string;
  /** Whether no newer slide was made of what lies there. */
  is_current: Generated<boolean>;
  added_at: ColumnType<Date, never, never>;
}

/** An import that somebody asked for. */
export interface SlideImportTable {
  /** 32 hexadecimal digits. */
  id: string;
  organisation_id: string;
  /** Who asked; null where there are no accounts. */
  account_id: string | null;
  /** Folder or `s3://bucket/prefix`. */
  source: string;
  state: 'running' | 'done' | 'failed';
  /** JSON. */
  progress: ColumnType<ImportProgressRow, string, string>;
  /** Of a failed one only. */
  reason: string | null;
  started_at: ColumnType<Date, never, never>;
  /** When it was last heard of. */
  seen_at: ColumnType<Date, never, string>;
  finished_at: ColumnType<Date | null, never, string>;
}

/** How far an import has come. */
export interface ImportProgressRow {
  /** Files looked at or waiting to be. */
  readonly found: number;
  /** Slides made. */
  readonly registered: number;
  /** Slides that were there already. */
  readonly known: number;
  /** Files that are no slides, or could not be read. */
  readonly refused: number;
  /** The first of them. */
  readonly refusals: readonly { readonly name: string; readonly reason: string }[];
}
