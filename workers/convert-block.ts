import { closeSync, openSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { halved, type Size } from '../src/core/geometry.ts';
import type { Raster } from '../src/pyramid/box-shrink.ts';
import type { BlockLevel, BlockTiles, ConvertBlockTask } from '../src/pyramid/tasks.ts';
import { readBlock, readingBytes } from './read-block.ts';
import { beginTask, halveHere, rasterBytes } from './task-memory.ts';
import { encodeTiles, type EncodedTiles } from './tile-tiff.ts';

/** Reads one block of an image, halves it again and again, and encodes the tiles of each wanted level. */
export async function convertBlock(task: ConvertBlockTask): Promise<BlockTiles> {
  const { tileSize, halvings, emit, quality } = task;
  beginTask(memoryOf(task));
  let raster = await readBlock(task.input, task.block, tileSize, task.background);
  const encoded: Promise<EncodedTiles>[] = [];
  for (let exponent = 0; exponent < halvings; exponent++) {
    // libvips encodes in a thread of its own while the next level is made here.
    if (emit.includes(exponent)) encoded.push(encodeTiles(raster, tileSize, quality));
    if (exponent + 1 < halvings || task.reduced !== undefined) raster = halveHere(raster, tileSize);
  }
  const levels = await Promise.all(encoded);
  await writeFile(task.tilesPath, Buffer.concat(levels.flatMap(({ tiles }) => tiles.flatMap(padded))));
  if (task.reduced !== undefined) writeReduced(task, task.reduced, raster);
  const [first] = levels;
  return {
    levels: levels.map(({ tiles }, i) => levelOf(task, emit[i] ?? 0, tiles)),
    ...(first === undefined ? {} : { encoding: first.encoding }),
  };
}

/** What a task takes of its thread's memory: the block, its halves, and two rows where libvips read it. */
function memoryOf({ input, block, tileSize, halvings }: ConvertBlockTask): number {
  let bytes = readingBytes(input, block, tileSize) + block.width * 6 + 1024;
  let size: Size = block;
  for (let i = 0; i < halvings; i++) {
    size = halved(size);
    bytes += rasterBytes(size, tileSize);
  }
  return bytes;
}

/** TIFF wants offsets to be even. */
function padded(tile: Buffer): Buffer[] {
  return tile.length % 2 === 0 ? [tile] : [tile, Buffer.alloc(1)];
}

function levelOf(
  { block, tileSize }: ConvertBlockTask,
  exponent: number,
  tiles: readonly Buffer[],
): BlockLevel {
  const scale = tileSize * 2 ** exponent;
  return {
    exponent,
    column: block.left / scale,
    row: block.top / scale,
    columns: Math.ceil(block.width / scale),
    rows: Math.ceil(block.height / scale),
    lengths: Uint32Array.from(tiles, (tile) => tile.length),
  };
}

/** Puts the last halved pixels in their place in the next pass' input; many small writes, so without waiting. */
function writeReduced(
  { block, halvings }: ConvertBlockTask,
  { path, size }: NonNullable<ConvertBlockTask['reduced']>,
  { width, height, stride, pixels }: Raster,
): void {
  const [left, top] = [block.left / 2 ** halvings, block.top / 2 ** halvings];
  const file = openSync(path, 'r+');
  try {
    for (let row = 0; row < height; row++)
      writeSync(file, pixels, row * stride * 3, width * 3, ((top + row) * size.width + left) * 3);
  } finally {
    closeSync(file);
  }
}
