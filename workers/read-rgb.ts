import { inflateSync } from 'node:zlib';
import type { Rect } from '../src/core/geometry.ts';
import type { Rgb } from '../src/core/slide.ts';
import type { TiffRecipe } from '../src/formats/format.ts';
import { copyRect, fillRect, rasterOf, type Raster } from '../src/pyramid/box-shrink.ts';
import { fieldOf, segmentBytes } from '../src/pyramid/recipe.ts';
import type { ByteSource } from '../src/storage/byte-source.ts';
import { readRanges } from '../src/storage/read-ranges.ts';
import { coverOf, segmentsOf } from './segments.ts';
import { putRows, take, undoPredictor, unpackLzw, type Place } from './task-memory.ts';

/** Fields by their TIFF codes, and the values with which pixels need nothing but unpacking; absent: the first. */
const plainFields: readonly (readonly [code: number, values: readonly number[]])[] = [
  [262, [2]],
  [266, [1]],
  [277, [3]],
  [284, [1]],
  [317, [1, 2]],
  [339, [1]],
];
const compressions = { none: 1, lzw: 5, deflate: 8, deflateToo: 32_946 } as const;
/** Largest segment that is unpacked here, bytes. */
const maxSegmentBytes = 64 * 2 ** 20;

/** Memory that {@link readRgb} takes of the task's, bytes. */
export function rgbBytes(recipe: TiffRecipe): number {
  return isPlain(recipe) ? packedBytes(recipe) + segmentBytes(recipe) + 1024 : 0;
}

/**
 * Decodes a part of an image of the kind that is met most among those without JPEG tiles, 8-bit RGB packed by LZW or
 * deflate or not at all, with half the work that libvips has: straight to where the pixels are wanted.
 *
 * @param target gets the pixels, beginning at its corner
 * @returns false when the image is of another kind, or not whole: libvips then reads what can be read, or says what
 *   is wrong with it
 */
export async function readRgb(
  source: ByteSource,
  recipe: TiffRecipe,
  rect: Rect,
  target: Raster,
  background: Rgb,
): Promise<boolean> {
  if (!isPlain(recipe)) return false;
  const packed = take(packedBytes(recipe));
  const unpacked = take(segmentBytes(recipe));
  if (packed === undefined || unpacked === undefined) return false;
  const cover = coverOf(recipe, rect);
  const indices = segmentsOf(recipe, cover);
  const ranges = indices.map((i) => ({ offset: recipe.offsets[i] ?? 0, length: recipe.lengths[i] ?? 0 }));
  const stored = await readRanges(source, ranges);
  for (const [i, segment] of stored.entries()) {
    const area = areaOf(
      recipe,
      cover.column + (i % cover.columns),
      cover.row + Math.floor(i / cover.columns),
    );
    if (segment.length === 0) fillRect(target, overlap(area, rect), background);
    else if (!unpack(recipe, segment, { packed, unpacked }, area)) return false;
    else put(recipe, unpacked, area, rect, target);
  }
  return true;
}

/** Most that a segment takes in a file: LZW writes up to 12 bits for a byte. */
function packedBytes(recipe: TiffRecipe): number {
  return Math.ceil(segmentBytes(recipe) * 1.5) + 64;
}

function isPlain(recipe: TiffRecipe): boolean {
  const { fields, planes } = recipe;
  const has = (code: number, values: readonly number[]) =>
    fields.every((field) => field.code !== code || field.values.every((value) => values.includes(value)));
  const bits = fields.find(({ code }) => code === 258)?.values;
  return (
    planes === 1 &&
    bits?.length === 3 &&
    bits.every((each) => each === 8) &&
    fieldOf(recipe, 262) !== undefined &&
    fieldOf(recipe, 277) !== undefined &&
    // Opacity, or what else is beside the colours.
    fieldOf(recipe, 338) === undefined &&
    plainFields.every(([code, values]) => has(code, values)) &&
    has(259, Object.values(compressions)) &&
    segmentBytes(recipe) <= maxSegmentBytes
  );
}

/** What a segment shows of the image; tiles reach beyond it. */
function areaOf({ size, segmentSize, isTiled }: TiffRecipe, column: number, row: number): Rect {
  const { width, height } = segmentSize;
  const top = row * height;
  return { left: column * width, top, width, height: isTiled ? height : Math.min(height, size.height - top) };
}

/** Unpacks a segment. @returns whether all of it was there */
function unpack(
  recipe: TiffRecipe,
  segment: Buffer,
  { packed, unpacked }: { readonly packed: Place; readonly unpacked: Place },
  { width, height }: Rect,
): boolean {
  const wanted = width * height * 3;
  const compression = fieldOf(recipe, 259);
  if (compression === compressions.lzw) {
    // What does not begin with a clear code of 9 bits is of an older kind.
    if (segment.length > packed.bytes.length || segment[0] !== 0x80 || segment[1]! >= 0x80) return false; // not empty
    packed.bytes.set(segment);
    return unpackLzw(packed, segment.length, unpacked, wanted) === wanted;
  }
  const bytes = compression === compressions.none ? segment : inflated(segment, unpacked.bytes.length);
  if (bytes === undefined || bytes.length < wanted) return false;
  unpacked.bytes.set(bytes.subarray(0, wanted));
  return true;
}

/** @returns undefined when it is damaged */
function inflated(segment: Buffer, maxOutputLength: number): Buffer | undefined {
  try {
    // In one chunk, and with room for the end to be seen: pieces would be put together by copying them.
    return inflateSync(segment, { maxOutputLength, chunkSize: maxOutputLength + 64 });
  } catch {
    // libvips reads it again and says what is wrong.
    return undefined;
  }
}

/** Puts what a segment shows of `rect` in its place. */
function put(recipe: TiffRecipe, unpacked: Place, area: Rect, rect: Rect, target: Raster): void {
  const part = overlap(area, rect);
  const hasPredictor = fieldOf(recipe, 317) === 2;
  const isWhole = part.width === area.width && part.height === area.height;
  if (isWhole && putRows(unpacked, area, target, { ...part, hasPredictor })) return;
  if (hasPredictor) undoPredictor(unpacked, area.width * 3, area.height);
  const from = { ...part, left: rect.left + part.left - area.left, top: rect.top + part.top - area.top };
  copyRect(rasterOf(area, unpacked.bytes), from, target, part.left, part.top);
}

/** What two rectangles share, relative to the second's corner. */
function overlap(a: Rect, b: Rect): Rect {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  return {
    left: left - b.left,
    top: top - b.top,
    width: Math.min(a.left + a.width, b.left + b.width) - left,
    height: Math.min(a.top + a.height, b.top + b.height) - top,
  };
}
