import { open } from 'node:fs/promises';
import { ServiceError } from '../src/core/errors.ts';
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
  if (input.kind === 'raw') return await readRawRect(input, rect);
  return await withSource(input.source, (source) => readTiffRect(source, input.recipe, rect, background));
}

/** A part of a raw file; whole rows in one read. */
async function readRawRect({ path, offset, size }: RawInput, rect: Rect): Promise<Raster> {
  const pixels = Buffer.allocUnsafeSlow(rect.width * rect.height * 3);
  const [rows, perRead] = rect.width === size.width ? [1, rect.height] : [rect.height, 1];
  const bytes = rect.width * perRead * 3;
  await using file = await open(path, 'r');
  for (let row = 0; row < rows; row++) {
    const from = offset + ((rect.top + row) * size.width + rect.left) * 3;
    const { bytesRead } = await file.read(pixels, row * bytes, bytes, from);
    if (bytesRead !== bytes) throw new ServiceError('damaged', `${path}: ends before row ${rect.top + row}`);
  }
  return rasterOf(rect, pixels);
}
