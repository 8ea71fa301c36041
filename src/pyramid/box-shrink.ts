import type { Rect, Size } from '../core/geometry.ts';
import type { Rgb } from '../core/slide.ts';

/** Pixels of 8-bit interleaved RGB. Its buffer may hold more than its size: whole tiles at the edges. */
export interface Raster extends Size {
  /** Px from the beginning of one row to that of the next; not smaller than the width. */
  readonly stride: number;
  /** Rows that the buffer holds; not fewer than the height. */
  readonly rows: number;
  readonly pixels: Uint8Array;
}

/** A raster without padding over pixels that exist already. */
export function rasterOf(size: Size, pixels: Uint8Array): Raster {
  return { width: size.width, height: size.height, stride: size.width, rows: size.height, pixels };
}

/** A new raster whose buffer reaches to the next multiple of `align` px in both directions; content unset. */
export function newRaster(size: Size, align = 1): Raster {
  const stride = Math.ceil(size.width / align) * align;
  const rows = Math.ceil(size.height / align) * align;
  const pixels = Buffer.allocUnsafeSlow(stride * rows * 3);
  return { width: size.width, height: size.height, stride, rows, pixels };
}

/**
 * Half of a raster in each direction, rounded up: each pixel is the mean of 2 × 2, rounded half up, with the last
 * row and column repeated where there is none. The same as libvips' region shrink `mean` on 8 bits.
 *
 * @param align as in {@link newRaster}; the padding repeats the edge
 */
export function halve(source: Raster, align = 1): Raster {
  const size = { width: Math.ceil(source.width / 2), height: Math.ceil(source.height / 2) };
  const target = newRaster(size, align);
  const pairs = source.width >> 1;
  for (let row = 0; row < size.height; row++) {
    const upper = row * 2 * source.stride * 3;
    const lower = row * 2 + 1 < source.height ? upper + source.stride * 3 : upper;
    halveRow(source.pixels, [upper, lower], target.pixels, row * target.stride * 3, pairs);
    if (pairs < size.width) {
      const [a, b, to] = [upper + pairs * 6, lower + pairs * 6, (row * target.stride + pairs) * 3];
      for (let c = 0; c < 3; c++)
        target.pixels[to + c] = (source.pixels[a + c]! + source.pixels[b + c]! + 1) >> 1; // within the row
    }
  }
  repeatEdge(target);
  return target;
}

/** Means of `pairs` × 2 columns of two rows. Every index lies within the rows, hence the `!`. */
function halveRow(
  from: Uint8Array,
  [upper, lower]: readonly [number, number],
  to: Uint8Array,
  at: number,
  pairs: number,
): void {
  const byWords = (from.byteOffset + upper) % 4 === 0 && (from.byteOffset + lower) % 4 === 0 ? pairs >> 1 : 0;
  if (byWords > 0) halveWords(from, [upper, lower], to, at, byWords);
  let a = upper + byWords * 12;
  let b = lower + byWords * 12;
  const end = at + pairs * 3;
  for (let p = at + byWords * 6; p < end; p += 3, a += 6, b += 6) {
    to[p] = (from[a]! + from[a + 3]! + from[b]! + from[b + 3]! + 2) >> 2;
    to[p + 1] = (from[a + 1]! + from[a + 4]! + from[b + 1]! + from[b + 4]! + 2) >> 2;
    to[p + 2] = (from[a + 2]! + from[a + 5]! + from[b + 2]! + from[b + 5]! + 2) >> 2;
  }
}

/**
 * The same for pairs of pairs, twice as fast: 4 px are 3 words (R0G0B0R1 G1B1R2G2 B2R3G3B3), and two rows are added
 * two bytes at once, the even bytes of a word in one number and the odd ones in another.
 *
 * Little-endian, as every machine that Node runs on here.
 */
function halveWords(
  from: Uint8Array,
  [upper, lower]: readonly [number, number],
  to: Uint8Array,
  at: number,
  count: number,
): void {
  const first = new Int32Array(from.buffer, from.byteOffset + upper, count * 3);
  const second = new Int32Array(from.buffer, from.byteOffset + lower, count * 3);
  const even = 0x00ff00ff;
  for (let i = 0, p = at; i < count * 3; i += 3, p += 6) {
    const a0 = first[i]!;
    const a1 = first[i + 1]!;
    const a2 = first[i + 2]!;
    const b0 = second[i]!;
    const b1 = second[i + 1]!;
    const b2 = second[i + 2]!;
    const r0b0 = (a0 & even) + (b0 & even);
    const g0r1 = ((a0 >>> 8) & even) + ((b0 >>> 8) & even);
    const g1r2 = (a1 & even) + (b1 & even);
    const b1g2 = ((a1 >>> 8) & even) + ((b1 >>> 8) & even);
    const b2g3 = (a2 & even) + (b2 & even);
    const r3b3 = ((a2 >>> 8) & even) + ((b2 >>> 8) & even);
    to[p] = ((r0b0 & 0xffff) + (g0r1 >>> 16) + 2) >> 2;
    to[p + 1] = ((g0r1 & 0xffff) + (g1r2 & 0xffff) + 2) >> 2;
    to[p + 2] = ((r0b0 >>> 16) + (b1g2 & 0xffff) + 2) >> 2;
    to[p + 3] = ((g1r2 >>> 16) + (r3b3 & 0xffff) + 2) >> 2;
    to[p + 4] = ((b1g2 >>> 16) + (b2g3 >>> 16) + 2) >> 2;
    to[p + 5] = ((b2g3 & 0xffff) + (r3b3 >>> 16) + 2) >> 2;
  }
}

/** Fills a raster's padding with its last column and row, so that JPEG tiles have no false edge. */
export function repeatEdge({ width, height, stride, rows, pixels }: Raster): void {
  if (stride > width)
    for (let row = 0; row < height; row++) {
      const last = (row * stride + width - 1) * 3;
      for (let at = last + 3, end = (row + 1) * stride * 3; at < end; at++) pixels[at] = pixels[at - 3]!; // in row
    }
  const lastRow = pixels.subarray((height - 1) * stride * 3, height * stride * 3);
  for (let row = height; row < rows; row++) pixels.set(lastRow, row * stride * 3);
}

/** Copies a part of one raster into another; both must contain it. */
export function copyRect(source: Raster, part: Rect, target: Raster, left: number, top: number): void {
  for (let row = 0; row < part.height; row++) {
    const from = ((part.top + row) * source.stride + part.left) * 3;
    const to = ((top + row) * target.stride + left) * 3;
    target.pixels.set(source.pixels.subarray(from, from + part.width * 3), to);
  }
}

/** Paints a part of a raster in one colour. */
export function fillRect(target: Raster, part: Rect, [red, green, blue]: Rgb): void {
  const line = new Uint8Array(part.width * 3);
  for (let at = 0; at < line.length; at += 3) line.set([red, green, blue], at);
  for (let row = 0; row < part.height; row++)
    target.pixels.set(line, ((part.top + row) * target.stride + part.left) * 3);
}
