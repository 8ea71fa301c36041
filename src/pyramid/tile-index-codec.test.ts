import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../core/errors.ts';
import { decodeIndex, encodeIndex } from './tile-index-codec.ts';
import type { IndexedLevel, TileIndex } from './tile-index.ts';

const tiles = fc.array(
  fc.oneof(
    fc.constant({ offset: 0, length: 0 }),
    fc.record({ offset: fc.nat({ max: 2 ** 48 }), length: fc.integer({ min: 1, max: 2 ** 32 - 1 }) }),
  ),
  { minLength: 1, maxLength: 40 },
);

/** Levels whose width is all that varies: a row of tiles, 256 px each. */
const levels = fc.array(
  fc.record({
    tiles,
    downsample: fc.constantFrom(1, 2, 4, 4.0003, 16, 32),
    object: fc.nat({ max: 1 }),
    prefix: fc.uint8Array({ maxLength: 50 }),
    origin: fc.constantFrom('scanner' as const, 'converted' as const),
  }),
  { maxLength: 5 },
);

type Drawn = (typeof levels extends fc.Arbitrary<infer T> ? T : never)[number];

function levelOf({ tiles: row, prefix, ...rest }: Drawn): IndexedLevel {
  return {
    ...rest,
    size: { width: row.length * 256, height: 200 },
    tileSize: { width: 256, height: 256 },
    columns: row.length,
    rows: 1,
    prefix: Buffer.from(prefix),
    offsets: Float64Array.from(row, ({ offset }) => offset),
    lengths: Uint32Array.from(row, ({ length }) => length),
  };
}

const properties: TileIndex['properties'] = {
  format: 'aperio-svs',
  vendor: 'Aperio',
  size: { width: 46_000, height: 32_893 },
  mpp: { x: 0.499, y: 0.4991 },
  objectivePower: 20,
  background: [255, 254, 253],
};

const objects = [
  { name: 'original/0', size: 2 ** 40 },
  { name: 'pyramid.tif', size: 12 },
];

const label: TileIndex['associated'][number] = {
  name: 'label',
  size: { width: 387, height: 463 },
  source: {
    kind: 'tiff',
    recipe: {
      size: { width: 387, height: 463 },
      isTiled: false,
      segmentSize: { width: 387, height: 463 },
      planes: 1,
      fields: [{ code: 259, type: 3, values: [5] }],
      offsets: [8_000_000_000],
      lengths: [3000],
    },
  },
};

/** An index with every optional part. */
function fullIndex(): TileIndex {
  const row = [
    { offset: 1000, length: 20_000 },
    { offset: 0, length: 0 },
    { offset: 21_000, length: 100 },
    { offset: 5, length: 1 },
  ];
  const level = levelOf({
    tiles: row,
    downsample: 1,
    object: 0,
    prefix: Uint8Array.of(255, 216),
    origin: 'scanner',
  });
  const made = { ...level, downsample: 2, object: 1, origin: 'converted' as const };
  const macro = { ...label, name: 'macro', source: { kind: 'base64', offset: 17, length: 4 } } as const;
  const icc = Buffer.from('a profile');
  const plane = { levels: [{ ...level, object: 1 }], made: [made] };
  const focus = { base: 1, others: [{ ...plane, offset: -1.5 }, plane] };
  return { properties, objects, levels: [level], made: [made], focus, associated: [label, macro], icc };
}

/** What of a header the tests change. */
interface ForgedHeader {
  readonly properties: object;
  readonly levels: readonly object[];
  readonly focus: { base: number; others: { levels: readonly object[] }[] };
}

/** The same bytes with another header or tables, and a checksum that fits them. */
function forged(change: (header: ForgedHeader) => void, tables?: Buffer): Buffer {
  const bytes = encodeIndex(fullIndex());
  const headerEnd = 10 + bytes.readUInt32LE(6);
  const header: ForgedHeader = JSON.parse(bytes.toString('utf8', 10, headerEnd));
  change(header);
  const text = Buffer.from(JSON.stringify(header));
  const preamble = Buffer.from(bytes.subarray(0, 10));
  preamble.writeUInt32LE(text.length, 6);
  return resealed(Buffer.concat([preamble, text, tables ?? bytes.subarray(headerEnd, -4), Buffer.alloc(4)]));
}

function resealed(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

function failure(bytes: Buffer): ServiceError {
  try {
    decodeIndex(bytes);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error('decoded without an error');
}

describe('encodeIndex and decodeIndex', () => {
  it('give back any index', () => {
    const index = fc.record({ drawn: levels, made: levels, icc: fc.uint8Array({ maxLength: 99 }) });
    fc.assert(
      fc.property(index, ({ drawn, made, icc }) => {
        const before: TileIndex = {
          properties,
          objects,
          levels: drawn.map(levelOf),
          made: made.map(levelOf),
          associated: [label],
          icc: Buffer.from(icc),
        };
        expect(decodeIndex(encodeIndex(before))).toEqual(before);
      }),
    );
  });

  it('give back an index with every optional part, and one with none', () => {
    expect(decodeIndex(encodeIndex(fullIndex()))).toEqual(fullIndex());
    const { format, vendor, size, background } = properties;
    const bare = {
      properties: { format, vendor, size, background },
      objects,
      levels: [],
      made: [],
      associated: [],
    };
    expect(decodeIndex(encodeIndex(bare))).toStrictEqual(bare);
  });

  it('keep 200,000 tiles in 1.5 MB', () => {
    const [columns, rows] = [500, 400];
    const offsets = new Float64Array(columns * rows);
    const lengths = new Uint32Array(columns * rows);
    let at = 5_000_000_000;
    for (let i = 0; i < offsets.length; i += 1) {
      lengths[i] = 2000 + ((i * 7919) % 38_000);
      offsets[i] = at;
      at += (lengths[i] ?? 0) + 16;
    }
    const size = { width: 128_000, height: 102_400 };
    const [level] = fullIndex().levels;
    const large = { ...level!, size, columns, rows, offsets, lengths }; // fullIndex has a level
    const { focus: _focus, ...full } = fullIndex();
    const index = { ...full, levels: [large] };
    const bytes = encodeIndex(index);
    expect(bytes.length).toBeLessThan(1_500_000);
    const read = decodeIndex(bytes).levels[0];
    expect(read?.offsets).toEqual(offsets);
    expect(read?.lengths).toEqual(lengths);
  });
});

describe('decodeIndex', () => {
  it('finds every changed byte, whatever it was changed to', () => {
    const good = encodeIndex(fullIndex());
    for (let at = 0; at < good.length; at += 1) {
      for (const mask of [1, 0x10, 0x80, 0xff]) {
        const bytes = Buffer.from(good);
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        expect(failure(bytes).kind, `byte ${at} ^ ${mask}`).toBe('damaged');
      }
    }
  });

  it('finds every cut', () => {
    const good = encodeIndex(fullIndex());
    for (let length = 0; length < good.length; length += 1)
      expect(failure(good.subarray(0, length)).kind, `${length} bytes`).toBe('damaged');
  });

  it('names the version it cannot read', () => {
    const bytes = encodeIndex(fullIndex());
    bytes.writeUInt16LE(2, 4);
    expect(failure(resealed(bytes))).toMatchObject({ kind: 'damaged', message: /version 2, .* version 1/ });
  });

  it.each([
    ['more tiles than bytes', { columns: 4_000_000_000, rows: 4_000_000_000 }],
    ['one tile too many', { columns: 40 }],
    ['a fraction of a column', { columns: 1.5 }],
    ['no columns', { columns: 0 }],
    ['a grid that is smaller than the level', { size: { width: 1025, height: 200 } }],
    ['an object that is not listed', { object: 2 }],
    ['a downsample that enlarges', { downsample: 0.5 }],
    ['a prefix that is not base64', { prefix: '*' }],
  ])('refuses %s', (_what, change) => {
    const bytes = forged((header) => Object.assign(header.levels[0] ?? {}, change));
    expect(failure(bytes).kind).toBe('damaged');
  });

  it.each<[string, (header: ForgedHeader) => void]>([
    ['a base that is no plane', ({ focus }) => (focus.base = 3)],
    ['a plane that lacks a level', ({ focus }) => (focus.others[0]!.levels = [])],
    [
      'a plane of another size',
      ({ focus }) => Object.assign(focus.others[1]!.levels[0]!, { size: { width: 1020, height: 200 } }),
    ],
    [
      'a plane in an object that is not listed',
      ({ focus }) => Object.assign(focus.others[1]!.levels[0]!, { object: 2 }),
    ],
    [
      'more planes than are read',
      ({ focus }) => (focus.others = Array.from({ length: 100 }, () => focus.others[0]!)),
    ],
  ])('refuses %s', (_what, change) => {
    expect(failure(forged(change)).message).toMatch(/header/);
  });

  it('refuses a property that is not on the allow-list', () => {
    const bytes = forged((header) => Object.assign(header.properties, { patient: 'Doe' }));
    expect(failure(bytes).kind).toBe('damaged');
  });

  it.each([
    ['bytes after the tables', Buffer.from([...Array(24).fill(0), 0])],
    ['a length over 32 bits', Buffer.from([0x80, 0x80, 0x80, 0x80, 0x10, ...Array(8).fill(0)])],
    ['a number without an end', Buffer.alloc(20, 0xff)],
    ['an offset below 0', Buffer.from([1, 0, 0, 0, 1, 0, 0, 0, 0])],
    ['an offset over 2^53', Buffer.from([1, 0, 0, 0, ...Array(7).fill(0xff), 0x1f, 0, 0, 0, 0])],
  ])('refuses %s', (_what, tables) => {
    expect(failure(forged(() => {}, tables)).kind).toBe('damaged');
  });

  it('takes the tables those are made from', () => {
    const empty = decodeIndex(forged(() => {}, Buffer.alloc(24)));
    expect(empty.levels[0]?.lengths).toEqual(new Uint32Array(4));
  });
});
