import type { ColumnType } from 'kysely';

/** Tables of the audit, as the newest migration leaves them. */
export interface AuditSchema {
  audit: AuditTable;
  audit_head: AuditHeadTable;
}

/** One thing that was done or refused. Rows are only ever added: the database refuses everything else. */
export interface AuditTable {
  /** From 1, without gaps. */
  seq: ColumnType<number, number, never>;
  /** To the millisecond. */
  at: ColumnType<Date, string, never>;
  /** Whose data it concerns; null where it concerns nobody's. */
  organisation_id: ColumnType<string | null, string | null, never>;
  actor_kind: ColumnType<string, string, never>;
  /** The account, or the link. */
  actor_id: ColumnType<string | null, string | null, never>;
  actor_organisation_id: ColumnType<string | null, string | null, never>;
  address: ColumnType<string | null, string | null, never>;
  action: ColumnType<string, string, never>;
  subject_kind: ColumnType<string | null, string | null, never>;
  subject_id: ColumnType<string | null, string | null, never>;
  outcome: ColumnType<string, string, never>;
  /** Values are texts. */
  detail: ColumnType<unknown, string, never>;
  /** Hash of the row before, hexadecimal. */
  previous: ColumnType<string, string, never>;
  /** SHA-256 of this row, `previous` included, hexadecimal. */
  hash: ColumnType<string, string, never>;
}

/** The newest row, in a table of one row: who adds rows holds its lock. It gives away when the last rows are missing. */
export interface AuditHeadTable {
  is_only: ColumnType<boolean, true, never>;
  seq: number;
  hash: string;
}
