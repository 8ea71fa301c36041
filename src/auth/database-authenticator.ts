import type { IncomingMessage } from 'node:http';
import type { ApiTokens } from './api-tokens.ts';
import type { Authenticator } from './authenticator.ts';
import { nobody, type Principal } from './principal.ts';
import type { PrincipalCache } from './principal-cache.ts';
import { checkLine, isSafe, proofOf, refuseFromElsewhere, type Line } from './request-proof.ts';
import type { Clock } from './secrets.ts';
import { seenEveryMs, type Sessions } from './sessions.ts';

/** A request with this header is one that a page sends by itself: it does not put off the idle log-off. */
export const backgroundHeader = 'telepath-background';

/** What the authenticator stands on. */
export interface AuthenticatorParts {
  readonly sessions: Sessions;
  readonly tokens: ApiTokens;
  readonly cache: PrincipalCache;
  readonly line: Line;
  readonly now: Clock;
}

/** Knows people by the session or the API token that they show. */
export class DatabaseAuthenticator implements Authenticator {
  readonly #parts: AuthenticatorParts;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  async principalOf(req: IncomingMessage): Promise<Principal> {
    const proof = proofOf(req);
    if (proof === undefined) return nobody;
    const { sessions, tokens, cache, line } = this.#parts;
    checkLine(req, line);
    const { kind, secret } = proof;
    if (kind === 'session' && !isSafe(req)) refuseFromElsewhere(req, true);
    const known = this.principalNow(req);
    if (known !== undefined) return known;
    const counts = req.headers[backgroundHeader] === undefined;
    const proven = await cache.look(secret, async () =>
      kind === 'token' ? await tokens.find(secret) : await sessions.find(secret, counts),
    );
    return proven?.person ?? nobody;
  }

  /**
   * Who sends a request that only reads, where that is known without waiting.
   *
   * Well below two microseconds. Whoever was looked up within the last three seconds is known, unless it is time to
   * write down that they are still there.
   */
  principalNow(req: IncomingMessage): Principal | undefined {
    const proof = proofOf(req);
    if (proof === undefined) return undefined;
    const { cache, now } = this.#parts;
    const proven = cache.get(proof.secret);
    if (proven === undefined) return undefined;
    const isDue = now() - proven.seenAt >= seenEveryMs && req.headers[backgroundHeader] === undefined;
    return isDue ? undefined : proven.person;
  }
}
