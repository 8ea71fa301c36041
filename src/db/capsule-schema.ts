import type { ColumnType } from 'kysely';

/** Tables of cases that came from elsewhere. */
export interface CapsuleSchema {
  case_import: CaseImportTable;
  imported_opinion: ImportedOpinionTable;
}

/** Where a case came from. */
export interface CaseImportTable {
  case_id: string;
  /** To whom it belongs here. */
  organisation_id: string;
  /** Of the capsule's manifest, by which it is known again; hexadecimal. */
  capsule_sha256: string;
  /** Fingerprint of the key that signed the capsule. */
  key_id: string;
  /** Name of the laboratory that exported it. */
  laboratory: string;
  exported_at: ColumnType<Date, Date, never>;
  imported_at: ColumnType<Date, Date, Date>;
}

/** An opinion that was signed elsewhere. Triggers refuse to change or delete it. */
export interface ImportedOpinionTable {
  id: string;
  case_id: string;
  /** From 0, oldest first. */
  position: number;
  /** As it travels: content, key and signature, canonical JSON. */
  signed: string;
  /** Objects `documents/<id>`: its reports, with their own signatures. */
  report_id: string | null;
  patient_report_id: string | null;
}
