import { crc32 } from 'node:zlib';
import { ServiceError } from '../core/errors.ts';
import { gridOf, type Size } from '../core/geometry.ts';
import { completeJpeg, jpegSize, leadOf, standaloneJpeg } from '../formats/tiff/jpeg.ts';
import type { Piece } from '../pyramid/tasks.ts';
import type { IndexedLevel } from '../pyramid/tile-index.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { readRanges } from '../storage/read-ranges.ts';
import type { OpenSlide } from './library.ts';
import type { RenderQueue } from './render-queue.ts';
import { storedTileOf, tileOf, type Tile, type TileCache } from './tile-cache.ts';

/** JPEG quality, at least, of what is small or encoded a second time: colour in full, for a few bytes more. */
const fineQuality = 90;

/** What {@link StoredTiles.compose} does with a canvas. */
export interface Composition {
  readonly canvas: Size;
  readonly pieces: readonly Piece[];
  /** How often the canvas is halved; default not at all. */
  readonly halvings?: number;
  /** A size to fit at last. */
  readonly fit?: Size;
  /** Whether it is encoded finely: whole levels that are small, and edges of tiles that were JPEG already. */
  readonly isFine?: boolean;
}

/** A rectangle of a level's tiles. */
export interface TileBlock {
  readonly column: number;
  readonly row: number;
  readonly columns: number;
  readonly rows: number;
}

/** Tiles as the slide's objects hold them, and the plain ones where nothing is held. */
export class StoredTiles {
  readonly #cache: TileCache;
  readonly #queue: RenderQueue;
  readonly #quality: number;

  /** @param quality JPEG quality of what is rendered, 1–100 */
  constructor(cache: TileCache, queue: RenderQueue, quality: number) {
    this.#cache = cache;
    this.#queue = queue;
    this.#quality = quality;
  }

  /**
   * A stored tile, unchanged; plain background where none is stored. Costs one range read.
   *
   * @throws {ServiceError} `not-found` outside the level; `damaged` when the bytes are no JPEG of the tile's size,
   *   or not those that were there when the slide was checked
   */
  async read(slide: OpenSlide, level: IndexedLevel, column: number, row: number): Promise<Tile> {
    const place = placeOf(slide, level, column, row);
    if (place === undefined) return await this.background(slide, level.tileSize);
    const bytes = await place.source.read(place.offset, place.length);
    return tileAt(level, place, checkedJpeg(slide, level, place.tile, bytes));
  }

  /** As {@link read}, when the tile is there without waiting; undefined otherwise. */
  readNow(slide: OpenSlide, level: IndexedLevel, column: number, row: number): Tile | undefined {
    const place = placeOf(slide, level, column, row);
    // Completed where they lie: a copy costs as much as the read, and the collector twice the work.
    const lead = leadOf(level.prefix);
    const bytes = place?.source.readNow?.(place.offset, place.length, lead);
    return place && bytes && tileAt(level, place, checkedJpeg(slide, level, place.tile, bytes, lead));
  }

  /**
   * The tiles of the next coarser level that a block of stored tiles gives, a quarter as many, row by row, as
   * complete JPEG files.
   *
   * @param block within the level's whole tiles, of even sides
   */
  async shrink(slide: OpenSlide, level: IndexedLevel, block: TileBlock): Promise<readonly Buffer[]> {
    const { background } = slide.index.properties;
    const source = slide.objects[level.object];
    if (source === undefined) throw new Error(`slide ${slide.id}: no object ${level.object}`);
    const indices = Array.from(
      { length: block.columns * block.rows },
      (_, i) =>
        (block.row + Math.floor(i / block.columns)) * level.columns + block.column + (i % block.columns),
    );
    const ranges = indices.map((i) => ({ offset: level.offsets[i] ?? 0, length: level.lengths[i] ?? 0 }));
    const stored = await readRanges(source, ranges);
    const jpegs = stored.map((bytes, i) =>
      bytes.length === 0 ? bytes : checkedJpeg(slide, level, indices[i] ?? 0, bytes),
    );
    const quarter = indices.length / 4;
    if (jpegs.every(({ length }) => length === 0)) {
      const { jpeg } = await this.background(slide, level.tileSize);
      return Array.from({ length: quarter }, () => jpeg);
    }
    return await this.#queue.run((decoder) =>
      decoder.shrinkTiles({
        bytes: Buffer.concat(jpegs),
        lengths: jpegs.map(({ length }) => length),
        columns: block.columns,
        tileSize: level.tileSize.width,
        background,
        quality: this.#quality,
      }),
    );
  }

  /** A plain tile in the slide's background colour. */
  async background(slide: OpenSlide, size: Size): Promise<Tile> {
    const { background } = slide.index.properties;
    const key = `background/${size.width}x${size.height}/${background.join('-')}`;
    return await this.#cache.get(key, async () =>
      tileOf(await this.compose(slide, { canvas: size, pieces: [] }), 'background'),
    );
  }

  /** Puts pieces on a canvas of the slide's background, shrinks it, and encodes it. */
  async compose(slide: OpenSlide, { canvas, pieces, halvings = 0, ...rest }: Composition): Promise<Buffer> {
    const { background } = slide.index.properties;
    const { width, height } = canvas;
    const quality = rest.isFine === true ? Math.max(fineQuality, this.#quality) : this.#quality;
    const fit = rest.fit === undefined ? {} : { fit: rest.fit };
    return await this.#queue.run((decoder) =>
      decoder.compose({ canvas: { width, height }, background, pieces, halvings, ...fit, quality }),
    );
  }
}

/** Where a tile's bytes lie. */
interface StoredPlace {
  /** Number of the tile in its level. */
  readonly tile: number;
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
}

/** @returns undefined where none is stored @throws {ServiceError} `not-found` outside the level */
function placeOf(
  slide: OpenSlide,
  level: IndexedLevel,
  column: number,
  row: number,
): StoredPlace | undefined {
  const grid = gridOf(level.size, level.tileSize);
  if (column >= grid.columns || row >= grid.rows)
    throw new ServiceError(
      'not-found',
      `no tile ${column}_${row} in ${grid.columns}×${grid.rows} tiles of a level of ` +
        `${level.size.width}×${level.size.height} px`,
    );
  const tile = row * level.columns + column;
  const length = level.lengths[tile] ?? 0;
  if (length === 0) return undefined;
  const source = slide.objects[level.object];
  if (source === undefined) throw new Error(`slide ${slide.id}: no object ${level.object}`);
  return { tile, source, offset: level.offsets[tile] ?? 0, length };
}

/** A stored tile, ready to send. */
function tileAt(level: IndexedLevel, place: StoredPlace, jpeg: Buffer): Tile {
  const path = level.origin === 'scanner' ? 'passthrough' : 'converted';
  const { offset, length } = place;
  return storedTileOf(jpeg, path, { objectSize: place.source.size, offset, length });
}

/**
 * A stored tile as a JPEG file of its own.
 *
 * @param lead bytes before the tile's that are free, and then become those of the file
 * @throws {ServiceError} `damaged`, as {@link StoredTiles.read}
 */
function checkedJpeg(
  slide: OpenSlide,
  level: IndexedLevel,
  index: number,
  bytes: Buffer,
  lead?: number,
): Buffer {
  const what = () => {
    const place = `${index % level.columns}_${Math.floor(index / level.columns)}`;
    const plane = slide.plane === undefined ? '' : ` of focal plane ${slide.plane}`;
    return `slide ${slide.id}: tile ${place} at 1/${level.downsample}${plane}`;
  };
  if (slide.verification.state === 'checked')
    checkUnchanged(bytes.subarray(lead), slide.verification.tables.get(level)?.[index], what);
  const jpeg = lead === undefined ? standaloneJpeg(level.prefix, bytes) : completeJpeg(level.prefix, bytes);
  checkTile(jpeg, level.tileSize, what);
  return jpeg;
}

/**
 * Refuses stored bytes that are others than those that were checked: of flipped bytes nearly all decode to wrong
 * pixels without a complaint. Costs some 10 µs for 20 kB.
 */
function checkUnchanged(bytes: Buffer, crc: number | undefined, what: () => string): void {
  if (crc32(bytes) === crc) return;
  throw new ServiceError(
    'damaged',
    `${what()}: the stored bytes changed since they were checked; restore the slide from a backup or upload it again`,
  );
}

/** Refuses stored bytes that are not a JPEG of the tile's size: a browser would show a wrong picture. */
function checkTile(jpeg: Buffer, tileSize: Size, what: () => string): void {
  const { width, height } = stating(what, () => jpegSize(jpeg));
  if (width === tileSize.width && height === tileSize.height) return;
  throw new ServiceError(
    'damaged',
    `${what()} measures ${width}×${height} px instead of ${tileSize.width}×${tileSize.height}; scan or upload the slide again`,
  );
}

/** Runs `read` and says of what it speaks when it fails. */
function stating<T>(what: () => string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof ServiceError)) throw cause;
    throw new ServiceError(cause.kind, `${what()}: ${cause.message}`, { cause });
  }
}
