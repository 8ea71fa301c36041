import type { IncomingMessage } from 'node:http';
import type { ApiTokens } from './api-tokens.ts';
import type { Authenticator } from './authenticator.ts';
import { nobody, type Principal } from './principal.ts';
import type { PrincipalCache } from './principal-cache.ts';
import { checkLine, isSafe, proofOf, refuseFromElsewhere, type Line, type Proof } from './request-proof.ts';
import type { Clock } from './secrets.ts';
import { seenEveryMs, type Proven, type Sessions } from './sessions.ts';

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
    checkLine(req, this.#parts.line);
    if (proof.kind === 'session' && !isSafe(req)) refuseFromElsewhere(req, true);
    return this.principalNow(req) ?? (await this.#look(proof, req))?.person ?? nobody;
  }

  /**
   * Who sends a request that only reads, where that is known without waiting.
   *
   * Well below two microseconds. Whoever was looked up within the last three seconds is known; when that is a while
   * ago, or it is time to write down that they are still there, they are looked up again beside the request.
   */
  principalNow(req: IncomingMessage): Principal | undefined {
    const proof = proofOf(req);
    if (proof === undefined) return undefined;
    const { cache, now } = this.#parts;
    const known = cache.get(proof.secret);
    if (known === undefined) return undefined;
    const { proven, isOld } = known;
    // When it fails, what is known ends with its time.
    if (isOld || (now() - proven.seenAt >= seenEveryMs && isWork(req)))
      void this.#look(proof, req).catch(() => undefined);
    return proven.person;
  }

  async #look({ kind, secret }: Proof, req: IncomingMessage): Promise<Proven | undefined> {
    const { sessions, tokens, cache } = this.#parts;
    return await cache.look(secret, async () =>
      kind === 'token' ? await tokens.find(secret) : await sessions.find(secret, isWork(req)),
    );
  }
}

/** Whether somebody is at work, and not a page that asks by itself. */
function isWork({ headers }: IncomingMessage): boolean {
  return headers[backgroundHeader] === undefined;
}
