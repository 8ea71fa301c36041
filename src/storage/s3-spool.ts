import { randomBytes } from 'node:crypto';
import PQueue from 'p-queue';
import { ServiceError } from '../core/errors.ts';
import type { StoreSpec } from './byte-source.ts';
import { uploadsFolder } from './keys.ts';
import { S3Assembly } from './s3-assembly.ts';
import { openS3Store } from './s3-store.ts';
import type { Store } from './store.ts';
import type { FinishNotes, SpooledRun, SpooledUpload, UploadSpool } from './upload-spool.ts';

type S3Spec = Extract<StoreSpec, { kind: 's3' }>;

const MiB = 2 ** 20;
/** Pieces end at multiples of this, so that most can be put together without being read. */
const minGridBytes = 8 * MiB;
/** Pieces of the largest upload, about; S3 takes 10,000 parts. */
const maxPieces = 4000;
/** Requests at once, of one upload. */
const requestsAtOnce = 8;

/**
 * Uploads in a bucket: pieces of 8 MiB, each an object with a name of its own, so that no two requests ever write the
 * same. The service itself puts them together, without sending them through this machine.
 */
export async function openS3Spool(spec: S3Spec): Promise<UploadSpool> {
  return new S3Spool(await openS3Store(spec), new S3Assembly(spec));
}

class S3Spool implements UploadSpool {
  readonly #store: Store;
  readonly #assembly: S3Assembly;

  constructor(store: Store, assembly: S3Assembly) {
    this.#store = store;
    this.#assembly = assembly;
  }

  async *write(
    upload: SpooledUpload,
    offset: number,
    bytes: AsyncIterable<Buffer>,
  ): AsyncGenerator<SpooledRun> {
    const grid = gridOf(upload.size);
    let start = offset;
    let chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length;) {
        const room = grid - ((start + length) % grid);
        const part = chunk.subarray(at, at + room);
        chunks.push(part);
        length += part.length;
        at += part.length;
        if (part.length < room) continue;
        yield await this.#put(upload, start, chunks);
        start += length;
        chunks = [];
        length = 0;
      }
    }
    if (length > 0) yield await this.#put(upload, start, chunks);
  }

  async read({ id, pieces }: SpooledUpload, start: number, length: number): Promise<Buffer> {
    const end = start + length;
    const touched = pieces.filter((piece) => piece.start < end && piece.start + piece.length > start);
    const parts = await Promise.all(
      touched.map((piece) => {
        const from = Math.max(start, piece.start);
        const to = Math.min(end, piece.start + piece.length);
        return this.#store.read(pieceKey(id, piece.piece), from - piece.start, to - from);
      }),
    );
    const [only] = parts;
    const all = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    if (all.length === length) return all;
    throw new ServiceError('damaged', `upload ${id}: ${length} bytes from ${start} are not all there`);
  }

  async finish(upload: SpooledUpload, key: string, notes: FinishNotes): Promise<void> {
    const made = await this.#store.head(key);
    if (made?.size !== upload.size) {
      const pieces = upload.pieces.map(({ piece, length }) => ({ key: pieceKey(upload.id, piece), length }));
      const found = pieces.reduce((sum, { length }) => sum + length, 0);
      if (found !== upload.size)
        throw new ServiceError('not-found', `upload ${upload.id}: its bytes are gone; upload the file again`);
      await this.#assembly.make(key, pieces, notes);
    }
    await this.#deleteAll(upload.id);
  }

  async drop({ id }: SpooledUpload, runs: readonly SpooledRun[]): Promise<void> {
    for (const { piece } of runs) if (piece !== undefined) await this.#store.delete(pieceKey(id, piece));
  }

  async discard(id: string, { noted }: Pick<FinishNotes, 'noted'>, key: string): Promise<void> {
    if (noted !== undefined) await this.#assembly.abort(key, noted);
    await this.#deleteAll(id);
  }

  async freeBytes(): Promise<undefined> {
    return undefined;
  }

  async close(): Promise<void> {
    this.#assembly.close();
    await this.#store.close();
  }

  async #put({ id }: SpooledUpload, start: number, chunks: readonly Buffer[]): Promise<SpooledRun> {
    const piece = `${start}-${randomBytes(6).toString('hex')}`;
    const { size } = await this.#store.put(pieceKey(id, piece), Buffer.concat(chunks));
    return { start, length: size, piece };
  }

  /** Deletes every piece, those too that were never acknowledged. */
  async #deleteAll(id: string): Promise<void> {
    const queue = new PQueue({ concurrency: requestsAtOnce });
    const deletions: Promise<void>[] = [];
    for await (const { key } of this.#store.list(`${uploadsFolder}/${id}/`))
      deletions.push(queue.add(() => this.#store.delete(key)));
    await Promise.all(deletions);
  }
}

function pieceKey(id: string, piece: string): string {
  return `${uploadsFolder}/${id}/${piece}`;
}

/** Where pieces end: at multiples of so many bytes. */
function gridOf(size: number): number {
  return Math.max(minGridBytes, Math.ceil(size / maxPieces / MiB) * MiB);
}
