import { open, writeFile } from 'node:fs/promises';
import { halve, type Raster } from '../src/pyramid/box-shrink.ts';
import type { BlockLevel, BlockTiles, ConvertBlockTask } from '../src/pyramid/tasks.ts';
import { readBlock } from './read-block.ts';
import { encodeTiles, type EncodedTiles } from './tile-tiff.ts';

/** Reads one block of an image, halves it again and again, and encodes the tiles of each wanted level. */
export async function convertBlock(task: ConvertBlockTask): Promise<BlockTiles> {
  const { tileSize, halvings, emit, quality } = task;
  let raster = await readBlock(task.input, task.block, tileSize, task.background);
  const encoded: Promise<EncodedTiles>[] = [];
  const deepest = task.reduced === undefined ? Math.max(...emit) : halvings;
  for (let exponent = 0; exponent < halvings && exponent <= deepest; exponent++) {
    // libvips encodes in a thread of its own while the next level is made here.
    if (emit.includes(exponent)) encoded.push(encodeTiles(raster, tileSize, quality));
    if (exponent < deepest) raster = halve(raster, tileSize);
  }
  const levels = await Promise.all(encoded);
  const [first] = levels;
  if (first === undefined) throw new Error('a block of which no level is wanted');
  await writeFile(task.tilesPath, Buffer.concat(levels.flatMap(({ tiles }) => tiles)));
  if (task.reduced !== undefined) await writeReduced(task, task.reduced, raster);
  return {
    encoding: first.encoding,
    levels: levels.map(({ tiles }, i) => levelOf(task, emit[i] ?? 0, tiles)),
  };
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

/** Puts the last halved pixels in their place in the next stage's input. */
async function writeReduced(
  { block, halvings }: ConvertBlockTask,
  { path, size }: NonNullable<ConvertBlockTask['reduced']>,
  { width, height, stride, pixels }: Raster,
): Promise<void> {
  const [left, top] = [block.left / 2 ** halvings, block.top / 2 ** halvings];
  await using file = await open(path, 'r+');
  for (let row = 0; row < height; row++) {
    const from = row * stride * 3;
    await file.write(pixels, from, width * 3, ((top + row) * size.width + left) * 3);
  }
}
