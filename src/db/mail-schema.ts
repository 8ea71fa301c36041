import type { ColumnType, Generated } from 'kysely';

/** Tables of what people are told, as the newest migration leaves them. */
export interface MailSchema {
  notification: NotificationTable;
  mail: MailTable;
  case_grant_secret: CaseGrantSecretTable;
}

/** Something an account is told of in the page. */
export interface NotificationTable {
  id: Generated<number>;
  account_id: string;
  case_id: string;
  kind: string;
  /** Who did it, or who it is about. */
  name: string;
  at: ColumnType<Date, Date, never>;
  /** Names what is told: nobody is told it twice. */
  once: string;
  read_at: ColumnType<Date | null, undefined, Date>;
}

/** An e-mail on its way: for whom and about what. Address and text are put together when it is sent. */
export interface MailTable {
  id: Generated<number>;
  account_id: string | null;
  grant_id: string | null;
  case_id: string;
  kind: string;
  /** Who did it, or who it is about. */
  name: string;
  /** Names what is told: nobody is told it twice. */
  once: string;
  queued_at: ColumnType<Date, Date, never>;
  next_at: Date;
  tries: Generated<number>;
  sent_at: ColumnType<Date | null, undefined, Date>;
  given_up_at: ColumnType<Date | null, undefined, Date>;
  /** Why the last try failed, or why there will be none: codes, never an address. */
  reason: ColumnType<string | null, undefined, string>;
}

/** A further secret of a link, made for the e-mail that holds it. */
export interface CaseGrantSecretTable {
  /** SHA-256, hexadecimal. */
  hash: string;
  grant_id: string;
  made_at: ColumnType<Date, Date, never>;
}
