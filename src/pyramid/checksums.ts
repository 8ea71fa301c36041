import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { ServiceError } from '../core/errors.ts';
import { gridOf } from '../core/geometry.ts';
import { levelPlaces } from './focal-stack.ts';
import type { IndexedLevel, TileIndex } from './tile-index.ts';

/** What is wrong with a stored tile, in words for a person; fixed, so that nothing of a file gets out with them. */
export const damageReasons = ['truncated', 'not a JPEG', 'wrong size', 'corrupt', 'unreadable'] as const;
/** One of {@link damageReasons}. */
export type DamageReason = (typeof damageReasons)[number];

/** A stored tile that is no whole picture. */
export interface DamagedTile {
  /** Position among {@link allLevels}: below the number of the slide's levels it is a slide level. */
  readonly level: number;
  readonly column: number;
  readonly row: number;
  readonly reason: DamageReason;
}

/** What a pass over all tiles of a slide found. */
export interface VerificationReport {
  /** ISO 8601, UTC. */
  readonly verifiedAt: string;
  /** Tiles that were read and decoded; places where nothing is stored are not counted. */
  readonly checked: number;
  /** All damaged tiles; may be more than are listed. */
  readonly damagedTotal: number;
  /** By level, row, column; at most {@link maxDamagedListed}. */
  readonly damaged: readonly DamagedTile[];
}

/** The report of a pass, and what each tile's bytes were at that time. */
export interface Checksums {
  readonly report: VerificationReport;
  /** CRC-32 of each tile's stored bytes, one table per level of {@link allLevels}; 0 where no tile was checked. */
  readonly tables: readonly Uint32Array[];
}

/** Most damaged tiles that a report names. */
export const maxDamagedListed = 1000;

/*
 * Layout, little-endian: magic (4), version (2), bytes of the header (4) · header, JSON · per level 4 bytes for each
 * tile of its table · CRC-32 of all that precedes it (4).
 */
const magic = 'TPCK';
const version = 1;
const preambleBytes = 10;
const checksumBytes = 4;
/** Far more than the longest report takes. */
const maxHeaderBytes = 2 ** 18;

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const Header = z.strictObject({
  /** Checksum of the tile index it was made for. */
  index: count,
  verifiedAt: z.iso.datetime(),
  checked: count,
  damagedTotal: count,
  damaged: z
    .array(z.strictObject({ level: count, column: count, row: count, reason: z.enum(damageReasons) }))
    .max(maxDamagedListed),
});

/** The slide's levels, then those made for Deep Zoom, then the same of its other focal planes. */
export function allLevels(index: TileIndex): readonly IndexedLevel[] {
  return levelPlaces(index).map(({ indexed }) => indexed);
}

/** Checksum of an encoded tile index, by which checksums are bound to it: its own last four bytes. */
export function indexChecksum(encodedIndex: Buffer): number {
  return encodedIndex.readUInt32LE(encodedIndex.length - checksumBytes);
}

/** Most bytes that the checksums of an index may take; a larger object is none. */
export function maxChecksumsBytes(index: TileIndex): number {
  return preambleBytes + maxHeaderBytes + tableBytes(index) + checksumBytes;
}

/** Checksums as one object. @param indexCrc {@link indexChecksum} of the index they belong to */
export function encodeChecksums({ report, tables }: Checksums, indexCrc: number): Buffer {
  const header = Buffer.from(JSON.stringify({ index: indexCrc, ...report }));
  const bytes = Buffer.alloc(
    preambleBytes + header.length + tables.reduce((sum, { length }) => sum + length * 4, 0) + checksumBytes,
  );
  bytes.write(magic, 'latin1');
  bytes.writeUInt16LE(version, 4);
  bytes.writeUInt32LE(header.length, 6);
  header.copy(bytes, preambleBytes);
  let at = preambleBytes + header.length;
  for (const table of tables) for (const crc of table) at = bytes.writeUInt32LE(crc, at);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, at)), at);
  return bytes;
}

/**
 * The checksums in an object. Nothing is allocated beyond a small multiple of the index.
 *
 * @throws {ServiceError} `damaged` when the bytes are not whole, or were made for another index
 */
export function decodeChecksums(bytes: Buffer, index: TileIndex, indexCrc: number): Checksums {
  const end = bytes.length - checksumBytes;
  if (end < preambleBytes || bytes.toString('latin1', 0, 4) !== magic)
    throw damaged(`${bytes.length} bytes that don't begin with ${magic}`);
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end))
    throw damaged('their own checksum does not fit');
  const found = bytes.readUInt16LE(4);
  if (found !== version) throw damaged(`version ${found}, this service reads version ${version}`);
  const tablesAt = preambleBytes + bytes.readUInt32LE(6);
  if (tablesAt + tableBytes(index) !== end) throw damaged('they are not as long as the slide has tiles');
  const { index: madeFor, ...report } = parseHeader(bytes.toString('utf8', preambleBytes, tablesAt));
  if (madeFor !== indexCrc) throw damaged('they belong to another index');
  const levels = allLevels(index);
  for (const { level, column, row } of report.damaged) {
    const { size, tileSize } = levels[level] ?? {};
    const grid = size && tileSize && gridOf(size, tileSize);
    if (grid === undefined || column >= grid.columns || row >= grid.rows)
      throw damaged(`no tile ${column}_${row} in level ${level}`);
  }
  return { report, tables: readTables(bytes, tablesAt, levels) };
}

/** One table per level. */
function readTables(bytes: Buffer, start: number, levels: readonly IndexedLevel[]): Uint32Array[] {
  let at = start;
  return levels.map(({ lengths }) => {
    const table = new Uint32Array(lengths.length);
    for (let i = 0; i < table.length; i += 1, at += 4) table[i] = bytes.readUInt32LE(at);
    return table;
  });
}

/** Bytes of all tables. */
function tableBytes(index: TileIndex): number {
  return allLevels(index).reduce((sum, { lengths }) => sum + lengths.length * 4, 0);
}

/** Checks the header once, so that nothing behind it has to. */
function parseHeader(text: string): z.infer<typeof Header> {
  try {
    return Header.parse(JSON.parse(text));
  } catch (cause) {
    throw new ServiceError('damaged', 'the checksums are damaged: their header is not understood', { cause });
  }
}

function damaged(what: string): ServiceError {
  return new ServiceError(
    'damaged',
    `the checksums are damaged (${what}); the slide has to be checked again`,
  );
}
