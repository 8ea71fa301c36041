import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { ServiceError } from '../core/errors.ts';
import { changedError, goneError, isBelow, type BucketOrigin, type BucketRoot } from './origin.ts';
import { collect } from './s3-body.ts';
import { abortable, defaultLimits, s3Client } from './s3-client.ts';
import { failureOf, isAbsent, toS3Error } from './s3-errors.ts';
import { etagFrom } from './s3-upload.ts';

/** Tries of a read whose body breaks off. */
const bodyAttempts = 3;

/**
 * Somebody else's bucket, to read from: keys of any spelling, one version of each object.
 *
 * Nothing is asked of the service until the first call.
 */
export class OriginBucket {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(root: BucketRoot) {
    this.#client = s3Client(root, defaultLimits);
    this.#bucket = root.bucket;
  }

  /** The objects at a prefix and below it, in the order of their keys. @throws {ServiceError} `unavailable` */
  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<BucketOrigin> {
    const where = `s3://${this.#bucket}/${prefix}`;
    const ask = { Bucket: this.#bucket, Prefix: prefix };
    let token: string | undefined;
    do {
      const next = token === undefined ? {} : { ContinuationToken: token };
      const page = await this.#guard(where, signal, () =>
        this.#client.send(new ListObjectsV2Command({ ...ask, ...next }), abortable(signal)),
      );
      for (const { Key: key, Size: size, ETag } of page.Contents ?? []) {
        if (key === undefined || size === undefined || !isBelow(prefix, key)) continue;
        yield { kind: 's3', bucket: this.#bucket, key, size, version: etagFrom(ETag, where) };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** What is there now; undefined when nothing is. @throws {ServiceError} `unavailable` */
  async look(key: string, signal?: AbortSignal): Promise<BucketOrigin | undefined> {
    try {
      const head = await this.#client.send(
        new HeadObjectCommand({ Bucket: this.#bucket, Key: key }),
        abortable(signal),
      );
      const version = etagFrom(head.ETag, key);
      return { kind: 's3', bucket: this.#bucket, key, size: head.ContentLength ?? 0, version };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw toS3Error(error, `s3://${this.#bucket}`);
    }
  }

  /**
   * Exactly `length` bytes, at least one, of the version that was imported.
   *
   * @param name for messages
   * @throws {ServiceError} `damaged` when the object was changed, `unavailable` when it is gone or does not answer
   */
  async read(
    { key, version }: BucketOrigin,
    name: string,
    range: { readonly offset: number; readonly length: number },
    signal?: AbortSignal,
  ): Promise<Buffer> {
    const { offset, length } = range;
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      IfMatch: `"${version}"`,
      Range: `bytes=${offset}-${offset + length - 1}`,
    });
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#guard(name, signal, () => this.#client.send(command, abortable(signal)));
      try {
        return await collect(answer, length, name);
      } catch (error) {
        if (attempt === bodyAttempts || signal?.aborted || error instanceof ServiceError) throw error;
      }
    }
  }

  /** Closes its connections. */
  close(): void {
    this.#client.destroy();
  }

  async #guard<T>(where: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (failureOf(error).status === 412) throw changedError(where);
      if (isAbsent(error)) throw goneError(where);
      throw toS3Error(error, where);
    }
  }
}
