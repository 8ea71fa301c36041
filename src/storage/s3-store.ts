import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type GetObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ServiceError } from '../core/errors.ts';
import type { StoreSpec } from './byte-source.ts';
import { exactStream } from './exact-stream.ts';
import { checkFile } from './folder-paths.ts';
import { checkKey, checkPrefix, checkRange, isKey } from './keys.ts';
import { abortable, bucketCheck, defaultLimits, s3Client, type S3Limits } from './s3-client.ts';
import { bodyOf, collect } from './s3-body.ts';
import { isAbsent, toS3Error } from './s3-errors.ts';
import { etagFrom, uploadStream } from './s3-upload.ts';
import type { ListedObject, ObjectHead, PutOptions, Store } from './store.ts';

type S3Spec = Extract<StoreSpec, { kind: 's3' }>;
type Range = { readonly offset: number; readonly length: number };

/** Tries of a read whose body breaks off; requests that get no answer are tried again by the SDK. */
const bodyAttempts = 3;

/**
 * A store in a bucket of any S3-compatible service. Nothing is asked of the service until the first call.
 *
 * `ifAbsent` is S3's `If-None-Match: *`, exact where the service honours it. Seen on Ceph 16: honoured for objects
 * sent in one request, ignored for multipart. So an object over one part (16 MiB, 64 MiB for a stream of unknown
 * length) is also looked for first and again before it is published, and one process sends it once at a time; two
 * processes that publish the same large object in the same instant can then both succeed on such a service.
 *
 * A connection that is silent for 30 s is given up, so a stream that nobody reads for so long is cut.
 *
 * A process that is killed leaves parts of its unfinished uploads, invisible but paid for: give the bucket a
 * lifecycle rule that aborts incomplete multipart uploads.
 */
export async function openS3Store(spec: S3Spec, limits: S3Limits = defaultLimits): Promise<Store> {
  return new S3Store(spec, s3Client(spec, limits));
}

class S3Store implements Store {
  readonly name: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #checkBucket: (signal?: AbortSignal) => Promise<void>;
  /** Keys of `ifAbsent` uploads under way. */
  readonly #claims = new Set<string>();

  constructor(spec: S3Spec, client: S3Client) {
    this.#client = client;
    this.#bucket = spec.bucket;
    this.#prefix = spec.prefix === '' ? '' : `${checkKey(spec.prefix)}/`;
    this.name = `s3://${spec.bucket}${spec.prefix === '' ? '' : `/${spec.prefix}`}`;
    this.#checkBucket = bucketCheck(client, spec.bucket);
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    return this.#run(key, signal, async (at) => {
      try {
        const head = await this.#client.send(new HeadObjectCommand(at), abortable(signal));
        if (head.ContentLength === undefined)
          throw new ServiceError('unavailable', `${this.#where(key)}: the service sent no Content-Length`);
        return { size: head.ContentLength, etag: etagFrom(head.ETag, this.#where(key)) };
      } catch (error) {
        if (!isAbsent(error)) throw error;
        await this.#checkBucket(signal);
        return undefined;
      }
    });
  }

  async read(key: string, offset: number, length: number, signal?: AbortSignal): Promise<Buffer> {
    checkRange(offset, length);
    if (length === 0) return this.#readNothing(key, offset, signal);
    return this.#run(key, signal, async (at) => {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await this.#get(at, { offset, length }, signal);
        try {
          return await collect(answer, length, this.#where(key));
        } catch (error) {
          if (attempt === bodyAttempts || signal?.aborted || error instanceof ServiceError) throw error;
        }
      }
    });
  }

  async stream(key: string, range?: Range, signal?: AbortSignal): Promise<Readable> {
    if (range) checkRange(range.offset, range.length);
    if (range?.length === 0) return Readable.from([await this.#readNothing(key, range.offset, signal)]);
    return this.#run(key, signal, async (at) => {
      const name = this.#where(key);
      const answer = await this.#get(at, range, signal);
      const length = range?.length ?? answer.ContentLength;
      if (length === undefined)
        throw new ServiceError('unavailable', `${name}: the service sent no Content-Length`);
      const toError = (error: unknown) => toS3Error(error, name);
      return exactStream(bodyOf(answer, length, name), { length, name, toError, signal });
    });
  }

  async put(key: string, bytes: Uint8Array, options: PutOptions = {}): Promise<ObjectHead> {
    return this.#run(key, options.signal, async (at) => {
      const put = new PutObjectCommand({
        ...at,
        Body: bytes,
        ContentLength: bytes.length,
        ContentMD5: createHash('md5').update(bytes).digest('base64'),
        ...(options.contentType === undefined ? {} : { ContentType: options.contentType }),
        ...(options.ifAbsent === true ? { IfNoneMatch: '*' } : {}),
      });
      const { ETag } = await this.#client.send(put, abortable(options.signal));
      return { size: bytes.length, etag: etagFrom(ETag, this.#where(key)) };
    });
  }

  async putStream(key: string, bytes: Readable, options: PutOptions = {}): Promise<ObjectHead> {
    let broken: unknown;
    bytes.once('error', (error) => (broken = error));
    const { ifAbsent, signal } = options;
    let claim: Disposable | undefined;
    try {
      return await this.#run(key, signal, async ({ Bucket: bucket, Key }) => {
        if (ifAbsent === true) claim = this.#claim(key);
        const beforePublish = async () => (ifAbsent === true ? this.#checkAbsent(key, signal) : undefined);
        await beforePublish();
        const to = { client: this.#client, bucket, key: Key, where: this.#where(key), beforePublish };
        const head = await uploadStream(to, bytes, options);
        // Ceph 16 answers a finished multipart upload with an empty ETag.
        return head.etag === '' ? { ...head, etag: await this.#etagOf(key, signal) } : head;
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw broken ?? error;
    } finally {
      claim?.[Symbol.dispose]();
      bytes.destroy();
    }
  }

  async putFile(
    key: string,
    path: string,
    options: PutOptions & { readonly move?: boolean } = {},
  ): Promise<ObjectHead> {
    checkKey(key);
    await checkFile(path);
    const { size } = await stat(path);
    const source = createReadStream(path, { highWaterMark: 1024 * 1024 });
    const head = await this.putStream(key, source, { ...options, size });
    if (options.move === true) await unlink(path);
    return head;
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    await this.#run(key, signal, async (at) => {
      try {
        await this.#client.send(new DeleteObjectCommand(at), abortable(signal));
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
    });
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<ListedObject> {
    checkPrefix(prefix);
    let token: string | undefined;
    do {
      const ask = new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: this.#prefix + prefix,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      const page = await this.#guard(this.#where(prefix), signal, () =>
        this.#client.send(ask, abortable(signal)),
      );
      for (const { Key, Size, ETag } of page.Contents ?? []) {
        const key = Key?.slice(this.#prefix.length);
        if (key === undefined || Size === undefined || !isKey(key)) continue;
        yield { key, size: Size, etag: etagFrom(ETag, this.#where(key)) };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  #where(key: string): string {
    return `${this.name}: ${key}`;
  }

  async #run<T>(
    key: string,
    signal: AbortSignal | undefined,
    work: (at: { readonly Bucket: string; readonly Key: string }) => Promise<T>,
  ): Promise<T> {
    checkKey(key);
    return this.#guard(this.#where(key), signal, () =>
      work({ Bucket: this.#bucket, Key: this.#prefix + key }),
    );
  }

  /** Turns what the SDK throws into errors of this store. */
  async #guard<T>(where: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      throw signal?.aborted ? signal.reason : toS3Error(error, where);
    }
  }

  async #get(
    at: { readonly Bucket: string; readonly Key: string },
    range: Range | undefined,
    signal: AbortSignal | undefined,
  ): Promise<GetObjectCommandOutput> {
    const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
    return this.#client.send(
      new GetObjectCommand({ ...at, ...(Range === undefined ? {} : { Range }) }),
      abortable(signal),
    );
  }

  /** S3 has no empty ranges: the object's size alone decides. */
  async #readNothing(key: string, offset: number, signal: AbortSignal | undefined): Promise<Buffer> {
    const head = await this.head(key, signal);
    if (head === undefined) throw new ServiceError('not-found', `${this.#where(key)}: no such object`);
    if (offset > head.size)
      throw new ServiceError('damaged', `${this.#where(key)}: ends at ${head.size}, before ${offset}`);
    return Buffer.alloc(0);
  }

  async #etagOf(key: string, signal: AbortSignal | undefined): Promise<string> {
    const head = await this.head(key, signal);
    if (head === undefined) throw new ServiceError('conflict', `${this.#where(key)}: was deleted meanwhile`);
    return head.etag;
  }

  async #checkAbsent(key: string, signal: AbortSignal | undefined): Promise<void> {
    if (await this.head(key, signal))
      throw new ServiceError('conflict', `${this.#where(key)}: exists already`);
  }

  #claim(key: string): Disposable {
    if (this.#claims.has(key)) throw new ServiceError('conflict', `${this.#where(key)}: is being written`);
    this.#claims.add(key);
    return { [Symbol.dispose]: () => this.#claims.delete(key) };
  }
}
