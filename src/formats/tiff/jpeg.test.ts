import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cpuMs } from '../test-source.ts';
import { jpegPrefixOf, jpegSize, readJpegHeader, standaloneJpeg, tablesIn } from './jpeg.ts';

const canvas = { width: 40, height: 30, channels: 3, background: '#c06' } as const;
const baseline = await sharp({ create: canvas }).jpeg().toBuffer();
const progressive = await sharp({ create: canvas })
  .jpeg({ progressive: true, chromaSubsampling: '4:4:4' })
  .toBuffer();
const grey = await sharp({ create: canvas }).toColourspace('b-w').jpeg().toBuffer();
const withProfile = await sharp({ create: canvas }).withIccProfile('p3').jpeg().toBuffer();

/** A frame header of a 2 × 1 px picture of one component, laid out by hand after ITU T.81, B.2.2. */
const frame = (code: number, precision = 8): number[] => [
  0xff,
  code,
  0,
  11,
  precision,
  0,
  1,
  0,
  2,
  1,
  1,
  0x11,
  0,
];
const soi = [0xff, 0xd8];

describe('jpegSize', () => {
  it('gives 40 × 30 px, with a profile before the frame header too', () => {
    expect(jpegSize(baseline)).toEqual({ width: 40, height: 30 });
    expect(jpegSize(withProfile)).toEqual({ width: 40, height: 30 });
  });

  it('passes fill bytes and restart markers', () => {
    expect(jpegSize(Buffer.from([...soi, 0xff, 0xff, 0xff, ...frame(0xc0).slice(1)]))).toEqual({
      width: 2,
      height: 1,
    });
  });

  it('takes under 20 µs', async () => {
    const total = await cpuMs(() => {
      for (let i = 0; i < 10_000; i++) jpegSize(baseline);
    });
    expect(total / 10_000).toBeLessThan(0.02);
  });

  it.each([
    ['nothing', []],
    ['a PNG', [0x89, 0x50]],
    ['no frame header', [...soi, 0xff, 0xd9]],
    ['a scan without frame header', [...soi, 0xff, 0xda, 0, 2]],
    ['a frame header cut short', [...soi, ...frame(0xc0).slice(0, 6)]],
    ['a segment of length 0', [...soi, 0xff, 0xe0, 0, 0]],
    ['bytes that are no marker', [...soi, 0x12, 0x34]],
    ['a segment that reaches beyond the end', [...soi, 0xff, 0xe0, 0xff, 0xff]],
  ])('refuses %s as damaged', (_, bytes) => {
    expect(() => jpegSize(Buffer.from(bytes))).toThrow(expect.objectContaining({ kind: 'damaged' }));
  });
});

describe('readJpegHeader', () => {
  it('tells baseline from progressive, and how colours are sampled', () => {
    expect(readJpegHeader(baseline)).toMatchObject({
      frame: 0xc0,
      precision: 8,
      hasTables: { quantization: true, huffman: true },
      hasJfif: false,
      components: [
        { id: 1, horizontal: 2, vertical: 2 },
        { id: 2, horizontal: 1, vertical: 1 },
        { id: 3, horizontal: 1, vertical: 1 },
      ],
    });
    expect(readJpegHeader(progressive)).toMatchObject({
      frame: 0xc2,
      components: [{ horizontal: 1 }, {}, {}],
    });
    expect(readJpegHeader(grey).components).toHaveLength(1);
    expect(readJpegHeader(baseline).adobeTransform).toBeUndefined();
  });

  it('finds a JFIF marker', () => {
    const jfif = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex');
    expect(readJpegHeader(Buffer.concat([jfif, Buffer.from(frame(0xc0))])).hasJfif).toBe(true);
  });

  it('finds the transform of an Adobe marker', () => {
    const header = readJpegHeader(Buffer.concat([jpegPrefixOf(undefined, 0), Buffer.from(frame(0xc0))]));
    expect(header.adobeTransform).toBe(0);
  });

  it('names other kinds: lossless, arithmetic, 12 bits', () => {
    expect(readJpegHeader(Buffer.from([...soi, ...frame(0xc3)])).frame).toBe(0xc3);
    expect(readJpegHeader(Buffer.from([...soi, ...frame(0xc9)])).frame).toBe(0xc9);
    expect(readJpegHeader(Buffer.from([...soi, ...frame(0xc1, 12)])).precision).toBe(12);
  });

  it('refuses two frame headers', () => {
    const two = Buffer.from([...soi, ...frame(0xc0), ...frame(0xc0)]);
    expect(() => readJpegHeader(two)).toThrow(expect.objectContaining({ kind: 'damaged' }));
  });
});

describe('jpegPrefixOf', () => {
  const dqt = [0xff, 0xdb, 0, 4, 1, 2];
  const dht = [0xff, 0xc4, 0, 3, 9];

  it('is SOI alone where tiles hold their own tables', () => {
    expect([...jpegPrefixOf(undefined)]).toEqual(soi);
  });

  it('holds the tables without SOI, EOI and application markers', () => {
    const tables = Buffer.from([...soi, 0xff, 0xe0, 0, 3, 7, ...dqt, ...dht, 0xff, 0xd9]);
    expect([...jpegPrefixOf(tables)]).toEqual([...soi, ...dqt, ...dht]);
  });

  it('puts an Adobe marker in front: FF EE 00 0E "Adobe" 00 64 80 00 00 00, then the transform', () => {
    const expected = 'ffd8ffee000e41646f6265006480000000';
    expect(jpegPrefixOf(undefined, 0).toString('hex')).toBe(`${expected}00`);
    expect(jpegPrefixOf(undefined, 1).toString('hex')).toBe(`${expected}01`);
  });

  it('says which tables it holds', () => {
    expect(tablesIn(jpegPrefixOf(Buffer.from([...soi, ...dqt, 0xff, 0xd9])))).toEqual({
      quantization: true,
      huffman: false,
    });
  });

  it('refuses tables cut short', () => {
    expect(() => jpegPrefixOf(Buffer.from([...soi, 0xff, 0xdb, 0, 67, 1]))).toThrow(
      expect.objectContaining({ kind: 'damaged' }),
    );
  });
});

describe('standaloneJpeg', () => {
  it('puts the prefix where the tile has its SOI', () => {
    expect([...standaloneJpeg(Buffer.from([...soi, 1]), Buffer.from([...soi, 2, 3]))]).toEqual([
      ...soi,
      1,
      2,
      3,
    ]);
  });
});
