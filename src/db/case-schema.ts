import type { ColumnType, Generated } from 'kysely';

/** Tables of cases, as the newest migration leaves them. */
export interface CaseSchema {
  clinical_case: ClinicalCaseTable;
  case_slide: CaseSlideTable;
  case_document: CaseDocumentTable;
  case_grant: CaseGrantTable;
  guest_session: GuestSessionTable;
  case_message: CaseMessageTable;
  case_event: CaseEventTable;
  case_seen: CaseSeenTable;
}

/** How far a case has come. */
export type CaseState = 'draft' | 'sent' | 'in-review' | 'answered' | 'closed';

/** What a laboratory asks. */
export interface ClinicalCaseTable {
  /** 32 hexadecimal digits. */
  id: string;
  /** Of the laboratory that asks. */
  organisation_id: string;
  state: Generated<CaseState>;
  accession: Generated<string>;
  pseudonym: Generated<string>;
  patient_name: Generated<string>;
  patient_number: Generated<string>;
  /** As `YYYY-MM-DD`. */
  patient_born: ColumnType<string | null, string | null | undefined, string | null>;
  patient_sex: Generated<'' | 'female' | 'male' | 'other' | 'unknown'>;
  specimen: Generated<string>;
  history: Generated<string>;
  question: Generated<string>;
  prior_diagnosis: Generated<string>;
  notes: Generated<string>;
  test_results: Generated<string>;
  is_urgent: Generated<boolean>;
  /** As `YYYY-MM-DD`. */
  due_on: ColumnType<string | null, string | null | undefined, string | null>;
  /** Counts changes, so that nobody overwrites what another has just written. */
  version: Generated<number>;
  added_by: string | null;
  added_at: ColumnType<Date, Date, never>;
  changed_at: ColumnType<Date, Date, Date>;
  sent_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  review_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  answered_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  closed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** Of a draft that was thrown away. */
  discarded_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** What is searched. */
  words: ColumnType<string, never, never>;
  /** What is searched for who may know the patient. */
  patient_words: ColumnType<string, never, never>;
}

/** A slide of a case. */
export interface CaseSlideTable {
  case_id: string;
  slide_id: string;
  /** From 0. */
  position: number;
  block: string;
  stain: string;
}

/** A file of a case, or a picture captured for an opinion. The bytes are the object `documents/<id>`. */
export interface CaseDocumentTable {
  id: string;
  case_id: string;
  kind: 'document' | 'figure';
  name: string;
  media_type: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
  account_id: string | null;
  grant_id: string | null;
  author_name: string;
  added_at: ColumnType<Date, Date, never>;
  removed_at: ColumnType<Date | null, undefined, Date | null>;
}

/** Somebody beside the laboratory who sees a case: a person, an organisation, or whoever has a link. */
export interface CaseGrantTable {
  id: string;
  case_id: string;
  kind: 'person' | 'organisation' | 'link';
  account_id: string | null;
  organisation_id: string | null;
  /** For whom a link is. */
  name: string;
  email: string;
  /** SHA-256 of a link's secret, hexadecimal. */
  secret_hash: string | null;
  /** As `auth/passwords.ts` spells a hash; null where a link has none. */
  passcode: string | null;
  shows_patient: boolean;
  may_answer: boolean;
  /** Whether the link is sent by e-mail. */
  mails_link: Generated<boolean>;
  added_by: string | null;
  added_at: ColumnType<Date, Date, never>;
  expires_at: ColumnType<Date | null, Date | null, Date | null>;
  revoked_at: ColumnType<Date | null, undefined, Date | null>;
  used_at: ColumnType<Date | null, undefined, Date | null>;
  uses: Generated<number>;
}

/** Somebody who came by a link to a case. */
export interface GuestSessionTable {
  /** SHA-256 of what the cookie holds, hexadecimal. */
  hash: string;
  grant_id: string;
  /** As they gave it. */
  name: string;
  started_at: ColumnType<Date, Date, never>;
  /** To the minute. */
  seen_at: Date;
  expires_at: ColumnType<Date, Date, never>;
}

/** Something said about a case. */
export interface CaseMessageTable {
  id: string;
  case_id: string;
  account_id: string | null;
  grant_id: string | null;
  author_name: string;
  at: ColumnType<Date, Date, never>;
  text: string;
  /** A view of a slide. */
  mark: ColumnType<unknown, string | null, never>;
  /** When others were told of it. */
  told_at: ColumnType<Date | null, undefined, Date>;
}

/** Something that happened to a case. */
export interface CaseEventTable {
  id: Generated<number>;
  case_id: string;
  at: ColumnType<Date, Date, never>;
  kind: string;
  account_id: string | null;
  grant_id: string | null;
  author_name: string;
  detail: ColumnType<unknown, string | undefined, never>;
  /** When those whom it concerns were told of it. */
  told_at: ColumnType<Date | null, undefined, Date>;
}

/** When somebody last looked at a case. */
export interface CaseSeenTable {
  case_id: string;
  account_id: string;
  seen_at: Date;
}
