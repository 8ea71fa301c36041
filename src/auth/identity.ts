import type { Database } from '../db/database.ts';
import { Accounts } from './accounts.ts';
import { ApiTokens } from './api-tokens.ts';
import { DatabaseAuthenticator } from './database-authenticator.ts';
import { FirstStart, type Listening } from './first-start.ts';
import { Guests } from './guests.ts';
import { Organisations } from './organisations.ts';
import { OidcAccounts, type OidcMapping } from './oidc-accounts.ts';
import { OidcSignIn, type OidcSettings } from './oidc.ts';
import { OwnAccount } from './own-account.ts';
import { People } from './people.ts';
import { Preferences } from './preferences.ts';
import { PrincipalCache } from './principal-cache.ts';
import type { AuditSink } from './recorded.ts';
import type { Clock } from './secrets.ts';
import { SecondFactors } from './second-factor.ts';
import { Sessions, type SessionLimits } from './sessions.ts';
import { SignIn } from './sign-in.ts';
import { SigningProofs } from './signing-proof.ts';
import { Throttle } from './throttle.ts';

/** What accounts and signing in stand on. */
export interface IdentityOptions {
  readonly database: Database;
  readonly audit: AuditSink;
  readonly limits: SessionLimits;
  readonly listening: Listening;
  /** Absent: nobody signs in elsewhere. */
  readonly oidc?: (OidcSettings & OidcMapping) | undefined;
  /** Default: the machine's clock. */
  readonly now?: Clock;
}

/** Accounts in PostgreSQL, and all that proves who somebody is. */
export interface Identity {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: ApiTokens;
  readonly organisations: Organisations;
  readonly secondFactors: SecondFactors;
  readonly signIn: SignIn;
  readonly people: People;
  readonly own: OwnAccount;
  readonly preferences: Preferences;
  readonly firstStart: FirstStart;
  /** Signing in at a hospital; absent where none is configured. */
  readonly oidc: OidcSignIn | undefined;
  /** To be told of every change of an account, so that this process goes by it at once. */
  readonly cache: PrincipalCache;
  /** Who came by the link to a case. */
  readonly guests: Guests;
  /** Who signs an opinion proves once more who they are. */
  readonly signing: SigningProofs;
  readonly throttle: Throttle;
  readonly authenticator: DatabaseAuthenticator;
  readonly audit: AuditSink;
  readonly limits: SessionLimits;
  readonly line: Listening;
}

/** Puts accounts, sessions and tokens together; nothing of it has to be closed. */
export function createIdentity(options: IdentityOptions): Identity {
  const { database, audit, limits, listening, now = Date.now } = options;
  const accounts = new Accounts(database);
  const sessions = new Sessions(database, limits, now);
  const tokens = new ApiTokens(database, now);
  const secondFactors = new SecondFactors(database, now);
  const throttle = new Throttle(database, now);
  const cache = new PrincipalCache(now);
  const organisations = new Organisations(database, audit);
  const guests = new Guests({ database, limits, throttle, now });
  const { oidc } = options;
  const mapped = oidc && new OidcAccounts({ database, accounts, organisations, audit }, oidc);
  return {
    accounts,
    sessions,
    tokens,
    secondFactors,
    organisations,
    signIn: new SignIn({ accounts, sessions, secondFactors, throttle, audit }),
    people: new People({ accounts, sessions, cache, audit }),
    own: new OwnAccount({ accounts, sessions, tokens, secondFactors, throttle, cache, audit }),
    preferences: new Preferences(database),
    firstStart: new FirstStart(database, accounts, listening),
    oidc: oidc && mapped && new OidcSignIn(oidc, mapped),
    cache,
    guests,
    signing: new SigningProofs({ accounts, sessions, secondFactors, throttle, guests, now }),
    throttle,
    authenticator: new DatabaseAuthenticator({ sessions, tokens, cache, line: listening, now }),
    audit,
    limits,
    line: listening,
  };
}
