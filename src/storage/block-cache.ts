import type { ByteSource } from './byte-source.ts';
import { checkWithin } from './within.ts';

/** How {@link blockCached} reads. */
export interface BlockCacheOptions {
  /** Bytes read at least, at a multiple of itself. */
  readonly blockBytes?: number;
  /** Blocks kept; a read that needs more than half of them passes by the cache as one read. */
  readonly maxBlocks?: number;
}

/**
 * A source that reads ahead: for the structure of a file, many small reads that lie near each other, over a network.
 *
 * Neighbouring blocks that are missing come in one read, a block that is on its way is not asked for again, a failure
 * is not kept. An abort ends the waiting of its caller only, because others may wait for the same bytes.
 */
export function blockCached(source: ByteSource, options: BlockCacheOptions = {}): ByteSource {
  const { blockBytes = 65_536, maxBlocks = 256 } = options;
  const cache = new BlockCache(source, blockBytes, maxBlocks);
  return {
    name: source.name,
    size: source.size,
    read: async (offset, length, signal) => {
      checkWithin(source, offset, length);
      signal?.throwIfAborted();
      if (length === 0) return Buffer.alloc(0);
      if (length > (blockBytes * maxBlocks) / 2) return source.read(offset, length, signal);
      return orAbort(cache.read(offset, length), signal);
    },
  };
}

class BlockCache {
  readonly #source: ByteSource;
  readonly #blockBytes: number;
  readonly #maxBlocks: number;
  /** Blocks there or on their way, least recently used first. */
  readonly #blocks = new Map<number, Promise<Buffer>>();

  constructor(source: ByteSource, blockBytes: number, maxBlocks: number) {
    this.#source = source;
    this.#blockBytes = blockBytes;
    this.#maxBlocks = maxBlocks;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const first = Math.floor(offset / this.#blockBytes);
    const last = Math.floor((offset + length - 1) / this.#blockBytes);
    this.#fetchMissing(first, last);
    const pending: Promise<Buffer>[] = [];
    for (let i = first; i <= last; i += 1) pending.push(this.#touch(i));
    this.#evict();
    const blocks = await Promise.all(pending);
    const start = offset - first * this.#blockBytes;
    return Buffer.concat(blocks).subarray(start, start + length);
  }

  /** Starts one read for each run of blocks that are not there. */
  #fetchMissing(first: number, last: number): void {
    for (let i = first; i <= last; i += 1) {
      if (this.#blocks.has(i)) continue;
      let end = i + 1;
      while (end <= last && !this.#blocks.has(end)) end += 1;
      this.#fetch(i, end);
      i = end;
    }
  }

  #fetch(first: number, end: number): void {
    const at = first * this.#blockBytes;
    const run = this.#source.read(at, Math.min(end * this.#blockBytes, this.#source.size) - at);
    for (let i = first; i < end; i += 1) {
      const from = (i - first) * this.#blockBytes;
      // A copy, so that a block that stays does not keep its whole run in memory.
      const block = run.then((bytes) => Buffer.from(bytes.subarray(from, from + this.#blockBytes)));
      block.catch(() => {
        if (this.#blocks.get(i) === block) this.#blocks.delete(i);
      });
      this.#blocks.set(i, block);
    }
  }

  #touch(index: number): Promise<Buffer> {
    const block = this.#blocks.get(index);
    if (block === undefined) throw new Error(`block ${index} was not fetched`);
    this.#blocks.delete(index);
    this.#blocks.set(index, block);
    return block;
  }

  #evict(): void {
    for (const index of this.#blocks.keys()) {
      if (this.#blocks.size <= this.#maxBlocks) return;
      this.#blocks.delete(index);
    }
  }
}

/** The promise's result, or the signal's reason if that comes first. */
async function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
