import type { Rect, Size } from '../core/geometry.ts';
import { newRaster, type Raster } from './box-shrink.ts';

/**
 * How stored pixels become an upright picture: a pixel of the picture is looked up at (column, row), swapped when
 * `transposes`, then counted from the right or bottom when `mirrorsX` or `mirrorsY`.
 */
interface Turn {
  readonly transposes: boolean;
  readonly mirrorsX: boolean;
  readonly mirrorsY: boolean;
}

/** @see TIFF 6.0, tag 274 */
function turnOf(orientation: number): Turn {
  return {
    transposes: orientation >= 5,
    mirrorsX: [2, 3, 7, 8].includes(orientation),
    mirrorsY: [3, 4, 6, 7].includes(orientation),
  };
}

/** Size of an image once its TIFF (or EXIF) orientation is applied. */
export function turnedSize(stored: Size, orientation: number): Size {
  return orientation >= 5 ? { width: stored.height, height: stored.width } : stored;
}

/** The stored pixels that a part of the upright image shows. @param stored size as stored, px */
export function storedRect(part: Rect, stored: Size, orientation: number): Rect {
  const { transposes, mirrorsX, mirrorsY } = turnOf(orientation);
  const { left, top, width, height } = transposes
    ? { left: part.top, top: part.left, width: part.height, height: part.width }
    : part;
  return {
    left: mirrorsX ? stored.width - left - width : left,
    top: mirrorsY ? stored.height - top - height : top,
    width,
    height,
  };
}

/** Stored pixels turned upright; the raster itself when there is nothing to turn. */
export function turned(source: Raster, orientation: number): Raster {
  if (orientation === 1) return source;
  const { transposes, mirrorsX, mirrorsY } = turnOf(orientation);
  const target = newRaster(turnedSize(source, orientation));
  const x = (mirrorsX ? -1 : 1) * 3;
  const y = (mirrorsY ? -1 : 1) * source.stride * 3;
  const first = ((mirrorsX ? source.width - 1 : 0) + (mirrorsY ? source.height - 1 : 0) * source.stride) * 3;
  const [alongRow, alongColumn] = transposes ? [y, x] : [x, y];
  for (let row = 0, to = 0; row < target.height; row++) {
    let from = first + row * alongColumn;
    for (let column = 0; column < target.width; column++, from += alongRow, to += 3) {
      target.pixels[to] = source.pixels[from]!; // within the raster, as are the next two
      target.pixels[to + 1] = source.pixels[from + 1]!;
      target.pixels[to + 2] = source.pixels[from + 2]!;
    }
  }
  return target;
}
