import { crc32 } from 'node:zlib';
import { ServiceError } from '../core/errors.ts';
import type { ReportProgress } from '../core/progress.ts';
import {
  allLevels,
  maxDamagedListed,
  type Checksums,
  type DamagedTile,
  type DamageReason,
} from '../pyramid/checksums.ts';
import type { TileVerdict } from '../pyramid/tasks.ts';
import type { TileIndex } from '../pyramid/tile-index.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import type { ConversionPool } from './conversion-pool.ts';
import { storedBatches, storedTileCount, type StoredBatch, type StoredPiece } from './verify-batches.ts';

/** A pass over all tiles of a slide. */
export interface VerifyJob {
  readonly index: TileIndex;
  /** Sources of `index.objects`, in the same order. */
  readonly objects: readonly ByteSource[];
  readonly pool: Pick<ConversionPool, 'verify'>;
  /** In tiles. */
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
  /** Awaited before each read: whoever is more urgent goes first. */
  readonly turn?: () => Promise<void>;
}

/** Parts of a slide that may kill the decoder before the pass stops looking for the tile to blame. */
const maxSearches = 8;

/**
 * Reads every stored tile of every level once, decodes it, and notes its checksum.
 *
 * Costs one read per 4 MiB and about a millisecond of one core per tile. Holds at most two batches of 4 MiB, or two
 * tiles where these are larger.
 *
 * @throws {ServiceError} `unavailable` when the store or the decoder does not answer; damage is a result
 */
export async function verifyTiles(job: VerifyJob): Promise<Checksums> {
  const pass = new Pass(job);
  const { objects, signal, turn } = job;
  let checking: Promise<void> = Promise.resolve();
  for (const batch of storedBatches(job.index)) {
    await turn?.();
    signal?.throwIfAborted();
    const source = objects[batch.object];
    if (source === undefined) throw new Error(`no object ${batch.object}`);
    const isWithin = batch.offset + batch.length <= source.size;
    const bytes = isWithin ? await source.read(batch.offset, batch.length, signal) : undefined;
    await checking;
    checking = bytes === undefined ? pass.readBeyond(batch, source) : pass.check(batch, bytes);
    // Its failure is seen where it is awaited next.
    checking.catch(() => {});
  }
  await checking;
  return pass.result();
}

/** What a pass has found so far. */
class Pass {
  readonly #job: VerifyJob;
  readonly #tables: readonly Uint32Array[];
  readonly #damaged: DamagedTile[] = [];
  readonly #total: number;
  #damagedTotal = 0;
  #checked = 0;
  #searches = 0;

  constructor(job: VerifyJob) {
    this.#job = job;
    this.#tables = allLevels(job.index).map(({ lengths }) => new Uint32Array(lengths.length));
    this.#total = storedTileCount(job.index);
    job.onProgress?.(0, this.#total);
  }

  /** Decodes a batch's pieces and notes what came of it. */
  async check(batch: StoredBatch, bytes: Buffer): Promise<void> {
    for (const { level, offset, length, tiles } of batch.pieces) {
      const crc = crc32(bytes.subarray(offset - batch.offset, offset - batch.offset + length));
      for (const tile of tiles) this.#tables[level]![tile] = crc; // one table per level
    }
    const verdicts = await this.#verdicts(batch.pieces, bytes, batch.offset);
    batch.pieces.forEach((piece, i) => this.#note(piece, verdicts[i] ?? 'unreadable'));
    this.#job.onProgress?.(this.#checked, this.#total);
  }

  /** Pieces of a batch that reaches beyond the object's end; the others are read one by one. */
  async readBeyond(batch: StoredBatch, source: ByteSource): Promise<void> {
    for (const piece of batch.pieces) {
      const { offset, length } = piece;
      if (offset + length > source.size) this.#note(piece, 'truncated');
      else await this.check({ ...batch, offset, length, pieces: [piece] }, await source.read(offset, length));
    }
  }

  result(): Checksums {
    const damaged = this.#damaged.sort((a, b) => a.level - b.level || a.row - b.row || a.column - b.column);
    const [checked, damagedTotal] = [this.#checked, this.#damagedTotal];
    const report = { verifiedAt: new Date().toISOString(), checked, damagedTotal, damaged };
    return { report, tables: this.#tables };
  }

  /**
   * What the decoder says of each piece. Where it dies, the pieces are halved until the one to blame is alone; a
   * file that kills it again and again is not given more chances.
   *
   * @param start place of `bytes` in their object
   */
  async #verdicts(
    pieces: readonly StoredPiece[],
    bytes: Buffer,
    start: number,
  ): Promise<readonly TileVerdict[]> {
    const { pool, index, signal } = this.#job;
    const levels = allLevels(index).map(({ prefix, tileSize }) => ({ prefix, tileSize }));
    const tiles = pieces.map(({ level, offset, length }) => ({ level, at: offset - start, length }));
    try {
      return await pool.verify({ bytes, levels, tiles }, signal);
    } catch (error) {
      const isDeath = error instanceof ServiceError && /^(damaged|too-large)$/.test(error.kind);
      if (!isDeath) throw error;
      this.#searches += 1;
      if (pieces.length === 1 || this.#searches > maxSearches) return pieces.map(() => 'unreadable');
      const half = Math.ceil(pieces.length / 2);
      return [
        ...(await this.#verdicts(pieces.slice(0, half), bytes, start)),
        ...(await this.#verdicts(pieces.slice(half), bytes, start)),
      ];
    }
  }

  /** Counts a piece's tiles and lists them when they are damaged. */
  #note({ level, tiles }: StoredPiece, verdict: TileVerdict): void {
    this.#checked += tiles.length;
    if (verdict === 'whole') return;
    for (const tile of tiles) this.#blame(level, tile, verdict);
  }

  #blame(level: number, tile: number, reason: DamageReason): void {
    this.#damagedTotal += 1;
    const columns = allLevels(this.#job.index)[level]?.columns;
    if (columns === undefined) throw new Error(`no level ${level}`);
    if (this.#damaged.length < maxDamagedListed)
      this.#damaged.push({ level, column: tile % columns, row: Math.floor(tile / columns), reason });
  }
}
