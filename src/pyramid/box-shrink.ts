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
  let a = upper;
  let b = lower;
  const end = at + pairs * 3;
  for (let p = at; p < end; p += 3, a += 6, b += 6) {
    to[p] = (from[a]! + from[a + 3]! + from[b]! + from[b + 3]! + 2) >> 2;
    to[p + 1] = (from[a + 1]! + from[a + 4]! + from[b + 1]! + from[b + 4]! + 2) >> 2;
    to[p + 2] = (from[a + 2]! + from[a + 5]! + from[b + 2]! + from[b + 5]! + 2) >> 2;
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
