import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';

/** How long the rest of a body is thrown away after its upload was refused, before the connection is cut, ms. */
const lingerMs = 30_000;

/**
 * Hands a request's body to `take`, which may give up before its end: the request is not destroyed then, so that
 * the answer arrives and the connection can be used again. A client that goes on sending is cut off after a while.
 */
export async function withBody<T>(req: IncomingMessage, take: (body: Readable) => Promise<T>): Promise<T> {
  const body = new PassThrough();
  req.once('error', (error) => body.destroy(error));
  req.pipe(body);
  try {
    return await take(body);
  } catch (error) {
    req.unpipe(body);
    req.resume();
    if (!req.complete) {
      const cut = setTimeout(() => req.socket.destroy(), lingerMs);
      req.once('close', () => clearTimeout(cut));
    }
    throw error;
  }
}
