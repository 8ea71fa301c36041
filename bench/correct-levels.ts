import { join } from 'node:path';
import { readdir, readFile } from 'node:fs/promises';
import { deepZoomOf, deepZoomTileSize, alignedLevel } from '../src/pyramid/deep-zoom.ts';
import { decodeIndex } from '../src/pyramid/tile-index-codec.ts';
import type { IndexedLevel, TileIndex } from '../src/pyramid/tile-index.ts';
import { openFileSource } from '../src/storage/sources.ts';
import { decode, meanDifference } from '../test/pixels.ts';
import { mostDifference } from './correct.ts';

/** Tiles of each level that are looked at. */
const perLevel = 5;

/**
 * Makes sure that the tiles which a conversion of ours left show what those of `vips dzsave` show.
 *
 * @param made folder of `make-levels.ts`
 * @param tree `_files` folder of dzsave
 * @returns a line for the report
 * @throws when they differ, or when nothing was made
 */
export async function checkMadeTiles(slide: string, made: string, tree: string): Promise<string> {
  const { index, folder } = await readMade(made);
  const geometry = deepZoomOf(index.properties.size, deepZoomTileSize(index));
  const paths = index.objects.map(({ name }) => (name === 'pyramid.tif' ? join(folder, name) : slide));
  const differences: number[] = [];
  for (let level = geometry.maxLevel; level > 0; level -= 1) {
    const stored = alignedLevel(index, level);
    const path = stored && paths[stored.object];
    if (stored === undefined || path === undefined) continue;
    for (const [column, row] of inner(stored)) {
      const theirs = await decode(join(tree, String(level), `${column}_${row}.jpg`));
      const difference = meanDifference(await decode(await tileOf(path, stored, column, row)), theirs);
      if (difference > mostDifference.one)
        throw new Error(
          `made tile ${level}/${column}_${row} is ${difference.toFixed(2)} of 255 off dzsave's`,
        );
      differences.push(difference);
    }
  }
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  if (!(mean <= mostDifference.all)) throw new Error(`made tiles are ${mean} of 255 off those of dzsave`);
  return `Telepath's made levels and vips dzsave: ${differences.length} tiles, ${mean.toFixed(2)} of 255 apart in the mean`;
}

/** The one slide that `make-levels.ts` left. */
async function readMade(made: string): Promise<{ index: TileIndex; folder: string }> {
  const slides = join(made, 'objects', 'slides');
  const [id] = await readdir(slides);
  if (id === undefined) throw new Error(`nothing was made in ${made}`);
  const folder = join(slides, id);
  return { index: decodeIndex(await readFile(join(folder, 'index'))), folder };
}

/** A few tiles along the diagonal, none at an edge, where ours are padded. */
function inner({ size, tileSize }: IndexedLevel): [number, number][] {
  const columns = Math.floor(size.width / tileSize.width);
  const rows = Math.floor(size.height / tileSize.height);
  const count = Math.min(perLevel, columns, rows);
  return Array.from({ length: count }, (_, i) => [
    Math.floor((columns * (i + 0.5)) / count),
    Math.floor((rows * (i + 0.5)) / count),
  ]);
}

/** A tile as a JPEG of its own. */
async function tileOf(path: string, level: IndexedLevel, column: number, row: number): Promise<Buffer> {
  const at = row * level.columns + column;
  await using source = await openFileSource(path);
  const stored = await source.read(level.offsets[at] ?? 0, level.lengths[at] ?? 0);
  return Buffer.concat([level.prefix, stored.subarray(2)]);
}
