import type { Size } from '../../core/geometry.ts';
import { isFrame, marker, nextSegment, readJpegHeader, type Segment } from './jpeg.ts';
import { BitReader, BitWriter, HuffmanCodes } from './jpeg-huffman.ts';

/** Larger files are not cropped here: it costs a millisecond of this thread for each 40 kB or so. */
const maxBytes = 128 * 1024;
/** Most bits of a difference between two means of 8-bit samples. */
const maxDifferenceBits = 11;

/** One block of 8 × 8 samples of a unit: which component it is of, and its tables. */
interface Block {
  readonly component: number;
  readonly dc: HuffmanCodes;
  readonly ac: HuffmanCodes;
}

/** A scan whose units hold all components. */
interface Scan {
  /** Blocks of one unit (MCU), in their order. */
  readonly blocks: readonly Block[];
  /** Of a unit, px. */
  readonly unit: Size;
  /** Byte where its bits begin. */
  readonly at: number;
  /** Byte of the frame header's height, which its width follows. */
  readonly sizeAt: number;
  readonly size: Size;
}

/**
 * The top left part of a JPEG without decoding it: its coefficients stay, so its pixels stay, and only what lies
 * beyond the part is left out. The last column and row may differ by a colour's interpolation.
 *
 * Costs some 0.3 ms for 10 kB.
 *
 * @param part not larger than the JPEG
 * @returns undefined for what this does not do, which any decoder may: progressive, arithmetic, lossless and 12-bit
 *   files, restart intervals, several scans, large files; and for damaged bits
 * @throws {ServiceError} `damaged` when the headers are no JPEG's
 * @see ITU-T T.81, annex F; what `jpegtran -crop` does
 */
export function cropJpeg(jpeg: Uint8Array, part: Size): Buffer | undefined {
  if (jpeg.length > maxBytes) return undefined;
  const scan = readScan(jpeg);
  if (scan === undefined || part.width > scan.size.width || part.height > scan.size.height) return undefined;
  const grid = unitsOf(scan, scan.size);
  const kept = unitsOf(scan, part);
  // A code of a row's beginning may become longer by 16 + 11 bits; every byte may be followed by a stuffed one.
  const cropped = Buffer.alloc(2 * (jpeg.length + kept.rows * scan.blocks.length * 4) + 4);
  cropped.set(jpeg.subarray(0, scan.at));
  cropped.writeUInt16BE(part.height, scan.sizeAt);
  cropped.writeUInt16BE(part.width, scan.sizeAt + 2);
  const end = copyUnits(jpeg, scan, grid.columns, kept, cropped);
  if (end === undefined) return undefined;
  cropped.writeUInt16BE(0xff00 + marker.EOI, end);
  // A copy, or whoever keeps it would keep the room for the rest, too.
  const whole = Buffer.allocUnsafeSlow(end + 2);
  cropped.copy(whole, 0, 0, end + 2);
  return whole;
}

function unitsOf({ unit }: Scan, size: Size): { readonly columns: number; readonly rows: number } {
  return { columns: Math.ceil(size.width / unit.width), rows: Math.ceil(size.height / unit.height) };
}

/** Everything before the bits; undefined for what cannot be cropped here. */
function readScan(jpeg: Uint8Array): Scan | undefined {
  const header = readJpegHeader(jpeg);
  const isPlain = (header.frame === 0xc0 || header.frame === 0xc1) && header.precision === 8;
  if (!isPlain) return undefined;
  const tables = new Map<number, HuffmanCodes>();
  let sizeAt = 0;
  for (let at = 2; ;) {
    const segment = nextSegment(jpeg, at);
    if (segment === undefined || segment.end > jpeg.length || segment.code === marker.EOI) return undefined;
    if (segment.code === marker.DRI) return undefined;
    if (segment.code === marker.DHT && !readTables(jpeg, segment, tables)) return undefined;
    if (isFrame(segment.code)) sizeAt = segment.start + 1;
    if (segment.code === marker.SOS) return scanOf(jpeg, segment, header, tables, sizeAt);
    at = segment.end;
  }
}

/** Adds a segment's tables, by class and number in one byte. @returns false when they are damaged */
function readTables(jpeg: Uint8Array, { start, end }: Segment, tables: Map<number, HuffmanCodes>): boolean {
  for (let at = start; at < end;) {
    const counts = jpeg.subarray(at + 1, at + 17);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    if (at + 17 + symbols > end || symbols > 256) return false;
    tables.set(jpeg[at] ?? 0, new HuffmanCodes(counts, jpeg.subarray(at + 17, at + 17 + symbols)));
    at += 17 + symbols;
  }
  return true;
}

function scanOf(
  jpeg: Uint8Array,
  { start, end }: Segment,
  { components, size }: ReturnType<typeof readJpegHeader>,
  tables: ReadonlyMap<number, HuffmanCodes>,
  sizeAt: number,
): Scan | undefined {
  if (components.length > 4 || jpeg[start] !== components.length || end !== start + 4 + components.length * 2)
    return undefined;
  const blocks: Block[] = [];
  // Of a single component every block is a unit, whatever its factors.
  const isSingle = components.length === 1;
  for (const [component, { id, horizontal, vertical }] of components.entries()) {
    const [scanId, numbers = 0] = jpeg.subarray(start + 1 + component * 2);
    const dc = tables.get(numbers >> 4);
    const ac = tables.get(0x10 + (numbers & 15));
    if (scanId !== id || dc === undefined || ac === undefined) return undefined;
    const count = isSingle ? 1 : horizontal * vertical;
    for (let i = 0; i < count; i += 1) blocks.push({ component, dc, ac });
  }
  if (blocks.length === 0 || blocks.length > 10) return undefined;
  const most = (of: (component: (typeof components)[number]) => number) =>
    isSingle ? 1 : Math.max(...components.map(of));
  const unit = { width: 8 * most((one) => one.horizontal), height: 8 * most((one) => one.vertical) };
  return { blocks, unit, at: end, sizeAt, size };
}

/** Copies the units that are kept. @returns where they end; undefined when the bits make no sense */
function copyUnits(
  jpeg: Uint8Array,
  { blocks, at }: Scan,
  columns: number,
  kept: { readonly columns: number; readonly rows: number },
  to: Uint8Array,
): number | undefined {
  const reader = new BitReader(jpeg, at);
  const writer = new BitWriter(to, at);
  // The mean of each block is coded as its difference from the one before it, which may be left out.
  const read = new Int32Array(4);
  const written = new Int32Array(4);
  for (let row = 0; row < kept.rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      if (column >= kept.columns && row === kept.rows - 1) break;
      const out = column < kept.columns ? writer : undefined;
      for (const block of blocks) if (!copyBlock(block, reader, out, read, written)) return undefined;
      if (reader.isBeyond) return undefined;
    }
  return writer.end();
}

/** @returns false when the bits are no block */
function copyBlock(
  { component, dc, ac }: Block,
  reader: BitReader,
  writer: BitWriter | undefined,
  read: Int32Array,
  written: Int32Array,
): boolean {
  const found = dc.find(reader.peek());
  const bits = found & 0xff;
  if (found === 0 || bits > maxDifferenceBits) return false;
  reader.skip(found >> 8);
  read[component]! += signed(reader.take(bits), bits); // one of four
  if (writer !== undefined && !putDifference(read[component]! - written[component]!, dc, writer))
    return false;
  if (writer !== undefined) written[component] = read[component]!;
  for (let place = 1; place < 64; place += 1) {
    const next = ac.find(reader.peek());
    if (next === 0) return false;
    reader.skip(next >> 8);
    const symbol = next & 0xff;
    const size = symbol & 15;
    const value = reader.take(size);
    writer?.put(ac.codeOf(symbol), next >> 8);
    writer?.put(value, size);
    // The block ends here, unless sixteen zeros follow.
    if (size === 0 && symbol !== 0xf0) break;
    place += symbol >> 4;
  }
  return true;
}

/** @returns false when the table has no code for it */
function putDifference(difference: number, dc: HuffmanCodes, writer: BitWriter): boolean {
  const bits = 32 - Math.clz32(Math.abs(difference));
  const length = dc.lengthOf(bits);
  if (length === 0 || bits > maxDifferenceBits) return false;
  writer.put(dc.codeOf(bits), length);
  writer.put(difference < 0 ? difference + (1 << bits) - 1 : difference, bits);
  return true;
}

/** A number of so many bits as JPEG writes it: those that begin with 0 are negative. */
function signed(value: number, bits: number): number {
  return bits > 0 && value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value;
}
