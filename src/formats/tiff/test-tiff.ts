import { typeBytes } from './reader.ts';

/** A field of a synthetic directory: tag, field type, values (two per RATIONAL). */
export type TestField = readonly [code: number, type: number, ...values: number[]];

/** How a synthetic file is spelled. */
export interface TestTiffShape {
  readonly isBig: boolean;
  readonly isLittleEndian: boolean;
}

/**
 * Directories as they stand in a file, written independently of the service's own writer: any byte order, any
 * field types, wrong ones too.
 *
 * @param at where the bytes will stand in the file
 * @returns the bytes, and where in the file each directory begins
 */
export function testDirectories(
  shape: TestTiffShape,
  at: number,
  directories: readonly (readonly TestField[])[],
): { bytes: Buffer; starts: number[] } {
  const parts: Buffer[] = [];
  const starts: number[] = [];
  let end = at;
  for (const [i, fields] of directories.entries()) {
    starts.push(end);
    const isLast = i + 1 === directories.length;
    const bytes = testDirectory(shape, end, fields, isLast);
    parts.push(bytes);
    end += bytes.length;
  }
  return { bytes: Buffer.concat(parts), starts };
}

/** The first bytes of a file whose first directory stands at `first`. */
export function testHeader({ isBig, isLittleEndian }: TestTiffShape, first: number): Buffer {
  const put = numbers(isLittleEndian);
  const order = Buffer.from(isLittleEndian ? 'II' : 'MM');
  return isBig
    ? Buffer.concat([order, put(2, 43), put(2, 8), put(2, 0), put(8, first)])
    : Buffer.concat([order, put(2, 42), put(4, first)]);
}

/** A whole file: header, `body` directly behind it, directories at the end. */
export function testTiff(
  shape: TestTiffShape,
  directories: readonly (readonly TestField[])[],
  body: Uint8Array = Buffer.alloc(0),
): Buffer {
  const first = (shape.isBig ? 16 : 8) + body.length;
  return Buffer.concat([testHeader(shape, first), body, testDirectories(shape, first, directories).bytes]);
}

function numbers(isLittleEndian: boolean): (width: number, value: number) => Buffer {
  return (width, value) => {
    const bytes = Buffer.alloc(width);
    if (width === 8) bytes.writeBigUInt64LE(BigInt(value));
    else bytes.writeUIntLE(value, 0, width);
    return isLittleEndian ? bytes : Buffer.from(bytes.toReversed());
  };
}

function testDirectory(
  shape: TestTiffShape,
  at: number,
  fields: readonly TestField[],
  isLast: boolean,
): Buffer {
  const put = numbers(shape.isLittleEndian);
  const wide = shape.isBig ? 8 : 4;
  const head = shape.isBig ? 8 : 2;
  const length = head + fields.length * (4 + 2 * wide) + wide;
  const entries: Buffer[] = [];
  const overflow: Buffer[] = [];
  let next = at + length;
  for (const [code, type, ...values] of fields) {
    const width = type === 5 ? 4 : (typeBytes[type] ?? 1);
    const bytes = Buffer.concat(values.map((value) => put(width, value)));
    const count = type === 5 ? values.length / 2 : values.length;
    entries.push(put(2, code), put(2, type), put(wide, count));
    if (bytes.length <= wide) entries.push(bytes, Buffer.alloc(wide - bytes.length));
    else {
      entries.push(put(wide, next));
      overflow.push(bytes);
      next += bytes.length;
    }
  }
  return Buffer.concat([put(head, fields.length), ...entries, put(wide, isLast ? 0 : next), ...overflow]);
}

/** The tags of a one-sample 8-bit image; `segments` are pairs of offset and length. */
export function greyImage(
  width: number,
  height: number,
  tile: number,
  segments: readonly (readonly [offset: number, length: number])[],
  compression = 1,
): TestField[] {
  return [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 8],
    [259, 3, compression],
    [262, 3, 1],
    [277, 3, 1],
    [322, 3, tile],
    [323, 3, tile],
    [324, 16, ...segments.map(([offset]) => offset)],
    [325, 4, ...segments.map(([, length]) => length)],
  ];
}

/** A text as an ASCII field. */
export function asciiField(code: number, text: string): TestField {
  return [code, 2, ...Buffer.from(`${text}\0`, 'latin1')];
}
