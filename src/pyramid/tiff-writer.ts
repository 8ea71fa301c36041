import { open, type FileHandle } from 'node:fs/promises';
import type { TiffRecipe } from '../formats/format.ts';
import type { TiffField } from '../formats/tiff/image.ts';

/** Bytes of one value of each TIFF field type. */
const valueBytes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 16: 8 };

/** A field of SHORTs. */
export const short = (code: number, ...values: number[]): TiffField => ({ code, type: 3, values });
/** A field of LONGs. */
export const long = (code: number, ...values: number[]): TiffField => ({ code, type: 4, values });
/** A field of LONG8s, BigTIFF only. */
export const long8 = (code: number, values: readonly number[]): TiffField => ({ code, type: 16, values });
/** A field of text, closed by a zero byte. */
export const ascii = (code: number, text: string): TiffField => ({
  code,
  type: 2,
  values: [...Buffer.from(`${text}\0`, 'utf8')],
});
/** A field of bytes of no declared meaning. */
export const bytesField = (code: number, bytes: Uint8Array): TiffField => ({
  code,
  type: 7,
  values: Array.from(bytes),
});
/** A field of one RATIONAL. */
export const rational = (code: number, numerator: number, denominator: number): TiffField => ({
  code,
  type: 5,
  values: [numerator, denominator],
});

/** The values of a field as they stand in a little-endian file. */
function encodeValues(field: TiffField): Buffer {
  const { type, values } = field;
  if (type === 1 || type === 2 || type === 7) return Buffer.from([...values]);
  const width = type === 5 ? 4 : valueBytes[type];
  if (width === undefined) throw new Error(`TIFF field ${field.code}: type ${type} is not written here`);
  const out = Buffer.alloc(values.length * width);
  values.forEach((value, i) => {
    if (width === 2) out.writeUInt16LE(value, i * 2);
    else if (width === 4) out.writeUInt32LE(value, i * 4);
    else out.writeBigUInt64LE(BigInt(value), i * 8);
  });
  return out;
}

/**
 * One image file directory, little-endian: the directory itself first, then the values that don't fit in it.
 *
 * @param at where in the file it will stand; even
 * @param next where the next directory stands, 0 for none
 */
function encodeDirectory(fields: readonly TiffField[], isBig: boolean, at: number, next: number): Buffer {
  const sorted = [...fields].sort((a, b) => a.code - b.code);
  const [head, entry, inline, link] = isBig ? [8, 20, 8, 8] : [2, 12, 4, 4];
  const directory = Buffer.alloc(head + sorted.length * entry + link);
  const overflow: Buffer[] = [];
  let valueAt = at + directory.length;
  if (isBig) directory.writeBigUInt64LE(BigInt(sorted.length), 0);
  else directory.writeUInt16LE(sorted.length, 0);
  sorted.forEach((field, i) => {
    const p = head + i * entry;
    const bytes = encodeValues(field);
    const count = bytes.length / (valueBytes[field.type] ?? 1);
    directory.writeUInt16LE(field.code, p);
    directory.writeUInt16LE(field.type, p + 2);
    if (isBig) directory.writeBigUInt64LE(BigInt(count), p + 4);
    else directory.writeUInt32LE(count, p + 4);
    const slot = p + (isBig ? 12 : 8);
    if (bytes.length <= inline) {
      bytes.copy(directory, slot);
      return;
    }
    if (isBig) directory.writeBigUInt64LE(BigInt(valueAt), slot);
    else directory.writeUInt32LE(valueAt, slot);
    const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
    overflow.push(padded);
    valueAt += padded.length;
  });
  if (isBig) directory.writeBigUInt64LE(BigInt(next), directory.length - 8);
  else directory.writeUInt32LE(next, directory.length - 4);
  return Buffer.concat([directory, ...overflow]);
}

/** Fields of size and segments that every image has. */
function layoutFields(recipe: Pick<TiffRecipe, 'size' | 'isTiled' | 'segmentSize'>): TiffField[] {
  const { size, segmentSize } = recipe;
  const own = [long(256, size.width), long(257, size.height)];
  return recipe.isTiled
    ? [...own, long(322, segmentSize.width), long(323, segmentSize.height)]
    : [...own, long(278, segmentSize.height)];
}

/**
 * A classic TIFF of one image, in memory, from segments that some other file holds: what a native decoder is
 * given instead of that file.
 *
 * @param segments bytes of each segment of the recipe, in its order
 */
export function buildTiff(
  recipe: Omit<TiffRecipe, 'offsets' | 'lengths'>,
  segments: readonly Uint8Array[],
): Buffer {
  const offsets: number[] = [];
  let at = 8;
  for (const segment of segments) {
    offsets.push(segment.length === 0 ? 0 : at);
    at += segment.length + (segment.length % 2);
  }
  const [offsetsCode, lengthsCode] = recipe.isTiled ? [324, 325] : [273, 279];
  const fields = [
    ...recipe.fields,
    ...layoutFields(recipe),
    long(offsetsCode, ...offsets),
    long(lengthsCode, ...segments.map((s) => s.length)),
  ];
  const header = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(at, 4);
  const padded = segments.flatMap((s) => (s.length % 2 === 0 ? [s] : [s, Buffer.alloc(1)]));
  return Buffer.concat([header, ...padded, encodeDirectory(fields, false, at, 0)]);
}

/** One image of a file that {@link TiffFileWriter} finishes. */
export interface WrittenImage extends Omit<TiffRecipe, 'planes' | 'offsets' | 'lengths'> {
  readonly offsets: ArrayLike<number>;
  readonly lengths: ArrayLike<number>;
}

/**
 * Writes a TIFF file front to back: segments as they come, directories last, the header's pointer at the very end,
 * so a file cut short is never taken for a whole one.
 */
export class TiffFileWriter {
  readonly #file: FileHandle;
  readonly #isBig: boolean;
  #at: number;

  private constructor(file: FileHandle, isBig: boolean) {
    this.#file = file;
    this.#isBig = isBig;
    this.#at = isBig ? 16 : 8;
  }

  /** @param isBig BigTIFF, for files that may pass 4 GiB */
  static async create(path: string, isBig = true): Promise<TiffFileWriter> {
    return new TiffFileWriter(await open(path, 'w'), isBig);
  }

  /** Appends one segment, or many that lie together. @returns the offset of its first byte; always even */
  async append(bytes: Uint8Array): Promise<number> {
    const at = this.#at;
    await writeAll(this.#file, bytes, at);
    this.#at += bytes.length + (bytes.length % 2);
    return at;
  }

  /** Writes the directories as one chain and makes the file valid and durable. */
  async finish(images: readonly WrittenImage[]): Promise<void> {
    const [offsetsType, classic] = this.#isBig ? [16, false] : [4, true];
    const directories = images.map((image) => {
      const [offsetsCode, lengthsCode] = image.isTiled ? [324, 325] : [273, 279];
      return [
        ...image.fields,
        ...layoutFields(image),
        { code: offsetsCode, type: offsetsType, values: Array.from(image.offsets) },
        { code: lengthsCode, type: 4, values: Array.from(image.lengths) },
      ];
    });
    const first = this.#at;
    let at = first;
    for (const [i, fields] of directories.entries()) {
      const length = encodeDirectory(fields, this.#isBig, at, 0).length;
      const next = i + 1 < directories.length ? at + length : 0;
      await writeAll(this.#file, encodeDirectory(fields, this.#isBig, at, next), at);
      at += length;
    }
    if (classic && at > 0xffffffff) throw new Error('a classic TIFF ends at 4 GiB; write a BigTIFF');
    await this.#file.datasync();
    const header = Buffer.alloc(this.#isBig ? 16 : 8);
    header.write('II', 0, 'latin1');
    header.writeUInt16LE(this.#isBig ? 43 : 42, 2);
    if (this.#isBig) {
      header.writeUInt16LE(8, 4);
      header.writeBigUInt64LE(BigInt(first), 8);
    } else header.writeUInt32LE(first, 4);
    await writeAll(this.#file, header, 0);
    await this.#file.sync();
  }

  /** Closes the file; call it whether or not {@link finish} was reached. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Writes every byte, however many calls the system wants. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
