import { ServiceError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';

/** One colour component as a JPEG's frame header declares it. */
export interface JpegComponent {
  readonly id: number;
  /** Sampling factors, 1–4 in a valid file. */
  readonly horizontal: number;
  readonly vertical: number;
}

/** What a JPEG says of itself before its first scan. */
export interface JpegHeader {
  readonly size: Size;
  /** Low byte of the SOF marker: 0xc0 baseline, 0xc1 extended, 0xc2 progressive, 0xc3 lossless, … */
  readonly frame: number;
  /** Bits per sample. */
  readonly precision: number;
  readonly components: readonly JpegComponent[];
  /** Tables of each kind stand before the first scan; where they don't, JPEGTables must hold them. */
  readonly hasTables: { readonly quantization: boolean; readonly huffman: boolean };
  readonly hasJfif: boolean;
  /** Colour transform of an Adobe marker: 0 none (RGB, CMYK), 1 YCbCr, 2 YCCK; absent without that marker. */
  readonly adobeTransform?: number;
}

/** Low bytes of the markers that are told apart. */
export const marker = {
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
  DQT: 0xdb,
  DHT: 0xc4,
  DAC: 0xcc,
  JPG: 0xc8,
  DRI: 0xdd,
} as const;

/** One marker segment: its marker's low byte and where its payload lies. */
export interface Segment {
  readonly code: number;
  readonly start: number;
  /** May lie beyond the bytes at hand. */
  readonly end: number;
}

/** The segment that begins at or after `at`. @returns undefined when the bytes end first */
export function nextSegment(bytes: Uint8Array, at: number): Segment | undefined {
  let p = at;
  if (p < bytes.length && bytes[p] !== 0xff)
    throw new ServiceError('damaged', `JPEG: no marker at byte ${p}, the stream is damaged`);
  while (bytes[p] === 0xff) p += 1;
  const code = bytes[p];
  if (code === undefined) return undefined;
  p += 1;
  if (code === marker.SOI || code === marker.EOI || code === 0x01 || (code >= 0xd0 && code <= 0xd7))
    return { code, start: p, end: p };
  const [high, low] = [bytes[p], bytes[p + 1]];
  if (high === undefined || low === undefined) return undefined;
  const length = high * 256 + low;
  if (length < 2) throw new ServiceError('damaged', `JPEG: marker ${code.toString(16)} of length ${length}`);
  return { code, start: p + 2, end: p + length };
}

/** Whether a marker begins a frame (SOF0–SOF15). */
export function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== marker.DHT && code !== marker.JPG && code !== marker.DAC;
}

function begins(bytes: Uint8Array): void {
  if (bytes[0] !== 0xff || bytes[1] !== marker.SOI)
    throw new ServiceError('damaged', 'JPEG: does not begin with FF D8');
}

/**
 * Width and height of a JPEG: a walk over its marker segments, a few microseconds.
 *
 * @param bytes the whole stream or its beginning, up to the frame header
 * @throws {ServiceError} `damaged` when there is no frame header in `bytes`
 */
export function jpegSize(bytes: Uint8Array): Size {
  begins(bytes);
  for (let at = 2; ;) {
    const segment = nextSegment(bytes, at);
    if (segment === undefined || segment.code === marker.SOS || segment.code === marker.EOI)
      throw new ServiceError('damaged', 'JPEG: ends before its frame header');
    if (isFrame(segment.code)) return frameSize(bytes, segment);
    at = segment.end;
  }
}

function frameSize(bytes: Uint8Array, { start, end }: Segment): Size {
  if (end - start < 6 || start + 6 > bytes.length)
    throw new ServiceError('damaged', 'JPEG: its frame header is cut short');
  const at = (p: number): number => (bytes[p] ?? 0) * 256 + (bytes[p + 1] ?? 0);
  return { height: at(start + 1), width: at(start + 3) };
}

/**
 * All that a JPEG says before its first scan.
 *
 * @param bytes the whole stream or its beginning; may end after the frame header
 * @throws {ServiceError} `damaged`
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  begins(bytes);
  let frame: Pick<JpegHeader, 'size' | 'frame' | 'precision' | 'components'> | undefined;
  const seen = new Set<number>();
  let hasJfif = false;
  let adobe: number | undefined;
  for (let at = 2; ;) {
    const segment = nextSegment(bytes, at);
    if (segment === undefined || segment.code === marker.SOS || segment.code === marker.EOI) break;
    seen.add(segment.code);
    if (isFrame(segment.code)) {
      if (frame !== undefined) throw new ServiceError('damaged', 'JPEG: two frame headers');
      frame = readFrame(bytes, segment);
    }
    if (segment.code === 0xe0 && startsWith(bytes, segment, 'JFIF\0')) hasJfif = true;
    if (segment.code === 0xee && startsWith(bytes, segment, 'Adobe') && segment.end - segment.start >= 12)
      adobe = bytes[segment.start + 11];
    at = segment.end;
  }
  if (frame === undefined) throw new ServiceError('damaged', 'JPEG: ends before its frame header');
  const hasTables = { quantization: seen.has(marker.DQT), huffman: seen.has(marker.DHT) };
  return { ...frame, hasTables, hasJfif, ...(adobe === undefined ? {} : { adobeTransform: adobe }) };
}

function readFrame(
  bytes: Uint8Array,
  segment: Segment,
): Pick<JpegHeader, 'size' | 'frame' | 'precision' | 'components'> {
  const size = frameSize(bytes, segment);
  const { start, end, code } = segment;
  const count = bytes[start + 5] ?? 0;
  if (count === 0 || end !== start + 6 + count * 3 || end > bytes.length)
    throw new ServiceError('damaged', `JPEG: a frame header of ${end - start} bytes for ${count} components`);
  const components = Array.from({ length: count }, (_, i) => {
    const [id = 0, factors = 0] = bytes.subarray(start + 6 + i * 3);
    return { id, horizontal: factors >> 4, vertical: factors & 15 };
  });
  return { size, frame: code, precision: bytes[start] ?? 0, components };
}

function startsWith(bytes: Uint8Array, { start, end }: Segment, text: string): boolean {
  return (
    end - start >= text.length &&
    Buffer.from(bytes.subarray(start, start + text.length)).equals(Buffer.from(text, 'latin1'))
  );
}

/** Segments of JPEGTables that make tiles decodable; anything else in them is left out. */
const tableMarkers = new Set<number>([marker.DQT, marker.DHT, marker.DAC, marker.DRI]);

/**
 * What a standalone JPEG begins with: SOI, an Adobe marker where the colours need one, the shared tables.
 *
 * @param tables the JPEGTables field, with its SOI and EOI; absent where tiles hold their own
 * @param adobeTransform 0 for RGB, 1 for YCbCr; absent for no marker
 * @throws {ServiceError} `damaged` when the tables are no JPEG segments
 */
export function jpegPrefixOf(tables: Uint8Array | undefined, adobeTransform?: 0 | 1): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0xff, marker.SOI])];
  if (adobeTransform !== undefined)
    parts.push(
      Buffer.from([0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0x80, 0, 0, 0, adobeTransform]),
    );
  if (tables === undefined) return Buffer.concat(parts);
  begins(tables);
  for (let at = 2; ;) {
    const segment = nextSegment(tables, at);
    if (segment === undefined || segment.code === marker.EOI) break;
    if (segment.end > tables.length)
      throw new ServiceError('damaged', 'JPEG: its shared tables are cut short');
    if (tableMarkers.has(segment.code))
      parts.push(Buffer.from([0xff, segment.code]), tables.subarray(segment.start - 2, segment.end));
    at = segment.end;
  }
  return Buffer.concat(parts);
}

/** Which tables a prefix holds. */
export function tablesIn(prefix: Uint8Array): JpegHeader['hasTables'] {
  const seen = new Set<number>();
  for (let at = 2; ;) {
    const segment = nextSegment(prefix, at);
    if (segment === undefined) return { quantization: seen.has(marker.DQT), huffman: seen.has(marker.DHT) };
    seen.add(segment.code);
    at = segment.end;
  }
}

/** A tile of a TIFF as a JPEG file of its own. @param prefix the level's `jpegPrefix` */
export function standaloneJpeg(prefix: Uint8Array, tile: Uint8Array): Buffer {
  const jpeg = Buffer.allocUnsafeSlow(leadOf(prefix) + tile.length);
  jpeg.set(tile, leadOf(prefix));
  return completeJpeg(prefix, jpeg);
}

/** Bytes by which a tile grows when it becomes a file of its own: its SOI is in the prefix. */
export function leadOf(prefix: Uint8Array): number {
  return prefix.length - 2;
}

/** As {@link standaloneJpeg}, in place. @param bytes a tile, behind as many free bytes as {@link leadOf} says */
export function completeJpeg(prefix: Uint8Array, bytes: Buffer): Buffer {
  bytes.set(prefix);
  return bytes;
}
