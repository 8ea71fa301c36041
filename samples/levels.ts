import type { Size } from '../src/core/geometry.ts';

/** Interleaved 8-bit RGB. */
export interface Pixels extends Size {
  readonly rgb: Uint8Array;
}

/** The mean of each 2 × 2 px; width and height must be even. */
export function halve(pixels: Pixels): Pixels {
  const [width, height] = [pixels.width / 2, pixels.height / 2];
  const rgb = new Uint8Array(width * height * 3);
  const from = pixels.rgb;
  const line = pixels.width * 3;
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0, p = 2 * y * line; x < width; x++, p += 6, to += 3) {
      const q = p + line;
      rgb[to] = (from[p]! + from[p + 3]! + from[q]! + from[q + 3]! + 2) >> 2;
      rgb[to + 1] = (from[p + 1]! + from[p + 4]! + from[q + 1]! + from[q + 4]! + 2) >> 2;
      rgb[to + 2] = (from[p + 2]! + from[p + 5]! + from[q + 2]! + from[q + 5]! + 2) >> 2;
    }
  return { width, height, rgb };
}

/** Overwrites what lies beyond `valid` with the last pixel before it, as an encoder pads an edge tile. */
export function repeatEdges(pixels: Pixels, valid: Size): void {
  const { rgb, width, height } = pixels;
  const rows = Math.min(height, valid.height);
  if (valid.width < width)
    for (let y = 0; y < rows; y++) {
      const last = (y * width + valid.width - 1) * 3;
      for (let p = last + 3; p < (y + 1) * width * 3; p += 3) rgb.copyWithin(p, last, last + 3);
    }
  const line = width * 3;
  for (let y = rows; y < height; y++) rgb.copyWithin(y * line, (rows - 1) * line, rows * line);
}

/** Copies the top left corner of `from` to a place in `to`, as far as both reach. */
export function place(from: Pixels, to: Pixels, left: number, top: number): void {
  const width = Math.min(from.width, to.width - left);
  const height = Math.min(from.height, to.height - top);
  for (let y = 0; y < height; y++) {
    const start = y * from.width * 3;
    to.rgb.set(from.rgb.subarray(start, start + width * 3), ((top + y) * to.width + left) * 3);
  }
}

/** The top left corner of a picture, `valid` large, filled up to a larger size with its edge pixels. */
export function fitted(from: Pixels, size: Size, valid: Size = from): Pixels {
  const pixels = {
    width: size.width,
    height: size.height,
    rgb: new Uint8Array(size.width * size.height * 3),
  };
  place(from, pixels, 0, 0);
  repeatEdges(pixels, valid);
  return pixels;
}
