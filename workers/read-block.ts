import { closeSync, openSync, readSync } from 'node:fs';
import type { Rect, Size } from '../src/core/geometry.ts';
import type { Rgb } from '../src/core/slide.ts';
import { copyRect, newRaster, repeatEdge, type Raster } from '../src/pyramid/box-shrink.ts';
import { storedRect, turned, turnedSize } from '../src/pyramid/orientation.ts';
import type { ConversionInput, RawInput } from '../src/pyramid/tasks.ts';
import { readRgb, rgbBytes } from './read-rgb.ts';
import { readTiffRect } from './read-tiff.ts';
import { withSource } from './sources.ts';
import { rasterBytes, taskRaster } from './task-memory.ts';

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
  const stored = storedSize(input);
  const part = clamped(block, turnedSize(stored, orientation));
  const target = taskRaster(block, tileSize);
  const covered = { ...target, width: part.width, height: part.height };
  if (orientation !== 1 || !(await readInto(input, part, covered, background))) {
    const rect = storedRect(part, stored, orientation);
    const pixels = turned(await readStored(input, rect, background), orientation);
    if (part.width === target.stride && part.height === target.rows) return pixels;
    copyRect(pixels, { left: 0, top: 0, width: part.width, height: part.height }, target, 0, 0);
  }
  repeatEdge(covered);
  return target;
}

/** Memory that reading a block takes of the task's, bytes. */
export function readingBytes(input: ConversionInput, block: Rect, tileSize: number): number {
  return rasterBytes(block, tileSize) + (input.kind === 'tiff' ? rgbBytes(input.recipe) : 0);
}

function storedSize(input: ConversionInput): Size {
  return input.kind === 'raw' ? input.size : input.recipe.size;
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

/** Reads straight to where the pixels are wanted. @returns whether it can be done */
async function readInto(
  input: ConversionInput,
  rect: Rect,
  target: Raster,
  background: Rgb,
): Promise<boolean> {
  if (input.kind === 'tiff')
    return await withSource(input.source, (source) =>
      readRgb(source, input.recipe, rect, target, background),
    );
  readRawRect(input, rect, target);
  return true;
}

async function readStored(input: ConversionInput, rect: Rect, background: Rgb): Promise<Raster> {
  if (input.kind === 'tiff')
    return await withSource(input.source, (source) => readTiffRect(source, input.recipe, rect, background));
  const raster = newRaster(rect);
  readRawRect(input, rect, raster);
  return raster;
}

/** A part of a raw file: whole rows in one read, else many small ones, so without waiting. */
function readRawRect({ path, offset, size }: RawInput, rect: Rect, target: Raster): void {
  const areWhole = rect.width === size.width && rect.width === target.stride;
  const [reads, rowsPerRead] = areWhole ? [1, rect.height] : [rect.height, 1];
  const bytes = rect.width * rowsPerRead * 3;
  const file = openSync(path, 'r');
  try {
    for (let i = 0; i < reads; i++) {
      const from = offset + ((rect.top + i) * size.width + rect.left) * 3;
      if (readSync(file, target.pixels, i * target.stride * 3, bytes, from) !== bytes)
        throw new Error(`a raw file of the conversion ends before row ${rect.top + i}`);
    }
  } finally {
    closeSync(file);
  }
}
