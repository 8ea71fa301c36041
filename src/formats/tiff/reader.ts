import { ServiceError } from '../../core/errors.ts';
import type { ByteSource } from '../../storage/byte-source.ts';
import { limits } from './limits.ts';
import { tags } from './tags.ts';

/** One entry of a directory: what it says of its values, and where they lie. Not yet checked against the file. */
export interface TiffEntry {
  readonly code: number;
  readonly type: number;
  readonly count: number;
  /** Offset of the values in the file, inside the entry itself where they fit. */
  readonly at: number;
}

/** One image file directory. */
export interface TiffDirectory {
  /** For messages: `IFD 2`, `IFD 0 SubIFD 1`. */
  readonly where: string;
  /** By tag; the first wins where a tag occurs twice, as in libtiff. */
  readonly entries: ReadonlyMap<number, TiffEntry>;
  /** Directories that the SubIFDs tag names, in its order. */
  readonly subDirectories: readonly TiffDirectory[];
}

/** How the numbers of a TIFF are spelled. */
export interface TiffEncoding {
  readonly isLittleEndian: boolean;
  /** BigTIFF: 64-bit offsets. */
  readonly isBig: boolean;
}

/** The structure of a TIFF file: every directory, no values. */
export interface TiffFile extends TiffEncoding {
  readonly source: ByteSource;
  readonly directories: readonly TiffDirectory[];
}

/** Bytes per value of each field type; 0 for types that don't exist. */
export const typeBytes: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

/** Bytes that {@link tiffEncoding} wants to see. */
export const headerBytes = 16;

/** @returns undefined when `head`, the first bytes of a file, is not that of a TIFF */
export function tiffEncoding(head: Buffer): TiffEncoding | undefined {
  const order = head.toString('latin1', 0, 2);
  if (head.length < 8 || (order !== 'II' && order !== 'MM')) return undefined;
  const isLittleEndian = order === 'II';
  const version = isLittleEndian ? head.readUInt16LE(2) : head.readUInt16BE(2);
  return version === 42 || version === 43 ? { isLittleEndian, isBig: version === 43 } : undefined;
}

/** An unsigned number of 2, 4 or 8 bytes; numbers over 2^53 lose precision but stay too large for any check. */
export function unsigned(bytes: Buffer, at: number, width: number, isLittleEndian: boolean): number {
  if (width === 1) return bytes.readUInt8(at);
  if (width === 2) return isLittleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  if (width === 4) return isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  const [high, low] = isLittleEndian ? [at + 4, at] : [at, at + 4];
  return unsigned(bytes, high, 4, isLittleEndian) * 2 ** 32 + unsigned(bytes, low, 4, isLittleEndian);
}

interface Walk extends TiffEncoding {
  readonly source: ByteSource;
  readonly signal: AbortSignal | undefined;
  /** Offsets of directories seen so far. */
  readonly seen: Set<number>;
}

/**
 * Reads the directories of a TIFF or BigTIFF, in either byte order, and those in SubIFDs.
 *
 * @param source best one that reads ahead: directories are many and small
 * @throws {ServiceError} `unsupported` when it is no TIFF; `damaged` when directories lie outside the file or run
 *   in circles; `too-large` when there are more of them, or of their entries, than the limits
 */
export async function readTiff(source: ByteSource, signal?: AbortSignal): Promise<TiffFile> {
  const { walk, first } = await begin(source, signal);
  const directories: TiffDirectory[] = [];
  for (let at = first; at !== 0;) {
    const where = `IFD ${directories.length}`;
    const { entries, next } = await readEntries(walk, at, where);
    directories.push({ where, entries, subDirectories: await readSubDirectories(walk, entries, where) });
    at = next;
  }
  return { source, isLittleEndian: walk.isLittleEndian, isBig: walk.isBig, directories };
}

/** The same with the first directory alone, without its SubIFDs: enough to tell who wrote a file. */
export async function readFirstDirectory(source: ByteSource, signal?: AbortSignal): Promise<TiffFile> {
  const { walk, first } = await begin(source, signal);
  const { entries } = await readEntries(walk, first, 'IFD 0');
  const directories = [{ where: 'IFD 0', entries, subDirectories: [] }];
  return { source, isLittleEndian: walk.isLittleEndian, isBig: walk.isBig, directories };
}

async function begin(source: ByteSource, signal?: AbortSignal): Promise<{ walk: Walk; first: number }> {
  const head = await source.read(0, Math.min(headerBytes, source.size), signal);
  const encoding = tiffEncoding(head);
  if (encoding === undefined) throw new ServiceError('unsupported', `${source.name}: not a TIFF file`);
  if (encoding.isBig && head.length < headerBytes)
    throw new ServiceError('damaged', `${source.name}: a BigTIFF of ${head.length} bytes; upload it again`);
  if (encoding.isBig && unsigned(head, 4, 2, encoding.isLittleEndian) !== 8)
    throw new ServiceError('damaged', `${source.name}: a BigTIFF whose offsets are not 8 bytes wide`);
  const first = unsigned(head, encoding.isBig ? 8 : 4, encoding.isBig ? 8 : 4, encoding.isLittleEndian);
  if (first === 0)
    throw new ServiceError(
      'damaged',
      `${source.name}: a TIFF without images, its writer was cut off; send it again`,
    );
  return { walk: { ...encoding, source, signal, seen: new Set() }, first };
}

/** One directory's entries and the offset of the next directory. */
async function readEntries(
  walk: Walk,
  at: number,
  where: string,
): Promise<{ entries: Map<number, TiffEntry>; next: number }> {
  const { source, signal, isLittleEndian, isBig } = walk;
  const [countBytes, entryBytes, linkBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
  visit(walk, at, where);
  needs(source, where, at, countBytes);
  const count = unsigned(await source.read(at, countBytes, signal), 0, countBytes, isLittleEndian);
  if (count > limits.entries)
    throw new ServiceError(
      'too-large',
      `${source.name}: ${where} at byte ${at} has ${count} entries, the limit is ${limits.entries}; the file is damaged or no slide`,
    );
  const length = count * entryBytes + linkBytes;
  needs(source, where, at + countBytes, length);
  const bytes = await source.read(at + countBytes, length, signal);
  const entries = new Map<number, TiffEntry>();
  for (let i = 0; i < count; i++) {
    const entry = readEntry(walk, bytes, i * entryBytes, at + countBytes);
    if (!entries.has(entry.code)) entries.set(entry.code, entry);
  }
  return { entries, next: unsigned(bytes, count * entryBytes, linkBytes, isLittleEndian) };
}

function readEntry(walk: Walk, bytes: Buffer, p: number, base: number): TiffEntry {
  const { isLittleEndian, isBig } = walk;
  const wide = isBig ? 8 : 4;
  const code = unsigned(bytes, p, 2, isLittleEndian);
  const type = unsigned(bytes, p + 2, 2, isLittleEndian);
  const count = unsigned(bytes, p + 4, wide, isLittleEndian);
  const slot = p + 4 + wide;
  const isInline = count * (typeBytes[type] ?? 0) <= wide;
  return { code, type, count, at: isInline ? base + slot : unsigned(bytes, slot, wide, isLittleEndian) };
}

async function readSubDirectories(
  walk: Walk,
  entries: ReadonlyMap<number, TiffEntry>,
  where: string,
): Promise<TiffDirectory[]> {
  const entry = entries.get(tags.SubIFDs);
  if (entry === undefined) return [];
  const width = typeBytes[entry.type] ?? 0;
  if (width < 4)
    throw new ServiceError(
      'damaged',
      `${walk.source.name}: ${where}: tag 330 (SubIFDs) has type ${entry.type}`,
    );
  if (entry.count > limits.directories) throw tooMany(walk.source, entry.count);
  needs(walk.source, `${where}: tag 330 (SubIFDs)`, entry.at, entry.count * width);
  const offsets = await walk.source.read(entry.at, entry.count * width, walk.signal);
  const found: TiffDirectory[] = [];
  for (let i = 0; i < entry.count; i++) {
    const at = unsigned(offsets, i * width, width, walk.isLittleEndian);
    const subWhere = `${where} SubIFD ${i}`;
    const { entries: own } = await readEntries(walk, at, subWhere);
    found.push({ where: subWhere, entries: own, subDirectories: [] });
  }
  return found;
}

/** Counts a directory and refuses circles. */
function visit(walk: Walk, at: number, where: string): void {
  if (walk.seen.has(at))
    throw new ServiceError(
      'damaged',
      `${walk.source.name}: ${where} points back to the directory at byte ${at}, the directories run in a circle`,
    );
  walk.seen.add(at);
  if (walk.seen.size > limits.directories) throw tooMany(walk.source, walk.seen.size);
}

function tooMany(source: ByteSource, count: number): ServiceError {
  return new ServiceError(
    'too-large',
    `${source.name}: ${count} or more image directories, the limit is ${limits.directories}; split the file`,
  );
}

function needs(source: ByteSource, where: string, at: number, length: number): void {
  if (at >= 8 && at + length <= source.size) return;
  throw new ServiceError(
    'damaged',
    `${source.name}: ${where} lies at byte ${at}, outside the file of ${source.size} bytes; it was cut short, upload it again`,
  );
}
