import { promisify } from 'node:util';
import { deflate, zstdDecompress } from 'node:zlib';
import sharp from 'sharp';
import { ServiceError } from '../src/core/errors.ts';
import type { Rect, Size } from '../src/core/geometry.ts';
import type { Rgb } from '../src/core/slide.ts';
import type { TiffRecipe } from '../src/formats/format.ts';
import { jpegSize } from '../src/formats/tiff/jpeg.ts';
import { fillRect, newRaster, type Raster } from '../src/pyramid/box-shrink.ts';
import { buildTiff } from '../src/pyramid/tiff-writer.ts';
import { fieldOf, segmentBytes } from '../src/pyramid/recipe.ts';
import type { ByteSource } from '../src/storage/byte-source.ts';
import { decodeRgb, decoding, strict } from './native.ts';
import { decodePlanes } from './read-planes.ts';
import { coverOf, segmentsOf } from './segments.ts';
import { readRanges } from '../src/storage/read-ranges.ts';

const compressions = { jpeg: 7, deflate: 8, zstd: 50_000 } as const;
const cmyk = 5;
const unzstd = promisify(zstdDecompress);
const store = promisify(deflate);

/**
 * Decodes a part of an image of a TIFF: libvips sees a small TIFF of just the segments that cover it.
 *
 * @param rect within the image, as stored
 * @throws {ServiceError} `damaged`, with the file's name and the place
 */
export async function readTiffRect(
  source: ByteSource,
  recipe: TiffRecipe,
  rect: Rect,
  background: Rgb,
): Promise<Raster> {
  const cover = coverOf(recipe, rect);
  const indices = segmentsOf(recipe, cover);
  const ranges = indices.map((i) => ({ offset: recipe.offsets[i] ?? 0, length: recipe.lengths[i] ?? 0 }));
  const stored = await readRanges(source, ranges);
  if (stored.every((segment) => segment.length === 0)) return blank(rect, background);
  const what = `${source.name}: ${rect.width}×${rect.height} px at ${rect.left},${rect.top}`;
  const donor = stored.find((segment) => segment.length > 0) ?? Buffer.alloc(0);
  const filled = stored.map((segment) => (segment.length === 0 ? donor : segment));
  const { fields, segments } = await decodable(recipe, filled, what);
  const { left, top } = { left: rect.left - cover.rect.left, top: rect.top - cover.rect.top };
  const part = { left, top, width: rect.width, height: rect.height };
  const raster =
    recipe.isTiled && recipe.planes > 1
      ? await decodePlanes({ ...recipe, fields }, segments, cover.rect, part, { background, what })
      : await decodeInterleaved({ ...recipe, fields }, segments, cover.rect, part, { background, what });
  stored.forEach((segment, i) => {
    if (segment.length === 0) paintMissing(raster, rect, recipe, indices[i] ?? 0, background);
  });
  return raster;
}

/** Decodes what libvips reads by itself. @param size of the image that the segments make */
async function decodeInterleaved(
  recipe: TiffRecipe,
  segments: readonly Uint8Array[],
  size: Size,
  part: Rect,
  { background, what }: { readonly background: Rgb; readonly what: string },
): Promise<Raster> {
  const ignoreIcc = fieldOf(recipe, 262) !== cmyk;
  const picture = sharp(buildTiff({ ...recipe, size }, segments), { ...strict, ignoreIcc });
  const isWhole = part.width === size.width && part.height === size.height;
  const { left, top, width, height } = part;
  return await decodeRgb(isWhole ? picture : picture.extract({ left, top, width, height }), background, what);
}

/** Segments as the decoder can take them, checked as far as that is cheap. */
async function decodable(
  recipe: TiffRecipe,
  segments: readonly Buffer[],
  what: string,
): Promise<{ fields: TiffRecipe['fields']; segments: readonly Buffer[] }> {
  const compression = fieldOf(recipe, 259);
  if (compression === compressions.jpeg) for (const jpeg of segments) checkJpeg(jpeg, recipe, what);
  if (compression !== compressions.zstd) return { fields: recipe.fields, segments };
  // sharp's libtiff has no zstd, Node has: hand the bytes over as "stored" deflate, predictor untouched.
  const maxOutputLength = segmentBytes(recipe);
  const unpacked: Buffer[] = [];
  for (const segment of segments) {
    const bytes = await decoding(what, unzstd(segment, { maxOutputLength }));
    unpacked.push(await store(bytes, { level: 0 }));
  }
  const fields = recipe.fields.map((f) => (f.code === 259 ? { ...f, values: [compressions.deflate] } : f));
  return { fields, segments: unpacked };
}

const again = 'it is damaged: upload or export it again';

/** Size of a JPEG. @throws {ServiceError} `damaged`, with its place */
function sizeOf(jpeg: Buffer, what: string): Size {
  try {
    return jpegSize(jpeg);
  } catch (cause) {
    if (!(cause instanceof ServiceError)) throw cause;
    throw new ServiceError(cause.kind, `${what}: ${cause.message}; ${again}`, { cause });
  }
}

/** libtiff calls these no more than warnings, and shows grey. @throws {ServiceError} `damaged` */
function checkJpeg(jpeg: Buffer, { segmentSize, isTiled }: TiffRecipe, what: string): void {
  const size = sizeOf(jpeg, what);
  const fits =
    size.width === segmentSize.width &&
    (isTiled ? size.height === segmentSize.height : size.height <= segmentSize.height);
  if (!fits)
    throw new ServiceError(
      'damaged',
      `${what}: a JPEG of ${size.width}×${size.height} px where ${segmentSize.width}×${segmentSize.height} px belong; ${again}`,
    );
  // Some writers pad a segment with zero bytes.
  let end = jpeg.length;
  while (end > 2 && jpeg[end - 1] === 0) end -= 1;
  if (jpeg[end - 2] !== 0xff || jpeg[end - 1] !== 0xd9)
    throw new ServiceError('damaged', `${what}: a JPEG of ${jpeg.length} bytes is cut short; ${again}`);
}

function blank(size: Size, background: Rgb): Raster {
  const raster = newRaster(size);
  fillRect(raster, { left: 0, top: 0, width: size.width, height: size.height }, background);
  return raster;
}

/** Shows the background where a segment is not stored. */
function paintMissing(
  raster: Raster,
  rect: Rect,
  { size, segmentSize }: TiffRecipe,
  index: number,
  background: Rgb,
): void {
  const gridColumns = Math.ceil(size.width / segmentSize.width);
  const perPlane = gridColumns * Math.ceil(size.height / segmentSize.height);
  const place = index % perPlane;
  const x = (place % gridColumns) * segmentSize.width - rect.left;
  const y = Math.floor(place / gridColumns) * segmentSize.height - rect.top;
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  const width = Math.min(raster.width, x + segmentSize.width) - left;
  const height = Math.min(raster.height, y + segmentSize.height) - top;
  if (width > 0 && height > 0) fillRect(raster, { left, top, width, height }, background);
}
