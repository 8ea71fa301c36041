import type { ColumnType, Generated } from 'kysely';

/** Tables of what was destroyed, as the newest migration leaves them. */
export interface RetentionSchema {
  purge: PurgeTable;
  certificate: CertificateTable;
}

/** Columns of a slide that speak of its end. */
export interface SlideRetention {
  /** Account; null where a command or nobody in particular did it. */
  deleted_by: Generated<string | null>;
  /** Until when a deleted slide can be restored; null for what is not kept, such as an upload that was given up. */
  kept_until: Generated<Date | null>;
  /** From then on it cannot be restored. */
  purge_began_at: Generated<Date | null>;
  purged_at: Generated<Date | null>;
  /** Bytes of all objects that were made of the original; null until they are counted. */
  made_bytes: Generated<number | null>;
}

/** A slide that is being destroyed; gone once that is done. */
export interface PurgeTable {
  slide_id: string;
  /** Who wanted it, as the audit names them. */
  actor: ColumnType<unknown, string, never>;
  address: string | null;
  /** What there is to destroy; null until it is listed. Nothing is destroyed before. */
  objects: ColumnType<unknown, null, string>;
}

/** What says that a slide was destroyed. Rows are only ever added. */
export interface CertificateTable {
  /** 32 hexadecimal digits. */
  id: string;
  slide_id: string;
  organisation_id: string;
  /** JSON, byte for byte what `sha256` was made of. */
  content: string;
  /** Hexadecimal; the audit's row has it, too. */
  sha256: string;
  /** The row of the audit. */
  audit_seq: number;
  audit_hash: string;
}
