import { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { ServiceError } from '../core/errors.ts';

/** The body of an answer, once its headers promise the length asked for. */
export function bodyOf(answer: GetObjectCommandOutput, length: number, where: string): Readable {
  const { Body, ContentLength } = answer;
  if (!(Body instanceof Readable)) throw new ServiceError('unavailable', `${where}: the answer has no body`);
  if (ContentLength === undefined || ContentLength === length) return Body;
  Body.on('error', () => undefined).destroy();
  if (ContentLength < length)
    throw new ServiceError('damaged', `${where}: ends ${length - ContentLength} bytes too early`);
  throw new ServiceError(
    'unavailable',
    `${where}: the service sent ${ContentLength} bytes for ${length}; it must support ranges`,
  );
}

/** A whole body of known length, copied once. @throws what the connection throws; `damaged`, `unavailable` */
export async function collect(
  answer: GetObjectCommandOutput,
  length: number,
  where: string,
): Promise<Buffer> {
  const body = bodyOf(answer, length, where);
  const bytes = Buffer.allocUnsafeSlow(length);
  let seen = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (seen + chunk.length > length)
      throw new ServiceError('unavailable', `${where}: more than ${length} bytes came`);
    seen += chunk.copy(bytes, seen);
  }
  if (seen < length) throw new ServiceError('damaged', `${where}: ${seen} of ${length} bytes came`);
  return bytes;
}
