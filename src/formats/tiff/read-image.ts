import { ServiceError } from '../../core/errors.ts';
import { gridOf, type Size } from '../../core/geometry.ts';
import type { TiffRecipe } from '../format.ts';
import { readDecodeFields } from './decode-fields.ts';
import type { TiffImage, TiffLayout } from './image.ts';
import { limits } from './limits.ts';
import { tags } from './tags.ts';
import { place, readNumber, readNumbers, readTable, tagError, type TiffContext } from './values.ts';

/**
 * Reads and checks the scalar tags of a directory.
 *
 * @throws {ServiceError} `damaged`, `too-large`
 */
export async function readLayout(context: TiffContext): Promise<TiffLayout> {
  const size = await readSize(context);
  const samplesPerPixel = await readNumber(context, tags.SamplesPerPixel, 1);
  if (samplesPerPixel < 1 || samplesPerPixel > limits.samples)
    throw tagError(context, tags.SamplesPerPixel, `is ${samplesPerPixel}, 1 to ${limits.samples} are read`);
  const isPlanar = (await readNumber(context, tags.PlanarConfiguration, 1)) === 2;
  const planes = isPlanar ? samplesPerPixel : 1;
  const isTiled = context.directory.entries.has(tags.TileWidth);
  const segmentSize = isTiled ? await readTileSize(context) : await readStripSize(context, size);
  const { columns, rows } = gridOf(size, segmentSize);
  if (columns * rows * planes > limits.segments)
    throw new ServiceError(
      'too-large',
      `${place(context)}: ${columns} × ${rows} × ${planes} ${isTiled ? 'tiles' : 'strips'} of ${segmentSize.width}×${segmentSize.height} px, the limit is ${limits.segments}; write it again with larger ones`,
    );
  return {
    where: context.directory.where,
    size,
    isTiled,
    segmentSize,
    columns,
    rows,
    planes,
    ...(context.file.isLittleEndian ? {} : { isBigEndian: true }),
    compression: await readCode(context, tags.Compression, 1),
    photometric: await readCode(context, tags.PhotometricInterpretation, undefined),
    samplesPerPixel,
    bitsPerSample: await readBits(context, samplesPerPixel),
    sampleFormat: await readNumber(context, tags.SampleFormat, 1),
    subfileType: await readNumber(context, tags.NewSubfileType, 0),
    orientation: await readNumber(context, tags.Orientation, 1),
  };
}

/**
 * The image of a directory, its tables included: two reads beside those of the layout, whatever their length.
 *
 * @throws {ServiceError} `damaged` when tables don't match the grid or segments lie outside the file; `too-large`
 *   when its segments share bytes beyond all measure
 */
export async function readImage(context: TiffContext, layout?: TiffLayout): Promise<TiffImage> {
  const known = layout ?? (await readLayout(context));
  const decodeFields = await readDecodeFields(context, known);
  const count = known.columns * known.rows * known.planes;
  const [offsetsTag, lengthsTag] = known.isTiled
    ? [tags.TileOffsets, tags.TileByteCounts]
    : [tags.StripOffsets, tags.StripByteCounts];
  const offsets = await readTable(context, offsetsTag, count);
  const lengths = await readTable(context, lengthsTag, count);
  checkSegments(context, known, { offsets, lengths, lengthsTag });
  return { ...known, decodeFields, offsets, lengths };
}

/** What rebuilds an image, or its twin on another machine, as a TIFF of its own. */
export function recipeOf(image: TiffImage): TiffRecipe {
  return {
    size: image.size,
    isTiled: image.isTiled,
    segmentSize: image.segmentSize,
    planes: image.planes,
    ...(image.isBigEndian === true ? { isBigEndian: true } : {}),
    fields: image.decodeFields,
    offsets: Array.from(image.offsets),
    lengths: Array.from(image.lengths),
  };
}

/** A number that names a method; these are SHORTs whatever type a file gives them. */
async function readCode(context: TiffContext, code: number, absent: number | undefined): Promise<number> {
  const value = await readNumber(context, code, absent);
  if (value === undefined) throw tagError(context, code, 'is missing');
  if (value > 0xffff) throw tagError(context, code, `is ${value}, no such method exists`);
  return value;
}

async function readSize(context: TiffContext): Promise<Size> {
  const width = await readNumber(context, tags.ImageWidth, 0);
  const height = await readNumber(context, tags.ImageLength, 0);
  for (const [code, side] of [
    [tags.ImageWidth, width],
    [tags.ImageLength, height],
  ] as const) {
    if (side < 1) throw tagError(context, code, 'is 0 or missing; the file is damaged');
    if (side > limits.sidePx)
      throw new ServiceError(
        'too-large',
        `${place(context)}: ${side} px wide or high, the limit is ${limits.sidePx}`,
      );
  }
  if (width * height > limits.imagePx)
    throw new ServiceError(
      'too-large',
      `${place(context)}: ${width}×${height} px, the limit is ${limits.imagePx} px`,
    );
  return { width, height };
}

async function readTileSize(context: TiffContext): Promise<Size> {
  const width = await readNumber(context, tags.TileWidth, 0);
  const height = await readNumber(context, tags.TileLength, 0);
  const { min, max } = limits.tileSidePx;
  for (const [code, side] of [
    [tags.TileWidth, width],
    [tags.TileLength, height],
  ] as const)
    if (side < min || side > max)
      throw tagError(
        context,
        code,
        `is ${side} px, tiles of ${min} to ${max} px are read; write the file again`,
      );
  return { width, height };
}

async function readStripSize(context: TiffContext, size: Size): Promise<Size> {
  const rows = await readNumber(context, tags.RowsPerStrip, size.height);
  if (rows < 1) throw tagError(context, tags.RowsPerStrip, 'is 0');
  return { width: size.width, height: Math.min(rows, size.height) };
}

async function readBits(context: TiffContext, samples: number): Promise<number[]> {
  const bits = (await readNumbers(context, tags.BitsPerSample, limits.samples)) ?? [1];
  if (bits.some((b) => b < 1 || b > 64))
    throw tagError(context, tags.BitsPerSample, `is ${bits.join(', ')}; 1 to 64 are possible`);
  if (bits.length === 1) return Array.from({ length: samples }, () => bits[0] ?? 1);
  if (bits.length < samples)
    throw tagError(context, tags.BitsPerSample, `has ${bits.length} values for ${samples} samples`);
  return bits.slice(0, samples);
}

/** Makes lengths of segments without an offset 0, and refuses those outside the file or beyond all measure. */
function checkSegments(
  context: TiffContext,
  layout: TiffLayout,
  table: { offsets: Float64Array; lengths: Float64Array; lengthsTag: number },
): void {
  const { offsets, lengths, lengthsTag } = table;
  const { size } = context.file.source;
  const { width, height } = layout.segmentSize;
  const bits = layout.bitsPerSample.reduce((sum, b) => sum + b, 0);
  const most = Math.min(limits.segmentBytes((width * height * bits) / 8), 0xffffffff);
  let total = 0;
  for (let i = 0; i < lengths.length; i++) {
    const [at, length] = [offsets[i] ?? 0, lengths[i] ?? 0];
    if (length === 0) continue;
    if (at < 8 || at + length > size)
      throw tagError(
        context,
        lengthsTag,
        `[${i}]: ${length} bytes at ${at} lie outside the file of ${size} bytes; it was cut short, upload it again`,
      );
    if (length > most)
      throw tagError(
        context,
        lengthsTag,
        `[${i}] is ${length} bytes, over the limit of ${most} for ${width}×${height} px`,
      );
    total += length;
  }
  if (total > limits.sharedBytes(size))
    throw new ServiceError(
      'too-large',
      `${place(context)}: tiles of ${total} bytes in a file of ${size}: too many of them share the same bytes (limit ${limits.sharedBytes(size)}); write the file again without sharing`,
    );
}
