import type { IncomingMessage } from 'node:http';
import type { Authenticator } from './authenticator.ts';
import type { Principal } from './principal.ts';
import type { SlideLinks } from './slide-links.ts';

/** Name of the parameter of a query that holds a link's token. */
export const linkParameter = 'token';

/**
 * Takes whoever shows a link for its holder, even when they have signed in: so a link shows everyone the same, and the
 * audit says by which way a slide was seen. A link that does not hold any more is as good as none.
 */
export class LinkAuthenticator implements Authenticator {
  readonly #people: Authenticator;
  readonly #links: SlideLinks;

  constructor(people: Authenticator, links: SlideLinks) {
    this.#people = people;
    this.#links = links;
  }

  async principalOf(req: IncomingMessage): Promise<Principal> {
    const token = linkTokenOf(req.url ?? '');
    const holder = token === undefined ? undefined : await this.#links.holderOf(token);
    return holder ?? (await this.#people.principalOf(req));
  }

  principalNow(req: IncomingMessage): Principal | undefined {
    const token = linkTokenOf(req.url ?? '');
    return token === undefined ? this.#people.principalNow(req) : this.#links.known(token);
  }
}

/** The token in a URL; undefined when there is none. */
export function linkTokenOf(url: string): string | undefined {
  const query = url.indexOf('?');
  if (query === -1) return undefined;
  return tokenPattern.exec(url.slice(query))?.[1];
}

const tokenPattern = new RegExp(`[?&]${linkParameter}=([^&#]*)`);

/** A URL without its token: what it asks for, whoever asks. */
export function withoutLinkToken(url: string): string {
  const query = url.indexOf('?');
  if (query === -1) return url;
  const rest = url
    .slice(query + 1)
    .split('&')
    .filter((part) => !part.startsWith(`${linkParameter}=`));
  return rest.length === 0 ? url.slice(0, query) : `${url.slice(0, query)}?${rest.join('&')}`;
}
