import type { Span } from './spans.ts';

/** Where one image of a TIFF keeps its pixels. */
export interface TiffPicture {
  readonly width: number;
  readonly height: number;
  readonly isTiled: boolean;
  /** Entries with the offsets and the lengths of its tiles or strips. */
  readonly offsets: TiffValues;
  readonly lengths: TiffValues;
}

/** A run of numbers in the file. */
export interface TiffValues {
  readonly at: number;
  readonly count: number;
  /** Bytes of one number: 2, 4 or 8. */
  readonly width: number;
}

/** The structure of a TIFF: what must be read to know where its pixels are. */
export interface TiffStructure {
  readonly isLittleEndian: boolean;
  /** Header, directories, and the values that lie outside of them. */
  readonly spans: readonly Span[];
  readonly pictures: readonly TiffPicture[];
}

/** Bytes per value of each field type; 0 for types that don't exist. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const mostDirectories = 1000;
const mostEntries = 1024;

const tag = {
  width: 256,
  height: 257,
  strips: 273,
  stripLengths: 279,
  tiles: 324,
  tileLengths: 325,
  sub: 330,
};

interface Walk {
  readonly file: Blob;
  readonly isLittleEndian: boolean;
  readonly isBig: boolean;
  readonly seen: Set<number>;
  readonly spans: Span[];
  readonly pictures: TiffPicture[];
}

/** One entry: its type, how many values, and where they lie. */
interface Entry extends TiffValues {
  /** The first value, where it stands in the entry itself. */
  readonly first: number;
}

/**
 * Reads the directories of a TIFF or BigTIFF, in either byte order, those in SubIFDs too; no values but those.
 *
 * @returns undefined for what is no TIFF, and for one whose directories run in circles, lie outside the file or are
 *   more than a slide has: the service, not the page, says what is wrong with it
 */
export async function tiffStructure(file: Blob): Promise<TiffStructure | undefined> {
  const head = await view(file, 0, 16);
  if (head === undefined) return undefined;
  const order = head.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const isLittleEndian = order === 0x4949;
  const version = head.getUint16(2, isLittleEndian);
  if (version !== 42 && version !== 43) return undefined;
  const isBig = version === 43;
  const walk: Walk = {
    file,
    isLittleEndian,
    isBig,
    seen: new Set(),
    spans: [{ start: 0, length: 16 }],
    pictures: [],
  };
  const first = isBig ? number(head, 8, 8, isLittleEndian) : head.getUint32(4, isLittleEndian);
  const isRead = await readChain(walk, first, true);
  return isRead ? { isLittleEndian, spans: walk.spans, pictures: walk.pictures } : undefined;
}

/** Numbers `from` to `to` of a run. @returns undefined where they lie outside the file */
export async function readValues(
  file: Blob,
  { at, width }: TiffValues,
  isLittleEndian: boolean,
  [from, to]: readonly [number, number],
): Promise<number[] | undefined> {
  const bytes = await view(file, at + from * width, (to - from) * width);
  if (bytes === undefined) return undefined;
  return Array.from({ length: to - from }, (_, i) => number(bytes, i * width, width, isLittleEndian));
}

/** Reads directories until the last. @param follows whether a directory names the next one */
async function readChain(walk: Walk, first: number, follows: boolean): Promise<boolean> {
  for (let at = first; at !== 0;) {
    if (walk.seen.has(at) || walk.seen.size >= mostDirectories) return false;
    walk.seen.add(at);
    const directory = await readDirectory(walk, at);
    if (directory === undefined) return false;
    const { entries, next } = directory;
    keepPicture(walk, entries);
    if (follows && !(await readSubDirectories(walk, entries.get(tag.sub)))) return false;
    at = follows ? next : 0;
  }
  return true;
}

async function readSubDirectories(walk: Walk, entry: Entry | undefined): Promise<boolean> {
  if (entry === undefined) return true;
  if (entry.width < 4 || entry.count > mostDirectories) return false;
  const offsets = await readValues(walk.file, entry, walk.isLittleEndian, [0, entry.count]);
  if (offsets === undefined) return false;
  for (const at of offsets) if (at === 0 || !(await readChain(walk, at, false))) return false;
  return true;
}

async function readDirectory(
  { file, isLittleEndian, isBig, spans }: Walk,
  at: number,
): Promise<{ entries: ReadonlyMap<number, Entry>; next: number } | undefined> {
  const [countBytes, entryBytes, wide] = isBig ? [8, 20, 8] : [2, 12, 4];
  const head = await view(file, at, countBytes);
  if (head === undefined) return undefined;
  const count = number(head, 0, countBytes, isLittleEndian);
  if (count > mostEntries) return undefined;
  const length = countBytes + count * entryBytes + wide;
  const bytes = await view(file, at, length);
  if (bytes === undefined) return undefined;
  spans.push({ start: at, length });
  const entries = new Map<number, Entry>();
  for (let i = 0; i < count; i++) {
    const p = countBytes + i * entryBytes;
    const code = bytes.getUint16(p, isLittleEndian);
    const width = typeBytes[bytes.getUint16(p + 2, isLittleEndian)] ?? 0;
    const values = number(bytes, p + 4, wide, isLittleEndian);
    const slot = p + 4 + wide;
    const isInside = values * width <= wide;
    const start = isInside ? at + slot : number(bytes, slot, wide, isLittleEndian);
    if (!isInside && start + values * width <= file.size) spans.push({ start, length: values * width });
    const first = width === 0 || !isInside ? 0 : number(bytes, slot, Math.min(width, wide), isLittleEndian);
    if (!entries.has(code)) entries.set(code, { at: start, count: values, width, first });
  }
  return { entries, next: number(bytes, length - wide, wide, isLittleEndian) };
}

function keepPicture({ pictures }: Walk, entries: ReadonlyMap<number, Entry>): void {
  const isTiled = entries.has(tag.tiles);
  const offsets = entries.get(isTiled ? tag.tiles : tag.strips);
  const lengths = entries.get(isTiled ? tag.tileLengths : tag.stripLengths);
  if (offsets === undefined || lengths === undefined) return;
  if (offsets.count !== lengths.count || offsets.width < 2 || lengths.width < 2) return;
  const width = entries.get(tag.width)?.first ?? 0;
  const height = entries.get(tag.height)?.first ?? 0;
  pictures.push({ width, height, isTiled, offsets, lengths });
}

/** Bytes of the file, or undefined where they lie outside of it. */
async function view(file: Blob, start: number, length: number): Promise<DataView | undefined> {
  if (start + length > file.size) return undefined;
  return new DataView(await file.slice(start, start + length).arrayBuffer());
}

/** An unsigned number of 1, 2, 4 or 8 bytes; those over 2^53 lose precision, and lie outside every file. */
function number(bytes: DataView, at: number, width: number, isLittleEndian: boolean): number {
  if (width === 8) return Number(bytes.getBigUint64(at, isLittleEndian));
  if (width === 4) return bytes.getUint32(at, isLittleEndian);
  return width === 2 ? bytes.getUint16(at, isLittleEndian) : bytes.getUint8(at);
}
