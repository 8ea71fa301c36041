import { rename, rm } from 'node:fs/promises';
import { gridOf, type Size } from '../core/geometry.ts';
import type { Mpp } from '../core/slide.ts';
import type { TiffField } from '../formats/tiff/image.ts';
import { jpegPrefixOf } from '../formats/tiff/jpeg.ts';
import type { BlockLevel, BlockTiles, TileEncoding } from './tasks.ts';
import { ascii, bytesField, long, rational, short, TiffFileWriter } from './tiff-writer.ts';
import type { ConvertedLevel } from './build-index.ts';

/** What stands in the file beside the tiles. */
export interface PyramidFileOptions {
  /** Side of the square tiles, px; a multiple of 16. */
  readonly tileSize: number;
  /** The scanner's ICC profile. */
  readonly icc?: Uint8Array;
  /** µm per pixel at downsample 1. */
  readonly mpp?: Mpp;
}

interface Level {
  readonly size: Size;
  readonly downsample: number;
  readonly columns: number;
  readonly rows: number;
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
  readonly plane?: number;
}

const rgb = 2;
const ycbcr = 6;

/**
 * One BigTIFF of JPEG tiles, as OpenSlide, libvips and QuPath read it: written beside its place, and put there
 * when it is complete.
 */
export class PyramidFile {
  readonly #path: string;
  readonly #partial: string;
  readonly #writer: TiffFileWriter;
  readonly #options: PyramidFileOptions;
  readonly #levels: Level[] = [];
  #encoding: TileEncoding | undefined;

  private constructor(path: string, partial: string, writer: TiffFileWriter, options: PyramidFileOptions) {
    this.#path = path;
    this.#partial = partial;
    this.#writer = writer;
    this.#options = options;
  }

  /** Begins `path`; until {@link finish} it stands in `path.partial`. */
  static async create(path: string, options: PyramidFileOptions): Promise<PyramidFile> {
    const partial = `${path}.partial`;
    return new PyramidFile(path, partial, await TiffFileWriter.create(partial), options);
  }

  /**
   * Makes room for a level.
   *
   * @param plane number of its focal plane; undefined for the base plane
   * @returns its number, for {@link appendBlock}
   */
  addLevel(size: Size, downsample: number, plane?: number): number {
    const { tileSize } = this.#options;
    const { columns, rows } = gridOf(size, { width: tileSize, height: tileSize });
    const [offsets, lengths] = [new Float64Array(columns * rows), new Uint32Array(columns * rows)];
    const level = { size, downsample, columns, rows, offsets, lengths };
    return this.#levels.push(plane === undefined ? level : { ...level, plane }) - 1;
  }

  /**
   * Appends what a block gave.
   *
   * @param bytes its tiles, in the order of `tiles`, each padded to an even length
   * @param levelOf number of the level of each exponent of the block
   */
  async appendBlock(
    bytes: Uint8Array,
    tiles: BlockTiles,
    levelOf: ReadonlyMap<number, number>,
  ): Promise<void> {
    this.#checkEncoding(tiles.encoding);
    let at = await this.#writer.append(bytes);
    for (const block of tiles.levels) {
      const level = this.#levels[levelOf.get(block.exponent) ?? -1];
      if (level === undefined) throw new Error(`no level was added for exponent ${block.exponent}`);
      at = place(level, block, at);
    }
  }

  /** Completes the file and puts it in its place. @returns its levels, fine to coarse, the base plane's first */
  async finish(): Promise<ConvertedLevel[]> {
    const { tileSize } = this.#options;
    const encoding = this.#encoding;
    if (encoding === undefined) throw new Error('a pyramid without tiles');
    const segmentSize = { width: tileSize, height: tileSize };
    const levels = this.#levels.toSorted(
      (a, b) => (a.plane ?? -1) - (b.plane ?? -1) || a.downsample - b.downsample,
    );
    const images = levels.map((level, i) => {
      const { size, offsets, lengths } = level;
      const fields = this.#fields(encoding, level, i === 0);
      return { size, segmentSize, isTiled: true, fields, offsets, lengths };
    });
    await this.#writer.finish(images);
    await this.#writer.close();
    await rename(this.#partial, this.#path);
    const prefix = jpegPrefixOf(encoding.tables, encoding.photometric === rgb ? 0 : undefined);
    return levels.map((level) => ({ ...level, tileSize: segmentSize, prefix, origin: 'converted' }));
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#writer.close();
    await rm(this.#partial, { force: true });
  }

  /** All tiles of a file share their tables; libvips makes them from the quality alone. */
  #checkEncoding(encoding: TileEncoding | undefined): void {
    this.#encoding ??= encoding;
    if (encoding === undefined || this.#encoding === undefined) return;
    const isSame = Buffer.from(this.#encoding.tables).equals(encoding.tables);
    if (!isSame || encoding.photometric !== this.#encoding.photometric)
      throw new Error('blocks of one pyramid were encoded with different tables');
  }

  #fields(
    { tables, photometric }: TileEncoding,
    { downsample, plane }: Level,
    isFirst: boolean,
  ): TiffField[] {
    const { icc, mpp } = this.#options;
    // Other focal planes are pages beside the first, so that other programs don't take them for its levels.
    const kind = plane === undefined ? 1 : 2;
    return [
      long(254, isFirst ? 0 : kind),
      short(258, 8, 8, 8),
      short(259, 7),
      short(262, photometric),
      short(277, 3),
      short(284, 1),
      ...(mpp === undefined ? [] : resolution(mpp, downsample)),
      ascii(305, 'Telepath'),
      bytesField(347, tables),
      ...(photometric === ycbcr ? [short(530, 2, 2)] : []),
      ...(icc === undefined || !isFirst ? [] : [bytesField(34675, icc)]),
    ];
  }
}

/** Notes where the tiles of a block lie. @returns the offset behind them */
function place(level: Level, block: BlockLevel, start: number): number {
  let at = start;
  for (const [i, length] of block.lengths.entries()) {
    const column = block.column + (i % block.columns);
    const row = block.row + Math.floor(i / block.columns);
    const tile = row * level.columns + column;
    level.offsets[tile] = at;
    level.lengths[tile] = length;
    at += length + (length % 2);
  }
  return at;
}

/** Pixels per centimetre, to a millionth. */
function resolution(mpp: Mpp, downsample: number): TiffField[] {
  const perCentimetre = (micrometres: number) => Math.round((10_000 / (micrometres * downsample)) * 1000);
  return [
    rational(282, perCentimetre(mpp.x), 1000),
    rational(283, perCentimetre(mpp.y), 1000),
    short(296, 3),
  ];
}
