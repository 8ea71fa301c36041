import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import type { StoreSpec } from './byte-source.ts';
import { collect } from './s3-body.ts';
import { defaultLimits, s3Client } from './s3-client.ts';
import { failureOf, toS3Error } from './s3-errors.ts';
import { etagFrom } from './s3-upload.ts';
import type { FinishNotes } from './upload-spool.ts';

type S3Spec = Extract<StoreSpec, { kind: 's3' }>;

/** Least bytes of a part that is not the last. */
const minPartBytes = 5 * 2 ** 20;
/** Parts being made at once. */
const partsAtOnce = 8;

/** An object that becomes a part of another. */
export interface Piece {
  readonly key: string;
  readonly length: number;
}

/** Objects of a bucket put together into one, by the bucket's own service wherever it can. */
export class S3Assembly {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(spec: S3Spec) {
    this.#client = s3Client(spec, defaultLimits);
    this.#bucket = spec.bucket;
    this.#prefix = spec.prefix === '' ? '' : `${spec.prefix}/`;
  }

  /**
   * Makes an object of pieces, in their order. Parts that an earlier run made, by its note, are not made again.
   *
   * @throws {ServiceError}
   */
  async make(key: string, pieces: readonly Piece[], { noted, note }: FinishNotes): Promise<void> {
    await this.#guard(key, async () => {
      const groups = grouped(pieces);
      const [only] = groups;
      if (groups.length === 1 && only !== undefined) return await this.#putWhole(key, only);
      let done = noted === undefined ? undefined : await this.#partsOf(key, noted);
      let uploadId = noted;
      if (done === undefined || uploadId === undefined) {
        uploadId = await this.#begin(key);
        await note(uploadId);
        done = new Map();
      }
      const parts = await this.#makeParts({ key, uploadId }, groups, done);
      await this.#client.send(
        new CompleteMultipartUploadCommand({
          ...this.#at(key),
          UploadId: uploadId,
          MultipartUpload: { Parts: [...parts] },
        }),
      );
    });
  }

  /** Gives up what an earlier run began. */
  async abort(key: string, noted: string): Promise<void> {
    await this.#guard(key, async () => {
      try {
        await this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: noted }));
      } catch (error) {
        if (failureOf(error).status !== 404) throw error;
      }
    });
  }

  /** Releases sockets. */
  close(): void {
    this.#client.destroy();
  }

  async #makeParts(
    to: { readonly key: string; readonly uploadId: string },
    groups: readonly (readonly Piece[])[],
    done: ReadonlyMap<number, string>,
  ): Promise<readonly CompletedPart[]> {
    const queue = new PQueue({ concurrency: partsAtOnce });
    return await Promise.all(
      groups.map((group, i) =>
        queue.add(async () => {
          const PartNumber = i + 1;
          const part = { ...this.#at(to.key), UploadId: to.uploadId, PartNumber };
          const ETag = done.get(PartNumber) ?? (await this.#makePart(part, group));
          return { PartNumber, ETag };
        }),
      ),
    );
  }

  async #makePart(
    part: {
      readonly Bucket: string;
      readonly Key: string;
      readonly UploadId: string;
      readonly PartNumber: number;
    },
    group: readonly Piece[],
  ): Promise<string> {
    const [only] = group;
    if (group.length === 1 && only !== undefined) {
      const CopySource = encodeURI(`${this.#bucket}/${this.#prefix}${only.key}`);
      const { CopyPartResult } = await this.#client.send(new UploadPartCopyCommand({ ...part, CopySource }));
      return etagFrom(CopyPartResult?.ETag, part.Key);
    }
    const Body = await this.#bytesOf(group);
    const { ETag } = await this.#client.send(new UploadPartCommand({ ...part, Body }));
    return etagFrom(ETag, part.Key);
  }

  /** What fits one part needs no multipart upload. */
  async #putWhole(key: string, group: readonly Piece[]): Promise<void> {
    const Body = await this.#bytesOf(group);
    await this.#client.send(new PutObjectCommand({ ...this.#at(key), Body }));
  }

  async #bytesOf(group: readonly Piece[]): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (const { key, length } of group) {
      const answer = await this.#client.send(new GetObjectCommand(this.#at(key)));
      parts.push(await collect(answer, length, key));
    }
    return Buffer.concat(parts);
  }

  async #begin(key: string): Promise<string> {
    const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand(this.#at(key)));
    if (UploadId === undefined) throw new Error('the service gave no id for an upload by parts');
    return UploadId;
  }

  /** ETags of the parts that are there; undefined when the service does not know the upload any more. */
  async #partsOf(key: string, uploadId: string): Promise<ReadonlyMap<number, string> | undefined> {
    const found = new Map<number, string>();
    let marker: string | undefined;
    try {
      do {
        const page = await this.#client.send(
          new ListPartsCommand({
            ...this.#at(key),
            UploadId: uploadId,
            ...(marker === undefined ? {} : { PartNumberMarker: marker }),
          }),
        );
        for (const { PartNumber, ETag } of page.Parts ?? [])
          if (PartNumber !== undefined && ETag !== undefined) found.set(PartNumber, ETag);
        marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
      } while (marker !== undefined);
      return found;
    } catch (error) {
      if (failureOf(error).status === 404) return undefined;
      throw error;
    }
  }

  #at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  async #guard<T>(key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toS3Error(error, `s3://${this.#bucket}/${this.#prefix}${key}`);
    }
  }
}

/** Pieces as parts: alone where they are large enough, else with those behind them. */
function grouped(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const groups: Piece[][] = [];
  let open: Piece[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    open.push(piece);
    bytes += piece.length;
    if (bytes < minPartBytes) continue;
    groups.push(open);
    open = [];
    bytes = 0;
  }
  if (open.length > 0) groups.push(open);
  return groups;
}
