import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { addAbortSignal, Readable } from 'node:stream';
import { ServiceError } from '../core/errors.ts';
import type { ObjectHead, PutOptions } from './store.ts';

const MiB = 1024 * 1024;
/** What S3 takes as one object, bytes. */
const maxObjectBytes = 5 * 1024 * 1024 * MiB;
/** What S3 takes as parts of one object. */
const maxParts = 10_000;
/** Bytes of parts held in memory at once, as long as one part is smaller than that. */
const memoryBytes = 128 * MiB;
/** Part of a stream of unknown length: enough for 625 GiB. */
const unknownPartBytes = 64 * MiB;
const minPartBytes = 16 * MiB;

/** How an object is cut for its upload. */
export interface PartPlan {
  /** Bytes of every part but the last. */
  readonly partSize: number;
  /** Parts on their way at once. */
  readonly queueSize: number;
}

/**
 * Parts that S3 takes (at most 10,000) and that hold 128 MiB of memory at most up to objects of 1.2 TiB; beyond
 * that one part at a time, 525 MiB for the largest object S3 has.
 *
 * @param size bytes, undefined when unknown
 * @throws {ServiceError} `too-large` over 5 TiB
 */
export function partPlan(size: number | undefined): PartPlan {
  if (size !== undefined && size > maxObjectBytes)
    throw new ServiceError('too-large', `an object of ${size} bytes: S3 takes 5 TiB`);
  const needed = size === undefined ? unknownPartBytes : Math.ceil(size / maxParts / MiB) * MiB;
  const partSize = Math.max(minPartBytes, needed);
  return { partSize, queueSize: Math.min(4, Math.max(1, Math.floor(memoryBytes / partSize))) };
}

/** Where an upload goes. */
export interface UploadTarget {
  readonly client: S3Client;
  readonly bucket: string;
  /** With the store's prefix. */
  readonly key: string;
  /** For messages: store and key. */
  readonly where: string;
  /** Called once all bytes were read, before the object can appear. */
  readonly beforePublish: () => Promise<void>;
}

/**
 * Uploads a stream: in one request when it fits one part, by multipart otherwise. Parts of a failed upload are
 * deleted. An abort ends it through the stream.
 *
 * @returns the etag may be empty: some services don't tell it after a multipart upload
 * @throws the stream's own error or the SDK's
 */
export async function uploadStream(
  to: UploadTarget,
  bytes: Readable,
  options: PutOptions,
): Promise<ObjectHead> {
  const { ifAbsent, contentType, size, signal } = options;
  let sent = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of signal ? addAbortSignal(signal, bytes) : bytes) {
      const piece = Buffer.from(chunk);
      sent += piece.length;
      yield piece;
    }
    if (size !== undefined && sent !== size)
      throw new ServiceError('damaged', `${to.where}: the stream gave ${sent} of ${size} bytes`);
    await to.beforePublish();
  }
  const upload = new Upload({
    client: to.client,
    params: {
      Bucket: to.bucket,
      Key: to.key,
      Body: Readable.from(counted(), { objectMode: false }),
      ...(contentType === undefined ? {} : { ContentType: contentType }),
      ...(ifAbsent === true ? { IfNoneMatch: '*' } : {}),
    },
    ...partPlan(size),
  });
  const { ETag } = await upload.done();
  return { size: sent, etag: etagFrom(ETag, to.where) };
}

/** An ETag without its quotes, which services set or don't. @throws {ServiceError} `unavailable` when there is none */
export function etagFrom(etag: string | undefined, where: string): string {
  if (etag === undefined) throw new ServiceError('unavailable', `${where}: the service sent no ETag`);
  return etag.replaceAll('"', '');
}
