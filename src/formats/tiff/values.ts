import { ServiceError } from '../../core/errors.ts';
import type { TiffField } from './image.ts';
import { type TiffDirectory, type TiffEntry, type TiffFile, typeBytes, unsigned } from './reader.ts';
import { tagName } from './tags.ts';

/** A directory of a file and what is needed to read its values. */
export interface TiffContext {
  readonly file: TiffFile;
  readonly directory: TiffDirectory;
  readonly signal?: AbortSignal | undefined;
}

/** `slide.svs: IFD 2: ` in front of a message. */
export function place({ file, directory }: TiffContext): string {
  return `${file.source.name}: ${directory.where}`;
}

/** An error that names file, directory and tag. @param what is wrong, and after a semicolon what to do, if known */
export function tagError(context: TiffContext, code: number, what: string): ServiceError {
  const advice = what.includes(';')
    ? ''
    : '; the file is damaged or was written wrongly: upload or export it again';
  return new ServiceError('damaged', `${place(context)}: ${tagName(code)} ${what}${advice}`);
}

/** The entry of a tag once its values are known to lie in the file and under `maxBytes`. */
function checked(context: TiffContext, code: number, maxBytes: number): TiffEntry | undefined {
  const entry = context.directory.entries.get(code);
  if (entry === undefined) return undefined;
  const width = typeBytes[entry.type] ?? 0;
  if (width === 0) throw tagError(context, code, `has the unknown type ${entry.type}`);
  const bytes = entry.count * width;
  const { size } = context.file.source;
  if (entry.at + bytes > size)
    throw tagError(
      context,
      code,
      `holds ${bytes} bytes at ${entry.at}, beyond the end of the file (${size}); it was cut short, upload it again`,
    );
  if (bytes > maxBytes)
    throw new ServiceError(
      'too-large',
      `${place(context)}: ${tagName(code)} holds ${bytes} bytes, the limit is ${maxBytes}`,
    );
  return entry;
}

/** The bytes of a tag as they stand. @returns undefined when the tag is absent */
export async function readBytes(
  context: TiffContext,
  code: number,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const entry = checked(context, code, maxBytes);
  if (entry === undefined) return undefined;
  return context.file.source.read(entry.at, entry.count * (typeBytes[entry.type] ?? 0), context.signal);
}

/** The text of a tag up to its first zero byte, one character per byte, so that positions are file positions. */
export async function readLatin1(
  context: TiffContext,
  code: number,
  maxBytes: number,
): Promise<string | undefined> {
  const bytes = await readBytes(context, code, maxBytes);
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** The first `length` bytes of a text, or fewer, whatever its whole length; for telling formats apart. */
export async function peekText(
  context: TiffContext,
  code: number,
  length: number,
): Promise<string | undefined> {
  const entry = checked(context, code, Number.POSITIVE_INFINITY);
  if (entry === undefined || typeBytes[entry.type] !== 1) return undefined;
  const bytes = await context.file.source.read(entry.at, Math.min(length, entry.count), context.signal);
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** Field types that hold unsigned whole numbers. */
const whole = new Set([1, 3, 4, 7, 13, 16, 18]);

/**
 * The whole numbers of a tag.
 *
 * @param maxCount more values than this are refused, so that nothing large is allocated
 * @returns undefined when the tag is absent
 */
export async function readNumbers(
  context: TiffContext,
  code: number,
  maxCount: number,
): Promise<number[] | undefined> {
  const entry = checked(context, code, maxCount * 8);
  if (entry === undefined) return undefined;
  if (!whole.has(entry.type))
    throw tagError(context, code, `has type ${entry.type}, whole numbers are needed`);
  if (entry.count === 0 || entry.count > maxCount)
    throw tagError(context, code, `has ${entry.count} values, 1 to ${maxCount} are possible`);
  return [...(await decode(context, entry))];
}

/** The first whole number of a tag, or `absent`. */
export async function readNumber<T>(context: TiffContext, code: number, absent: T): Promise<number | T> {
  const values = await readNumbers(context, code, limitOfScalars);
  return values?.[0] ?? absent;
}

/** Some writers repeat a scalar once per sample. */
const limitOfScalars = 16;

/** A table of exactly `count` whole numbers, such as TileOffsets. @throws {ServiceError} `damaged` */
export async function readTable(context: TiffContext, code: number, count: number): Promise<Float64Array> {
  const entry = checked(context, code, Number.POSITIVE_INFINITY);
  if (entry === undefined) throw tagError(context, code, 'is missing');
  if (!whole.has(entry.type))
    throw tagError(context, code, `has type ${entry.type}, whole numbers are needed`);
  if (entry.count !== count)
    throw tagError(context, code, `has ${entry.count} values, the grid of the image needs ${count}`);
  return decode(context, entry);
}

async function decode(context: TiffContext, entry: TiffEntry): Promise<Float64Array> {
  const width = typeBytes[entry.type] ?? 0;
  const bytes = await context.file.source.read(entry.at, entry.count * width, context.signal);
  return wholeNumbers(bytes, width, context.file.isLittleEndian);
}

/** Tables of half a million tiles pass through here, so the widths they have get loops of their own. */
function wholeNumbers(bytes: Buffer, width: number, isLittleEndian: boolean): Float64Array {
  const values = new Float64Array(bytes.length / width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (width === 4) {
    for (let i = 0; i < values.length; i++) values[i] = view.getUint32(i * 4, isLittleEndian);
  } else if (width === 8) {
    const [high, low] = isLittleEndian ? [4, 0] : [0, 4];
    for (let i = 0; i < values.length; i++)
      values[i] =
        view.getUint32(i * 8 + high, isLittleEndian) * 2 ** 32 + view.getUint32(i * 8 + low, isLittleEndian);
  } else {
    for (let i = 0; i < values.length; i++) values[i] = unsigned(bytes, i * width, width, isLittleEndian);
  }
  return values;
}

/** The first RATIONAL, FLOAT or DOUBLE of a tag. @returns undefined when absent, of another type, or n/0 */
export async function readRatio(context: TiffContext, code: number): Promise<number | undefined> {
  const entry = context.directory.entries.get(code);
  if (entry === undefined || ![5, 11, 12].includes(entry.type) || entry.count === 0) return undefined;
  const bytes = await readBytes(context, code, 128);
  if (bytes === undefined) return undefined;
  const { isLittleEndian } = context.file;
  if (entry.type === 11) return isLittleEndian ? bytes.readFloatLE(0) : bytes.readFloatBE(0);
  if (entry.type === 12) return isLittleEndian ? bytes.readDoubleLE(0) : bytes.readDoubleBE(0);
  const denominator = unsigned(bytes, 4, 4, isLittleEndian);
  return denominator === 0 ? undefined : unsigned(bytes, 0, 4, isLittleEndian) / denominator;
}

/** A tag as a field of its own, its type kept: for numbers, bytes and RATIONALs alone. */
export async function readField(
  context: TiffContext,
  code: number,
  maxBytes: number,
): Promise<TiffField | undefined> {
  const bytes = await readBytes(context, code, maxBytes);
  const type = context.directory.entries.get(code)?.type;
  if (bytes === undefined || type === undefined) return undefined;
  if (![1, 3, 4, 5, 7].includes(type))
    throw tagError(context, code, `has type ${type}, which no decoder expects there`);
  const width = type === 5 ? 4 : (typeBytes[type] ?? 0);
  const values = Array.from({ length: bytes.length / width }, (_, i) =>
    unsigned(bytes, i * width, width, context.file.isLittleEndian),
  );
  return { code, type, values };
}
