import type { ColumnType, Generated } from 'kysely';

/** The tables of accounts, and of what proves who somebody is. */
export interface AccountSchema {
  account: AccountTable;
  session: SessionTable;
  api_token: ApiTokenTable;
  recovery_code: RecoveryCodeTable;
  sign_in_throttle: SignInThrottleTable;
  preference: PreferenceTable;
}

/** Who may sign in. Never deleted, only disabled: the audit names it. */
export interface AccountTable {
  /** 32 hexadecimal digits. */
  id: string;
  organisation_id: string;
  /** In small letters. */
  email: string;
  name: string;
  roles: ('lab' | 'pathologist' | 'administrator' | 'operator')[];
  /** As `auth/passwords.ts` spells a hash; null for who signs in elsewhere only. */
  password: Generated<string | null>;
  /** Whether the password must be changed at the next sign-in. */
  is_one_time: Generated<boolean>;
  /** Base32; null without a second factor. */
  totp_secret: Generated<string | null>;
  /** Base32; shown, but not confirmed by a first code. */
  totp_pending: Generated<string | null>;
  /** Step of the last code that was taken, so that none is taken twice. */
  totp_last_step: Generated<number | null>;
  oidc_issuer: Generated<string | null>;
  oidc_subject: Generated<string | null>;
  added_at: ColumnType<Date, string | undefined, never>;
  /** Null as long as the account may be used. */
  disabled_at: ColumnType<Date | null, undefined, Date | null>;
}

/** Somebody signed in with a browser. */
export interface SessionTable {
  /** SHA-256 of what the cookie holds, hexadecimal. */
  hash: string;
  account_id: string;
  way: 'password' | 'demo' | 'oidc';
  started_at: ColumnType<Date, Date, never>;
  /** To the minute. */
  seen_at: Date;
  expires_at: ColumnType<Date, Date, never>;
}

/** What a program shows instead of a session. */
export interface ApiTokenTable {
  /** 32 hexadecimal digits. */
  id: string;
  account_id: string;
  name: string;
  /** SHA-256 of the token, hexadecimal. */
  hash: string;
  scopes: ('read' | 'upload' | 'manage')[];
  added_at: ColumnType<Date, Date, never>;
  expires_at: ColumnType<Date, Date, never>;
  /** To the minute; null when it never was. */
  used_at: ColumnType<Date | null, undefined, Date>;
}

/** What takes the second factor's place, once. */
export interface RecoveryCodeTable {
  account_id: string;
  /** SHA-256 of the code, hexadecimal. */
  hash: string;
}

/** How often signing in failed, by account and by address. */
export interface SignInThrottleTable {
  key: string;
  failures: number;
  /** No attempt is looked at before. */
  blocked_until: Date;
  last_at: Date;
}

/** How somebody likes the page. */
export interface PreferenceTable {
  account_id: string;
  /** One of `routes/preference-schemas.ts`, which knows what its values are. */
  name: string;
  /** Written as JSON. */
  value: ColumnType<unknown, string, string>;
  changed_at: Date;
}
