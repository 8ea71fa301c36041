import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';

/** How long connections that are silent are kept, so that their next request is answered and not cut off, ms. */
const silentMs = 2000;
/** How long answers may take to finish, ms. */
const patienceMs = 9000;

/**
 * Ends a server without cutting off what it has begun: no new connections, and each that is there is closed with its
 * next answer; what is left after nine seconds is cut off.
 *
 * @param hasSuccessor whether other processes take the connections that come now: then silent ones are kept for two
 *   seconds, because a request may be on its way in them
 */
export async function drain(server: Server, hasSuccessor: boolean): Promise<void> {
  server.prependListener('request', (_req: IncomingMessage, res: ServerResponse) => {
    res.setHeader('Connection', 'close');
  });
  const ended = new Promise<void>((resolve) => {
    // Not http.Server's own, which cuts silent connections off at once.
    NetServer.prototype.close.call(server, () => resolve());
  });
  const began = performance.now();
  const timer = setInterval(() => {
    const waited = performance.now() - began;
    if (waited > patienceMs) server.closeAllConnections();
    else if (!hasSuccessor || waited > silentMs) server.closeIdleConnections();
  }, 50);
  await ended;
  clearInterval(timer);
}
