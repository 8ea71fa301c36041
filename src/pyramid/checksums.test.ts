import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  decodeChecksums,
  encodeChecksums,
  indexChecksum,
  maxChecksumsBytes,
  type Checksums,
} from './checksums.ts';
import { encodeIndex } from './tile-index-codec.ts';
import type { IndexedLevel, TileIndex } from './tile-index.ts';

/** A level of 3 × 2 tiles of 256 px, the last column and row half used. */
const level: IndexedLevel = {
  size: { width: 640, height: 384 },
  tileSize: { width: 256, height: 256 },
  columns: 3,
  rows: 2,
  downsample: 1,
  object: 0,
  prefix: Buffer.from([0xff, 0xd8]),
  origin: 'scanner',
  offsets: Float64Array.of(10, 20, 30, 40, 50, 60),
  lengths: Uint32Array.of(10, 10, 10, 10, 10, 10),
};
const index: TileIndex = {
  properties: {
    format: 'generic-tiff',
    vendor: 'generic',
    size: level.size,
    background: [255, 255, 255],
  },
  objects: [{ name: 'original/0', size: 100 }],
  levels: [level],
  made: [{ ...level, downsample: 2 }],
  associated: [],
};
const indexCrc = indexChecksum(encodeIndex(index));
const checksums: Checksums = {
  report: {
    verifiedAt: '2026-11-23T10:00:00.000Z',
    checked: 12,
    damagedTotal: 1,
    damaged: [{ level: 1, column: 2, row: 1, reason: 'truncated' }],
  },
  tables: [Uint32Array.of(1, 2, 3, 4, 5, 0xffffffff), Uint32Array.of(6, 5, 4, 3, 2, 0)],
};
const encoded = encodeChecksums(checksums, indexCrc);

/** An object whose own checksum fits again after a change. */
function sealed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(encoded);
  change(bytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

describe('decodeChecksums', () => {
  it('gives back what was encoded, in 4 bytes a tile beside the report', () => {
    expect(decodeChecksums(encoded, index, indexCrc)).toEqual(checksums);
    expect(encoded.length).toBe(10 + encoded.readUInt32LE(6) + 12 * 4 + 4);
    expect(encoded.length).toBeLessThan(maxChecksumsBytes(index));
  });

  it('finds every byte that is another', () => {
    for (let at = 0; at < encoded.length; at += 1) {
      const bytes = Buffer.from(encoded);
      bytes[at] = bytes[at]! ^ 0x10;
      expect(() => decodeChecksums(bytes, index, indexCrc), `byte ${at}`).toThrow(/checksums are damaged/);
    }
  });

  it('refuses every beginning of them', () => {
    for (let length = 0; length < encoded.length; length += 1)
      expect(() => decodeChecksums(encoded.subarray(0, length), index, indexCrc)).toThrow(/damaged/);
  });

  it('refuses those of another index', () => {
    expect(() => decodeChecksums(encoded, index, indexCrc ^ 1)).toThrow(/another index/);
    expect(() => decodeChecksums(encoded, { ...index, made: [] }, indexCrc)).toThrow(/as long as/);
  });

  it.each([
    ['another version', (bytes: Buffer) => bytes.writeUInt16LE(2, 4), /version 2/],
    ['a header beyond the end', (bytes: Buffer) => bytes.writeUInt32LE(0xffffffff, 6), /as long as/],
    ['a header that is none', (bytes: Buffer) => bytes.fill(0x20, 10, 20), /header is not understood/],
    [
      'a tile outside its level',
      (bytes: Buffer) => bytes.write('"column":3', bytes.indexOf('"column":2'), 'latin1'),
      /no tile 3_1 in level 1/,
    ],
  ])('refuses %s though the checksum fits', (_what, change, message) => {
    const bytes = sealed(change);
    expect(() => decodeChecksums(bytes, index, indexCrc)).toThrow(message);
  });
});

describe('indexChecksum', () => {
  it('tells two indexes apart', () => {
    expect(indexChecksum(encodeIndex({ ...index, made: [] }))).not.toBe(indexCrc);
  });
});
