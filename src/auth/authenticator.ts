import type { IncomingMessage } from 'node:http';
import { local, type Principal } from './principal.ts';

/** What tells who asks. */
export interface Authenticator {
  /**
   * Who sent a request; `nobody` when it proves nothing.
   *
   * @throws {ServiceError} `forbidden` when a page from elsewhere made the browser send it
   */
  principalOf(req: IncomingMessage): Principal | Promise<Principal>;
  /**
   * Who sent a request, where that is known without waiting, and whether they may view the slide: for the fast path.
   *
   * @returns undefined when the request must take the long way
   */
  mayViewNow(req: IncomingMessage, slideId: string): true | undefined;
}

/** Takes everyone for the owner of the machine: for `telepath serve FILE` on loopback, and for benchmarks. */
export const everyoneIsLocal: Authenticator = { principalOf: () => local, mayViewNow: () => true };
