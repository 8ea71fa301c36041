import { ServiceError } from '../src/core/errors.ts';
import { jpegPrefixOf, readJpegHeader, standaloneJpeg, type JpegHeader } from '../src/formats/tiff/jpeg.ts';
import type { TiffRecipe } from '../src/formats/format.ts';
import type { ShrinkTilesTask } from '../src/pyramid/tasks.ts';
import { short } from '../src/pyramid/tiff-writer.ts';
import type { ByteSource } from '../src/storage/byte-source.ts';
import { readTiffRect } from './read-tiff.ts';
import { beginTask, halveHere, rasterBytes } from './task-memory.ts';
import { encodeTiles } from './tile-tiff.ts';

/** Makes the tiles of a level half as fine out of neighbouring stored tiles, all in two calls of libvips. */
export async function shrinkTiles(task: ShrinkTilesTask): Promise<Uint8Array[]> {
  const { bytes, lengths, columns, tileSize, background, quality } = task;
  const size = { width: columns * tileSize, height: (lengths.length / columns) * tileSize };
  const source: ByteSource = {
    name: 'stored tiles',
    size: bytes.length,
    read: async (offset, length) => Buffer.from(bytes.buffer, bytes.byteOffset + offset, length),
  };
  beginTask(rasterBytes(size, tileSize));
  const whole = { left: 0, top: 0, ...size };
  const pixels = await readTiffRect(source, recipeOf(task, size), whole, background);
  const { tiles, encoding } = await encodeTiles(halveHere(pixels, tileSize), tileSize, quality);
  const prefix = jpegPrefixOf(encoding.tables, encoding.photometric === photometric.rgb ? 0 : undefined);
  return tiles.map((tile) => standaloneJpeg(prefix, tile));
}

const photometric = { grey: 1, rgb: 2, yCbCr: 6 } as const;

/** The tiles as segments of one TIFF image. @throws {ServiceError} `unsupported` when they are not all alike */
function recipeOf({ bytes, lengths, tileSize }: ShrinkTilesTask, size: TiffRecipe['size']): TiffRecipe {
  const offsets: number[] = [];
  let at = 0;
  for (const length of lengths) {
    offsets.push(at);
    at += length;
  }
  const headers = offsets
    .map((offset, i) => bytes.subarray(offset, offset + lengths[i]!)) // as many lengths as offsets
    .filter((jpeg) => jpeg.length > 0)
    .map(readJpegHeader);
  const [first] = headers;
  if (first === undefined) throw new Error('a block of tiles none of which is stored');
  if (headers.some((header) => colourOf(header) !== colourOf(first)))
    throw new ServiceError('unsupported', 'neighbouring tiles whose colours are coded in different ways');
  const tile = { width: tileSize, height: tileSize };
  const layout = { size, isTiled: true, segmentSize: tile, planes: 1 };
  return { ...layout, fields: fieldsOf(first), offsets, lengths: [...lengths] };
}

/** How the colours of a JPEG are coded, in a word that is the same for the same coding. */
function colourOf(header: JpegHeader): string {
  const factors = header.components.map(({ horizontal, vertical }) => `${horizontal}×${vertical}`);
  return `${photometricOf(header)} ${factors.join()}`;
}

/** @see ITU-T T.872: without an Adobe marker three components are YCbCr, unless they are called R, G, B */
function photometricOf({ components, adobeTransform, hasJfif }: JpegHeader): number {
  if (components.length === 1) return photometric.grey;
  if (adobeTransform !== undefined) return adobeTransform === 0 ? photometric.rgb : photometric.yCbCr;
  const ids = String.fromCharCode(...components.map(({ id }) => id));
  return ids === 'RGB' && !hasJfif ? photometric.rgb : photometric.yCbCr;
}

function fieldsOf(header: JpegHeader): TiffRecipe['fields'] {
  const { components } = header;
  const [first] = components;
  const colour = photometricOf(header);
  return [
    short(258, ...components.map(() => 8)),
    short(259, 7),
    short(262, colour),
    short(277, components.length),
    short(284, 1),
    ...(colour === photometric.yCbCr ? [short(530, first?.horizontal ?? 1, first?.vertical ?? 1)] : []),
  ];
}
