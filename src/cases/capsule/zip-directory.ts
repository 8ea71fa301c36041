import { ServiceError } from '../../core/errors.ts';
import type { ByteSource } from '../../storage/byte-source.ts';

/** Where an entry says it is. Nothing of it is believed: it only leads to what is checked. */
export interface ListedEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Offset of its first byte behind its header, as our writer puts it. */
  readonly bytesAt: number;
}

/** Longest directory that is read: 12,000 entries. */
const maxDirectoryBytes = 2 ** 21;
const [endBytes, headerBytes, listedBytes] = [22, 30, 46];

/** Whether a file begins as a zip does whose first entry has a name. */
export async function startsLikeZip(source: ByteSource, name: string): Promise<boolean> {
  const length = headerBytes + name.length;
  if (source.size < length) return false;
  const head = await source.read(0, length);
  return head.readUInt32LE(0) === 0x04034b50 && head.subarray(headerBytes).toString('latin1') === name;
}

/**
 * The directory of a zip as our writer makes it: at its very end, without a comment, with offsets of 64 bits in one place.
 *
 * @throws {ServiceError} `unsupported` when there is none
 * @see PKWARE APPNOTE 6.3.10, 4.3.12–16
 */
export async function directoryOf(source: ByteSource): Promise<readonly ListedEntry[]> {
  const { start, size } = await extentOf(source);
  const bytes = await source.read(start, size);
  const entries: ListedEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + listedBytes > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw noCapsule(source);
    const [nameLength, extraLength] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30)];
    const end = at + listedBytes + nameLength + extraLength;
    if (end > bytes.length) throw noCapsule(source);
    const name = bytes.subarray(at + listedBytes, at + listedBytes + nameLength).toString('latin1');
    const extra = bytes.subarray(at + listedBytes + nameLength, end);
    entries.push(placeOf(source, { name, fields: bytes.subarray(at, at + listedBytes), extra }));
    at = end;
  }
  return entries;
}

function placeOf(
  source: ByteSource,
  { name, fields, extra }: { readonly name: string; readonly fields: Buffer; readonly extra: Buffer },
): ListedEntry {
  const size = fields.readUInt32LE(24);
  const near = fields.readUInt32LE(42);
  const isFar = near === 0xffffffff;
  if (isFar && extra.length < 12) throw noCapsule(source);
  const header = isFar ? Number(extra.readBigUInt64LE(extra.length - 8)) : near;
  const bytesAt = header + headerBytes + name.length;
  return { name, size, bytesAt };
}

/** Where the directory is. @throws {ServiceError} `unsupported` */
async function extentOf(source: ByteSource): Promise<{ readonly start: number; readonly size: number }> {
  if (source.size < endBytes) throw noCapsule(source);
  const end = await source.read(source.size - endBytes, endBytes);
  if (end.readUInt32LE(0) !== 0x06054b50 || end.readUInt16LE(20) !== 0) throw noCapsule(source);
  let [size, start] = [end.readUInt32LE(12), end.readUInt32LE(16)];
  if (size === 0xffffffff || start === 0xffffffff || end.readUInt16LE(10) === 0xffff) {
    const at = source.size - endBytes - 76;
    if (at < 0) throw noCapsule(source);
    const far = await source.read(at, 56);
    if (far.readUInt32LE(0) !== 0x06064b50) throw noCapsule(source);
    [size, start] = [Number(far.readBigUInt64LE(40)), Number(far.readBigUInt64LE(48))];
  }
  if (size > maxDirectoryBytes || start + size > source.size) throw noCapsule(source);
  return { start, size };
}

function noCapsule({ name }: ByteSource): ServiceError {
  return new ServiceError('unsupported', `${name}: is no case capsule of Telepath, or its end is damaged`);
}
