import type { ColumnType, Generated } from 'kysely';

/** Tables of uploads, as the newest migration leaves them. */
export interface UploadSchema {
  upload: UploadTable;
  upload_span: UploadSpanTable;
  upload_piece: UploadPieceTable;
}

/** A file on its way in. */
export interface UploadTable {
  /** Also the id of the slide it becomes. */
  id: string;
  organisation_id: string;
  /** Who sends it; null where there are no accounts. */
  account_id: string | null;
  bytes: number;
  /** Of all spans together, durable. */
  received: Generated<number>;
  /**
   * `receiving` · `received` every byte is here · `checked` and is in the store, as it was sent; the slide is not
   * published yet · `done` · `discarded` given up, its bytes are still to be deleted.
   */
  state: 'receiving' | 'received' | 'checked' | 'done' | 'discarded';
  /** Of the whole file, hexadecimal, as the sender says. */
  expected_sha256: string | null;
  /** What a folder holds, in the order in which its files follow each other; null for one file. */
  files: ColumnType<readonly UploadedFile[] | null, string | null, string | null>;
  /** Of an upload by parts to S3 that is being put together. */
  multipart_id: Generated<string | null>;
  /** The slide that holds the same bytes already. */
  duplicate_of: Generated<string | null>;
  created_at: ColumnType<Date, string | undefined, never>;
  expires_at: ColumnType<Date, string, string>;
}

/** A file of a folder that is uploaded as one slide. */
export interface UploadedFile {
  /** Relative, with slashes. */
  readonly path: string;
  readonly size: number;
}

/** A range of an upload that is sent from its beginning to its end. */
export interface UploadSpanTable {
  id: string;
  upload_id: string;
  start: number;
  length: number;
  /** Durable bytes from the start on. */
  received: Generated<number>;
}

/** Where bytes of an upload stand, in stores that can't write into a file. */
export interface UploadPieceTable {
  upload_id: string;
  start: number;
  length: number;
  /** Of its object, below the upload's own. */
  name: string;
}
