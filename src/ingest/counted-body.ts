import { Transform } from 'node:stream';
import { ServiceError } from '../core/errors.ts';

/** Refuses what is larger than allowed. @throws {ServiceError} `too-large` */
export function checkSize(name: string, bytes: number, maxBytes: number): void {
  if (bytes > maxBytes)
    throw new ServiceError(
      'too-large',
      `${name}: ${bytes} bytes is more than the ${maxBytes} this service accepts; raise TELEPATH_MAX_UPLOAD_GIB`,
    );
}

/** Passes bytes on until there are too many. */
export function countedBody(name: string, maxBytes: number): Transform {
  let count = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count += chunk.length;
      try {
        checkSize(name, count, maxBytes);
        done(null, chunk);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}
