import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { ServiceError } from '../core/errors.ts';

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

/** All bytes of a request's body. @param message when there are more @throws {ServiceError} `too-large` */
export async function bytesOf(req: IncomingMessage, maxBytes: number, message: string): Promise<Buffer> {
  return await withBody(req, async (body) => {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of body) {
      // oxlint-disable-next-line no-unsafe-type-assertion -- a request's body is bytes
      const bytes = part as Buffer;
      length += bytes.length;
      if (length > maxBytes) throw new ServiceError('too-large', message);
      parts.push(bytes);
    }
    return Buffer.concat(parts);
  });
}
