import type { Raster } from '../src/pyramid/box-shrink.ts';
import type { TileEncoding } from '../src/pyramid/tasks.ts';
import { decoding, pictureOf } from './native.ts';

/** The tiles of one raster, row-major, as a TIFF stores them: without the tables they share. */
export interface EncodedTiles {
  readonly tiles: readonly Buffer[];
  readonly encoding: TileEncoding;
}

/** Widest picture that JPEG, and with it libvips' TIFF of JPEG tiles, can hold, px. */
const widestJpeg = 65_500;

/**
 * Cuts a raster of whole tiles into JPEG tiles by as few calls of libvips as can be, because every call costs about
 * 1 ms: it writes a tiled TIFF in memory, out of which the tiles are taken. Wider rasters are cut into columns first.
 *
 * @param quality below 90 the tiles are YCbCr 4:2:0, from 90 on RGB 4:4:4
 */
export async function encodeTiles(raster: Raster, tileSize: number, quality: number): Promise<EncodedTiles> {
  const step = Math.floor(widestJpeg / tileSize) * tileSize;
  const parts: EncodedTiles[] = [];
  for (let left = 0; left < raster.stride; left += step) {
    const width = Math.min(step, raster.stride - left);
    parts.push(await encodeColumns(raster, { left, width }, tileSize, quality));
  }
  const [first] = parts;
  if (first === undefined) throw new Error('a raster without pixels');
  if (parts.length === 1) return first;
  const tileRows = Array.from({ length: raster.rows / tileSize }, (_, row) =>
    parts.flatMap(({ tiles }) => {
      const columns = tiles.length / (raster.rows / tileSize);
      return tiles.slice(row * columns, (row + 1) * columns);
    }),
  );
  return { tiles: tileRows.flat(), encoding: first.encoding };
}

/** The tiles of some columns of a raster. */
async function encodeColumns(
  raster: Raster,
  { left, width }: { readonly left: number; readonly width: number },
  tileSize: number,
  quality: number,
): Promise<EncodedTiles> {
  const whole = pictureOf(raster);
  const isWhole = width === raster.stride;
  const part = isWhole ? whole : whole.extract({ left, top: 0, width, height: raster.rows });
  const encoded = part.tiff({
    compression: 'jpeg',
    quality,
    tile: true,
    tileWidth: tileSize,
    tileHeight: tileSize,
  });
  const file = await decoding('encoding tiles', encoded.toBuffer());
  const fields = readOwnTiff(file);
  const offsets = fields.get(324) ?? [];
  const lengths = fields.get(325) ?? [];
  const tiles = offsets.map((offset, i) => file.subarray(offset, offset + (lengths[i] ?? 0)));
  const expected = (width / tileSize) * (raster.rows / tileSize);
  if (tiles.length !== expected) throw new Error(`libvips made ${tiles.length} tiles instead of ${expected}`);
  const encoding = {
    tables: Uint8Array.from(fields.get(347) ?? []),
    photometric: fields.get(262)?.[0] ?? 0,
  };
  return { tiles, encoding };
}

/** Fields of the one directory of a little-endian classic TIFF which this process has just made itself. */
function readOwnTiff(file: Buffer): Map<number, number[]> {
  if (file.readUInt32LE(0) !== 0x002a4949) throw new Error('libvips wrote no little-endian TIFF');
  const fields = new Map<number, number[]>();
  const directory = file.readUInt32LE(4);
  for (let i = 0; i < file.readUInt16LE(directory); i++) {
    const entry = directory + 2 + i * 12;
    const width = { 1: 1, 3: 2, 4: 4, 7: 1 }[file.readUInt16LE(entry + 2)];
    if (width === undefined) continue;
    const count = file.readUInt32LE(entry + 4);
    const at = count * width <= 4 ? entry + 8 : file.readUInt32LE(entry + 8);
    const values = Array.from({ length: count }, (_, n) => file.readUIntLE(at + n * width, width));
    fields.set(file.readUInt16LE(entry), values);
  }
  return fields;
}
