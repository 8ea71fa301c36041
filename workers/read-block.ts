import { closeSync, openSync, readSync } from 'node:fs';
import type { Rect } from '../src/core/geometry.ts';
import type { Rgb } from '../src/core/slide.ts';
import { copyRect, newRaster, rasterOf, repeatEdge, type Raster } from '../src/pyramid/box-shrink.ts';
import { storedRect, turned, turnedSize } from '../src/pyramid/orientation.ts';
import type { ConversionInput, RawInput } from '../src/pyramid/tasks.ts';
import { readTiffRect } from './read-tiff.ts';
import { withSource } from './sources.ts';

/**
 * The pixels of a block, upright, in a buffer of whole tiles.
 *
 * @param block may reach beyond the input: there the input's last row and column are repeated
 */
export async function readBlock(
  input: ConversionInput,
  block: Rect,
  tileSize: number,
  background: Rgb,
): Promise<Raster> {
  const orientation = input.orientation ?? 1;
  const stored = input.kind === 'raw' ? input.size : input.recipe.size;
  const part = clamped(block, turnedSize(stored, orientation));
  const rect = storedRect(part, stored, orientation);
  const pixels = turned(await readStored(input, rect, background), orientation);
  const isWhole = part.width === block.width && part.height === block.height;
  if (isWhole && block.width % tileSize === 0 && block.height % tileSize === 0) return pixels;
  const padded = newRaster(block, tileSize);
  copyRect(pixels, { left: 0, top: 0, width: part.width, height: part.height }, padded, 0, 0);
  repeatEdge({ ...padded, width: part.width, height: part.height });
  return padded;
}

/** What of a block lies within an image; its last row or column when nothing does. */
function clamped(block: Rect, { width, height }: { width: number; height: number }): Rect {
  const left = Math.min(block.left, width - 1);
  const top = Math.min(block.top, height - 1);
  return {
    left,
    top,
    width: Math.max(1, Math.min(block.left + block.width, width) - left),
    height: Math.max(1, Math.min(block.top + block.height, height) - top),
  };
}

async function readStored(input: ConversionInput, rect: Rect, background: Rgb): Promise<Raster> {
  if (input.kind === 'raw') return readRawRect(input, rect);
  return await withSource(input.source, (source) => readTiffRect(source, input.recipe, rect, background));
}

/** A part of a raw file: whole rows in one read, else many small ones, so without waiting. */
function readRawRect({ path, offset, size }: RawInput, rect: Rect): Raster {
  const pixels = Buffer.allocUnsafeSlow(rect.width * rect.height * 3);
  const [reads, rowsPerRead] = rect.width === size.width ? [1, rect.height] : [rect.height, 1];
  const bytes = rect.width * rowsPerRead * 3;
  const file = openSync(path, 'r');
  try {
    for (let i = 0; i < reads; i++) {
      const from = offset + ((rect.top + i) * size.width + rect.left) * 3;
      if (readSync(file, pixels, i * bytes, bytes, from) !== bytes)
        throw new Error(`a raw file of the conversion ends before row ${rect.top + i}`);
    }
  } finally {
    closeSync(file);
  }
  return rasterOf(rect, pixels);
}
