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
   * Who sent a request that only reads, where that is known without waiting: for tiles, so well below a microsecond.
   *
   * @returns undefined when it has to be looked up
   */
  principalNow(req: IncomingMessage): Principal | undefined;
}

/** Takes everyone for the owner of the machine: for `telepath serve FILE` on loopback, and for benchmarks. */
export const everyoneIsLocal: Authenticator = { principalOf: () => local, principalNow: () => local };
