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

/** How the numbers of a file are spelled. */
interface Spelling {
  /** BigTIFF: 64-bit offsets. */
  readonly isBig: boolean;
  /** Samples of more than 8 bits stand in the same order, so a file follows its segments. */
  readonly isBigEndian: boolean;
}

/** Writes an unsigned number of 2, 4 or 8 bytes. */
function put(
  bytes: Buffer,
  at: number,
  [width, value]: readonly [number, number],
  isBigEndian: boolean,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (width === 2) view.setUint16(at, value, !isBigEndian);
  else if (width === 4) view.setUint32(at, value, !isBigEndian);
  else view.setBigUint64(at, BigInt(value), !isBigEndian);
}

/** The values of a field as they stand in a file. */
function encodeValues(field: TiffField, isBigEndian: boolean): Buffer {
  const { type, values } = field;
  if (type === 1 || type === 2 || type === 7) return Buffer.from([...values]);
  const width = type === 5 ? 4 : valueBytes[type];
  if (width === undefined) throw new Error(`TIFF field ${field.code}: type ${type} is not written here`);
  const out = Buffer.alloc(values.length * width);
  values.forEach((value, i) => put(out, i * width, [width, value], isBigEndian));
  return out;
}

/**
 * One image file directory: the directory itself first, then the values that don't fit in it.
 *
 * @param at where in the file it will stand; even
 * @param next where the next directory stands, 0 for none
 */
function encodeDirectory(
  fields: readonly TiffField[],
  { isBig, isBigEndian }: Spelling,
  at: number,
  next: number,
): Buffer {
  const sorted = [...fields].sort((a, b) => a.code - b.code);
  const [head, entry, wide] = isBig ? [8, 20, 8] : [2, 12, 4];
  const directory = Buffer.alloc(head + sorted.length * entry + wide);
  const overflow: Buffer[] = [];
  let valueAt = at + directory.length;
  put(directory, 0, [head, sorted.length], isBigEndian);
  sorted.forEach((field, i) => {
    const p = head + i * entry;
    const bytes = encodeValues(field, isBigEndian);
    put(directory, p, [2, field.code], isBigEndian);
    put(directory, p + 2, [2, field.type], isBigEndian);
    put(directory, p + 4, [wide, bytes.length / (valueBytes[field.type] ?? 1)], isBigEndian);
    const slot = p + 4 + wide;
    if (bytes.length <= wide) {
      bytes.copy(directory, slot);
      return;
    }
    put(directory, slot, [wide, valueAt], isBigEndian);
    const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
    overflow.push(padded);
    valueAt += padded.length;
  });
  put(directory, directory.length - wide, [wide, next], isBigEndian);
  return Buffer.concat([directory, ...overflow]);
}

/** The first bytes of a file whose first directory stands at `first`. */
function encodeHeader({ isBig, isBigEndian }: Spelling, first: number): Buffer {
  const header = Buffer.alloc(isBig ? 16 : 8);
  header.write(isBigEndian ? 'MM' : 'II', 0, 'latin1');
  put(header, 2, [2, isBig ? 43 : 42], isBigEndian);
  if (isBig) put(header, 4, [2, 8], isBigEndian);
  put(header, isBig ? 8 : 4, [isBig ? 8 : 4, first], isBigEndian);
  return header;
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
 * given instead of that file. It has the byte order of that file.
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
  const spelling = { isBig: false, isBigEndian: recipe.isBigEndian === true };
  const padded = segments.flatMap((s) => (s.length % 2 === 0 ? [s] : [s, Buffer.alloc(1)]));
  return Buffer.concat([encodeHeader(spelling, at), ...padded, encodeDirectory(fields, spelling, at, 0)]);
}

/** One image of a file that {@link TiffFileWriter} finishes. */
export interface WrittenImage extends Omit<TiffRecipe, 'planes' | 'offsets' | 'lengths'> {
  readonly offsets: ArrayLike<number>;
  readonly lengths: ArrayLike<number>;
  /** Its smaller copies, where they stand in SubIFDs. */
  readonly subImages?: readonly Omit<WrittenImage, 'subImages'>[];
}

/** So many bytes at a time go to the disk while the rest is made. */
const flushBytes = 16 * 2 ** 20;

/**
 * Writes a TIFF file front to back: segments as they come, directories last, the header's pointer at the very end,
 * so a file cut short is never taken for a whole one.
 */
export class TiffFileWriter {
  readonly #file: FileHandle;
  readonly #isBig: boolean;
  #at: number;
  /** Bytes appended since the disk was last asked to write. */
  #unflushed = 0;
  /** What the disk was asked to write so far. */
  #flushed: Promise<void> = Promise.resolve();

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
    this.#unflushed += bytes.length;
    if (this.#unflushed >= flushBytes) this.#flush();
    return at;
  }

  /** Has the disk write beside the work, so that little is left for the end, where what failed is thrown. */
  #flush(): void {
    this.#unflushed = 0;
    this.#flushed = this.#flushed.then(() => this.#file.datasync());
    this.#flushed.catch(() => undefined);
  }

  /**
   * Writes the directories as one chain and makes the file valid and durable.
   *
   * @param images all of one byte order
   */
  async finish(images: readonly WrittenImage[]): Promise<void> {
    const spelling = { isBig: this.#isBig, isBigEndian: images[0]?.isBigEndian === true };
    let at = this.#at;
    /** Writes a directory where the last one ended. @returns where it stands */
    const write = async (fields: readonly TiffField[], isLast: boolean): Promise<number> => {
      const { length } = encodeDirectory(fields, spelling, at, 0);
      const start = at;
      at += length;
      await writeAll(this.#file, encodeDirectory(fields, spelling, start, isLast ? 0 : at), start);
      return start;
    };
    // Directories of smaller copies stand before the chain, which runs on without them.
    const subOffsets: number[][] = [];
    for (const { subImages = [] } of images) {
      const offsets: number[] = [];
      for (const image of subImages) offsets.push(await write(this.#fieldsOf(image), true));
      subOffsets.push(offsets);
    }
    const first = at;
    for (const [i, image] of images.entries()) {
      const sub = subOffsets[i] ?? [];
      const subs = sub.length === 0 ? [] : [{ code: 330, type: this.#offsetsType, values: sub }];
      await write([...this.#fieldsOf(image), ...subs], i + 1 === images.length);
    }
    if (!this.#isBig && at > 0xffffffff) throw new Error('a classic TIFF ends at 4 GiB; write a BigTIFF');
    this.#flush();
    await this.#flushed;
    await writeAll(this.#file, encodeHeader(spelling, first), 0);
    await this.#file.sync();
  }

  get #offsetsType(): number {
    return this.#isBig ? 16 : 4;
  }

  /** All fields of a directory but those that lead to others. */
  #fieldsOf(image: WrittenImage): TiffField[] {
    const [offsetsCode, lengthsCode] = image.isTiled ? [324, 325] : [273, 279];
    return [
      ...image.fields,
      ...layoutFields(image),
      { code: offsetsCode, type: this.#offsetsType, values: Array.from(image.offsets) },
      { code: lengthsCode, type: 4, values: Array.from(image.lengths) },
    ];
  }

  /** Closes the file; call it whether or not {@link finish} was reached. */
  async close(): Promise<void> {
    await this.#flushed.catch(() => undefined);
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
