import type { Database } from '../db/database.ts';
import { Accounts } from './accounts.ts';
import { ApiTokens } from './api-tokens.ts';
import { DatabaseAuthenticator } from './database-authenticator.ts';
import { PrincipalCache } from './principal-cache.ts';
import type { Line } from './request-proof.ts';
import type { Clock } from './secrets.ts';
import { Sessions, type SessionLimits } from './sessions.ts';

/** What accounts and signing in stand on. */
export interface IdentityOptions {
  readonly database: Database;
  readonly limits: SessionLimits;
  readonly line: Line;
  /** Default: the machine's clock. */
  readonly now?: Clock;
}

/** Accounts in PostgreSQL, and all that proves who somebody is. */
export interface Identity {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: ApiTokens;
  /** To be told of every change of an account, so that this process goes by it at once. */
  readonly cache: PrincipalCache;
  readonly authenticator: DatabaseAuthenticator;
  readonly limits: SessionLimits;
  readonly line: Line;
}

/** Puts accounts, sessions and tokens together; nothing of it has to be closed. */
export function createIdentity({ database, limits, line, now = Date.now }: IdentityOptions): Identity {
  const accounts = new Accounts(database);
  const sessions = new Sessions(database, limits, now);
  const tokens = new ApiTokens(database, now);
  const cache = new PrincipalCache(now);
  const authenticator = new DatabaseAuthenticator({ sessions, tokens, cache, line, now });
  return { accounts, sessions, tokens, cache, authenticator, limits, line };
}
