import { crc32 } from 'node:zlib';
import { ServiceError } from '../core/errors.ts';
import { Header, type LevelHeader } from './tile-index-header.ts';
import { levelPlaces } from './focal-stack.ts';
import type { FocalStack, IndexedLevel, IndexedPlane, TileIndex } from './tile-index.ts';
import { VarintReader, VarintWriter } from './varints.ts';

/*
 * Layout, little-endian: magic (4), version (2), bytes of the header (4) · header, JSON · per level, first all
 * lengths as varints, then, for each tile that is stored, the signed distance of its offset from the end of the
 * tile before · CRC-32 of all that precedes it (4). Levels of other focal planes come last, so that an index without
 * any is what it was before there were focal stacks, and an earlier release refuses one that has some.
 *
 * Tiles mostly lie one after another, so a distance is mostly one byte. CRC-32, not a cryptographic hash: it finds
 * every change of up to 32 neighbouring bits for certain, takes a tenth of the time, and against somebody who may
 * write to the store neither would help.
 */
const magic = 'TPIX';
const version = 1;
const preambleBytes = 10;
const checksumBytes = 4;

/** A tile index as one object. Where no tile is stored (length 0), its offset is not kept. */
export function encodeIndex(index: TileIndex): Buffer {
  const { properties, objects, levels, made, focus, associated, icc } = index;
  const header = Buffer.from(
    JSON.stringify({
      properties,
      objects,
      levels: levels.map(levelHeader),
      made: made.map(levelHeader),
      ...(focus && { focus: { base: focus.base, others: focus.others.map(planeHeader) } }),
      associated,
      icc: icc?.toString('base64'),
    }),
  );
  const preamble = Buffer.alloc(preambleBytes);
  preamble.write(magic, 'latin1');
  preamble.writeUInt16LE(version, 4);
  preamble.writeUInt32LE(header.length, 6);
  const tables = levelPlaces(index).map(({ indexed }) => encodeTables(indexed));
  const body = Buffer.concat([preamble, header, ...tables]);
  const checksum = Buffer.alloc(checksumBytes);
  checksum.writeUInt32LE(crc32(body));
  return Buffer.concat([body, checksum]);
}

/**
 * The tile index in an object.
 *
 * Nothing is allocated beyond a small multiple of the object's own size.
 *
 * @throws {ServiceError} `damaged` when the bytes are not a whole index of this version
 */
export function decodeIndex(bytes: Buffer): TileIndex {
  const end = bytes.length - checksumBytes;
  if (end < preambleBytes || bytes.toString('latin1', 0, 4) !== magic)
    throw damaged(`${bytes.length} bytes that don't begin with ${magic}`);
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end))
    throw damaged('its checksum does not fit its bytes');
  const found = bytes.readUInt16LE(4);
  if (found !== version) throw damaged(`version ${found}, this service reads version ${version}`);
  const tablesAt = preambleBytes + bytes.readUInt32LE(6);
  if (tablesAt > end) throw damaged('its header ends beyond its end');
  const header = parseHeader(bytes.toString('utf8', preambleBytes, tablesAt));
  const tables = new VarintReader(bytes.subarray(tablesAt, end));
  const levels = header.levels.map((level) => decodeLevel(level, tables));
  const made = header.made.map((level) => decodeLevel(level, tables));
  const focus = header.focus && decodeFocus(header.focus, tables);
  if (tables.remaining > 0) throw damaged(`${tables.remaining} bytes too many`);
  const { properties, objects, associated, icc } = header;
  return { properties, objects, levels, made, ...(focus && { focus }), associated, ...(icc && { icc }) };
}

/** What is known about a level, without its tables. */
function levelHeader({ offsets: _offsets, lengths: _lengths, prefix, ...level }: IndexedLevel): object {
  return { ...level, prefix: prefix.toString('base64') };
}

/** What is known about a focal plane, without its tables. */
function planeHeader({ offset, levels, made }: IndexedPlane): object {
  return { offset, levels: levels.map(levelHeader), made: made.map(levelHeader) };
}

/** The other focal planes with their tables, which stand behind those of the base plane. */
function decodeFocus({ base, others }: NonNullable<Header['focus']>, tables: VarintReader): FocalStack {
  const planes = others.map(({ levels, made, ...plane }): IndexedPlane => {
    return {
      ...plane,
      levels: levels.map((level) => decodeLevel(level, tables)),
      made: made.map((level) => decodeLevel(level, tables)),
    };
  });
  return { base, others: planes };
}

/** Lengths, then distances between tiles. */
function encodeTables({ offsets, lengths, columns, rows }: IndexedLevel): Buffer {
  if (offsets.length !== columns * rows || lengths.length !== columns * rows)
    throw new Error(`${columns}×${rows} tiles, but ${offsets.length} offsets and ${lengths.length} lengths`);
  const out = new VarintWriter();
  for (const length of lengths) out.write(length);
  let end = 0;
  for (const [i, length] of lengths.entries()) {
    if (length === 0) continue;
    const offset = offsets[i] ?? 0;
    out.writeSigned(offset - end);
    end = offset + length;
  }
  return out.bytes();
}

/** A level with its tables, read from where the level before ended. */
function decodeLevel(level: LevelHeader, tables: VarintReader): IndexedLevel {
  const count = level.columns * level.rows;
  if (count > tables.remaining)
    throw damaged(`${count} tiles are said to stand in ${tables.remaining} bytes`);
  const lengths = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) lengths[i] = tables.read(0xffffffff);
  const offsets = new Float64Array(count);
  let end = 0;
  for (let i = 0; i < count; i += 1) {
    const length = lengths[i] ?? 0;
    if (length === 0) continue;
    const offset = end + tables.readSigned();
    if (offset < 0 || !Number.isSafeInteger(offset + length)) throw damaged(`a tile at byte ${offset}`);
    offsets[i] = offset;
    end = offset + length;
  }
  return { ...level, offsets, lengths };
}

/** Checks the header once, so that nothing behind it has to. */
function parseHeader(text: string): Header {
  try {
    return Header.parse(JSON.parse(text));
  } catch (cause) {
    throw new ServiceError('damaged', 'the tile index is damaged: its header is not understood', { cause });
  }
}

function damaged(what: string): ServiceError {
  return new ServiceError('damaged', `the tile index is damaged (${what}); import the slide again`);
}
