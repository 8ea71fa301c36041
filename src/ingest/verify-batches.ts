import { gridOf } from '../core/geometry.ts';
import { allLevels } from '../pyramid/checksums.ts';
import type { IndexedLevel, TileIndex } from '../pyramid/tile-index.ts';

/** Stored bytes that one or more tiles of a level show. */
export interface StoredPiece {
  /** Position among `allLevels` of the index. */
  readonly level: number;
  readonly offset: number;
  readonly length: number;
  /** Places in the level's table: writers store one blank tile and point to it often. */
  readonly tiles: number[];
}

/** Pieces that lie close together in one object: read by one range, decoded by one task. */
export interface StoredBatch {
  /** Which of the index' objects. */
  readonly object: number;
  readonly offset: number;
  readonly length: number;
  /** By offset. */
  readonly pieces: readonly StoredPiece[];
}

/** Bytes of one read; a single larger tile is read alone. */
const maxBatchBytes = 4 * 2 ** 20;
/** Bytes between two tiles that are read along rather than asked for anew. */
const maxGapBytes = 64 * 1024;
/** Work for a decoder thread: about a second, so that whoever is more urgent need not wait. */
const maxBatchPieces = 1024;
const maxBatchPixels = 2 ** 27;

/** How many tiles of an index can be shown and are stored. */
export function storedTileCount(index: TileIndex): number {
  return allLevels(index).reduce((sum, level) => sum + shownTiles(level).length, 0);
}

/** Every stored tile that can be shown, in the order in which the bytes lie, whatever levels are mixed there. */
export function* storedBatches(index: TileIndex): Generator<StoredBatch> {
  const levels = allLevels(index);
  for (const object of index.objects.keys()) {
    let pieces: StoredPiece[] = [];
    let end = 0;
    let pixels = 0;
    for (const piece of piecesByOffset(levels, object)) {
      const first = pieces[0];
      const pieceEnd = piece.offset + piece.length;
      const { width = 0, height = 0 } = levels[piece.level]?.tileSize ?? {};
      const isFull = pieces.length >= maxBatchPieces || pixels + width * height > maxBatchPixels;
      const isFar =
        first !== undefined &&
        (piece.offset - end > maxGapBytes || Math.max(end, pieceEnd) - first.offset > maxBatchBytes);
      if (first !== undefined && (isFull || isFar)) {
        yield { object, offset: first.offset, length: end - first.offset, pieces };
        [pieces, end, pixels] = [[], 0, 0];
      }
      pieces.push(piece);
      end = Math.max(end, pieceEnd);
      pixels += width * height;
    }
    const first = pieces[0];
    if (first !== undefined) yield { object, offset: first.offset, length: end - first.offset, pieces };
  }
}

/** The pieces of one object by offset; tiles of a level that share their bytes are one piece. */
function* piecesByOffset(levels: readonly IndexedLevel[], object: number): Generator<StoredPiece> {
  const waiting = levels.flatMap((level, number) => {
    if (level.object !== object) return [];
    const pieces = piecesOf(level, number);
    const next = pieces.next();
    return next.done === true ? [] : [{ pieces, piece: next.value }];
  });
  while (waiting.length > 0) {
    let least = 0;
    for (let i = 1; i < waiting.length; i += 1)
      if (waiting[i]!.piece.offset < waiting[least]!.piece.offset) least = i; // both are places in it
    const { pieces, piece } = waiting[least]!; // as above
    yield piece;
    const next = pieces.next();
    if (next.done === true) waiting.splice(least, 1);
    else waiting[least] = { pieces, piece: next.value };
  }
}

/** The pieces of one level by offset. */
function* piecesOf(level: IndexedLevel, number: number): Generator<StoredPiece, undefined> {
  const { offsets, lengths } = level;
  let piece: StoredPiece | undefined;
  for (const tile of shownTiles(level)) {
    const [offset, length] = [offsets[tile] ?? 0, lengths[tile] ?? 0];
    if (piece?.offset === offset && piece.length === length) piece.tiles.push(tile);
    else {
      if (piece !== undefined) yield piece;
      piece = { level: number, offset, length, tiles: [tile] };
    }
  }
  if (piece !== undefined) yield piece;
  return undefined;
}

/** Places of a level's stored tiles, by offset; those beyond its edge, where files are padded, are left out. */
function shownTiles({ size, tileSize, columns, offsets, lengths }: IndexedLevel): Uint32Array {
  const grid = gridOf(size, tileSize);
  const places = new Uint32Array(grid.columns * grid.rows);
  let stored = 0;
  let isSorted = true;
  let before = 0;
  for (let row = 0; row < grid.rows; row += 1)
    for (let column = 0; column < grid.columns; column += 1) {
      const tile = row * columns + column;
      const offset = offsets[tile] ?? 0;
      if ((lengths[tile] ?? 0) === 0) continue;
      places[stored++] = tile;
      isSorted &&= offset >= before;
      before = offset;
    }
  const shown = places.subarray(0, stored);
  return isSorted ? shown : shown.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0));
}
