import type { ColumnType, Generated } from 'kysely';

/** Tables of second opinions. */
export interface OpinionSchema {
  signing_key: SigningKeyTable;
  opinion_draft: OpinionDraftTable;
  opinion: OpinionTable;
  original_hash: OriginalHashTable;
}

/** SHA-256 of an original that was not computed when it came in, hexadecimal. */
export interface OriginalHashTable {
  slide_id: string;
  sha256: string;
}

/** A key that signs opinions. One that was retired signs no more; what it signed is still verified with it. */
export interface SigningKeyTable {
  /** Its fingerprint: SHA-256 of the public key as SPKI DER, hexadecimal. */
  id: string;
  /** Ed25519, the 32 bytes in base64url. */
  public_key: string;
  /** PKCS8 DER in base64url. */
  private_key: string;
  made_at: ColumnType<Date, Date, never>;
  retired_at: ColumnType<Date | null, undefined, Date>;
}

/** What somebody is writing; one for each author and case. */
export interface OpinionDraftTable {
  id: string;
  case_id: string;
  account_id: string | null;
  grant_id: string | null;
  content: ColumnType<unknown, string, string>;
  /** Counts changes. */
  version: Generated<number>;
  changed_at: Date;
}

/** A signed opinion. Triggers refuse to change or delete it. */
export interface OpinionTable {
  id: string;
  case_id: string;
  /** From 1, of the case. */
  version: number;
  /** The opinion that this one follows. */
  previous_id: string | null;
  account_id: string | null;
  grant_id: string | null;
  author_name: string;
  /** Of the draft that was signed. */
  draft_version: number;
  signed_at: ColumnType<Date, Date, never>;
  /** What is typed on the page that verifies it. */
  code: string;
  /** What was signed: canonical JSON (RFC 8785). */
  content: string;
  /** Of the content, hexadecimal. */
  sha256: string;
  key_id: string;
  /** Ed25519, base64url. */
  signature: string;
  /** Documents of the case that are its figures. */
  figures: string[];
  /** The object `documents/<id>`: the report without the patient. */
  report_id: string;
  report_sha256: string;
  /** The same with the patient; null where the case names none. */
  patient_report_id: string | null;
  patient_report_sha256: string | null;
}
