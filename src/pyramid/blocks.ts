import { halved, type Rect, type Size } from '../core/geometry.ts';

/** One way through an image, block by block: it gives tiles of some levels and the pixels of one further down. */
export interface Pass {
  /** Size of the level that is read, px. */
  readonly canvas: Size;
  /** Exponent of that level: its downsample in the stage is 2^exponent. */
  readonly exponent: number;
  /** How often each block is halved; see `ConvertBlockTask`. */
  readonly halvings: number;
  /** Exponents of the stage of which this pass makes tiles. */
  readonly emit: readonly number[];
  /** Size of the level that the next pass reads; absent in the last pass. */
  readonly reduced?: Size;
  readonly blocks: readonly Rect[];
}

/** How blocks are cut: squares where any rectangle can be read, bands where whole rows must be. */
export type BlockShape = 'squares' | 'bands';

/** Halvings that keep a square block's tiles whole: 256 px tiles give blocks of 4096 px. */
const squareExponent = 4;
/**
 * Most bytes of a band's pixels; two bands are in memory at once. A usual slide's band is then two rows of tiles high,
 * so the raw file between passes holds a sixteenth of its pixels, not a quarter.
 */
const maxBandBytes = 80 * 2 ** 20;

/** How often a level is halved until it fits in one tile. */
export function exponentsToOneTile(size: Size, tileSize: number): number {
  let exponent = 0;
  for (let s = size; Math.max(s.width, s.height) > tileSize; s = halved(s)) exponent += 1;
  return exponent;
}

/** Size of a level halved `exponent` times, px. */
export function sizeAt(size: Size, exponent: number): Size {
  const scale = 2 ** exponent;
  return { width: Math.ceil(size.width / scale), height: Math.ceil(size.height / scale) };
}

/**
 * Cuts the work on one stage into passes, each reading what the one before left.
 *
 * @param size of the stage's own level, px
 * @param emit exponents of which tiles are wanted, ascending, at least one
 * @param shape of the first pass; later ones read raw files, in squares
 */
export function passesOf(size: Size, tileSize: number, emit: readonly number[], shape: BlockShape): Pass[] {
  const last = emit.at(-1) ?? 0;
  const passes: Pass[] = [];
  for (let exponent = 0; exponent <= last;) {
    const canvas = sizeAt(size, exponent);
    const block = blockSize(canvas, tileSize, exponent === 0 ? shape : 'squares');
    const halvings = Math.min(block.exponent + 1, last - exponent + 1);
    const next = exponent + halvings;
    const [from, to] = [exponent, next];
    passes.push({
      canvas,
      exponent,
      halvings,
      emit: emit.filter((e) => e >= from && e < to),
      ...(next <= last ? { reduced: sizeAt(size, next) } : {}),
      blocks: cut(canvas, block.size),
    });
    exponent = next;
  }
  return passes;
}

/** Rows of a band across an image of that width. */
export function bandRows(width: number, tileSize: number): number {
  return tileSize * 2 ** bandExponent(width, tileSize);
}

function bandExponent(width: number, tileSize: number): number {
  let exponent = 0;
  while (exponent < squareExponent && width * 3 * tileSize * 2 ** (exponent + 1) <= maxBandBytes)
    exponent += 1;
  return exponent;
}

function blockSize(canvas: Size, tileSize: number, shape: BlockShape): { size: Size; exponent: number } {
  if (shape === 'bands') {
    const height = bandRows(canvas.width, tileSize);
    return { size: { width: canvas.width, height }, exponent: bandExponent(canvas.width, tileSize) };
  }
  const exponent = Math.max(0, Math.min(squareExponent, Math.floor(Math.log2(4096 / tileSize))));
  const side = tileSize * 2 ** exponent;
  return { size: { width: side, height: side }, exponent };
}

/** Blocks of that size over a canvas, row by row, clipped at its edges. */
function cut(canvas: Size, block: Size): Rect[] {
  const blocks: Rect[] = [];
  for (let top = 0; top < canvas.height; top += block.height)
    for (let left = 0; left < canvas.width; left += block.width) {
      const width = Math.min(block.width, canvas.width - left);
      const height = Math.min(block.height, canvas.height - top);
      blocks.push({ left, top, width, height });
    }
  return blocks;
}
