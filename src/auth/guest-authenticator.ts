import type { IncomingMessage } from 'node:http';
import type { Authenticator } from './authenticator.ts';
import { backgroundHeader } from './database-authenticator.ts';
import { guestCookie, type Guests } from './guests.ts';
import type { Principal } from './principal.ts';
import { checkLine, cookieOf, isSafe, refuseFromElsewhere, type Line } from './request-proof.ts';

/**
 * Takes whoever came by the link to a case for its guest, even when they have signed in, until they leave the case: so
 * a link shows everyone the same. An API token still counts for its owner.
 */
export class GuestAuthenticator implements Authenticator {
  readonly #people: Authenticator;
  readonly #guests: Guests;
  readonly #line: Line;

  constructor(people: Authenticator, guests: Guests, line: Line) {
    this.#people = people;
    this.#guests = guests;
    this.#line = line;
  }

  async principalOf(req: IncomingMessage): Promise<Principal> {
    const token = guestTokenOf(req);
    if (token === undefined) return await this.#people.principalOf(req);
    checkLine(req, this.#line);
    const counts = req.headers[backgroundHeader] === undefined;
    const guest = this.#guests.known(token) ?? (await this.#guests.find(token, counts));
    if (guest === undefined) return await this.#people.principalOf(req);
    if (!isSafe(req)) refuseFromElsewhere(req, true);
    return guest;
  }

  principalNow(req: IncomingMessage): Principal | undefined {
    const token = guestTokenOf(req);
    return token === undefined ? this.#people.principalNow(req) : this.#guests.known(token);
  }
}

/** What a guest's cookie holds; undefined where there is none, or an API token is shown. */
function guestTokenOf({ headers }: IncomingMessage): string | undefined {
  if (headers.authorization !== undefined) return undefined;
  const token = cookieOf(headers, guestCookie);
  return token === '' ? undefined : token;
}
