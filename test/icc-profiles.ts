/** Writes ICC profiles for tests: small, of every kind that scanners write. */

type Rgb = readonly [number, number, number];

const fixed = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(Math.round(value * 65_536));
  return bytes;
};
const u16 = (...values: readonly number[]) => {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16BE(Math.round(Math.min(65_535, Math.max(0, value))), 2 * i));
  return bytes;
};
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const type = (name: string) => Buffer.concat([Buffer.from(name.padEnd(4)), u32(0)]);
const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

/** What a profile is written of. */
export interface ProfileParts {
  readonly space: 'XYZ' | 'Lab';
  /** 2 or 4. */
  readonly version: number;
  readonly tags: Readonly<Record<string, Buffer>>;
}

/** A scanner's profile. */
export function iccProfile({ space, version, tags }: ProfileParts): Buffer {
  const all = {
    desc: description(version),
    cprt: description(version),
    wtpt: xyz([0.9642, 1, 0.8249]),
    ...tags,
  };
  const entries = Object.entries(all);
  let offset = 132 + 12 * entries.length;
  const table = entries.map(([name, bytes]) => {
    const entry = Buffer.concat([Buffer.from(name), u32(offset), u32(bytes.length)]);
    offset += padded(bytes).length;
    return entry;
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(offset, 0);
  header.writeUInt32BE(version << 24, 8);
  header.write(`scnrRGB ${space.padEnd(4)}`, 12, 'latin1');
  header.writeUInt16BE(2026, 24);
  header.writeUInt16BE(1, 26);
  header.writeUInt16BE(1, 28);
  header.write('acsp', 36, 'latin1');
  Buffer.concat([fixed(0.9642), fixed(1), fixed(0.8249)]).copy(header, 68);
  const bodies = entries.map(([, bytes]) => padded(bytes));
  return Buffer.concat([header, u32(entries.length), ...table, ...bodies]);
}

function description(version: number): Buffer {
  if (version >= 4) {
    const text = Buffer.from('test', 'utf16le').swap16();
    return Buffer.concat([
      type('mluc'),
      u32(1),
      u32(12),
      Buffer.from('enUS'),
      u32(text.length),
      u32(28),
      text,
    ]);
  }
  return Buffer.concat([type('desc'), u32(5), Buffer.from('test\0'), Buffer.alloc(78)]);
}

/** A colour. */
export function xyz(values: Rgb): Buffer {
  return Buffer.concat([type('XYZ '), ...values.map(fixed)]);
}

/** A sampled curve; one number: a gamma; none: straight. */
export function sampled(...samples: readonly number[]): Buffer {
  const values = samples.length === 1 ? [(samples[0] ?? 1) * 256] : samples.map((value) => value * 65_535);
  return Buffer.concat([type('curv'), u32(samples.length), u16(...values)]);
}

/** A curve by one of the formulas 0 to 4. */
export function formula(kind: number, ...numbers: readonly number[]): Buffer {
  return Buffer.concat([type('para'), u16(kind, 0), ...numbers.map(fixed)]);
}

/** A table: what stands in its cube for each red, green and blue, and its curves, the same for each channel. */
export interface TableParts {
  readonly edge: number;
  /** 0–1, as the profile's space encodes colours. */
  readonly colourOf: (rgb: Rgb) => Rgb;
  readonly before: (x: number) => number;
  readonly after: (x: number) => number;
}

function cubeOf({ edge, colourOf }: TableParts): number[] {
  const steps = Array.from({ length: edge }, (_, i) => i / (edge - 1));
  return steps.flatMap((r) => steps.flatMap((g) => steps.flatMap((b) => [...colourOf([r, g, b])])));
}

const curve = (entries: number, of: (x: number) => number) =>
  Array.from({ length: entries }, (_, i) => of(i / (entries - 1)));
const thrice = (values: readonly number[]) => [...values, ...values, ...values];
const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1].map(fixed);

const bytes = (values: readonly number[]) =>
  Buffer.from(values.map((value) => Math.round(Math.min(1, Math.max(0, value)) * 255)));

/** A table of type `mft1`, 8 bits. */
export function narrowTable(parts: TableParts): Buffer {
  const { edge, before, after } = parts;
  const [from, to] = [bytes(thrice(curve(256, before))), bytes(thrice(curve(256, after)))];
  return Buffer.concat([
    type('mft1'),
    Buffer.from([3, 3, edge, 0]),
    ...identity,
    from,
    bytes(cubeOf(parts)),
    to,
  ]);
}

/** A table of type `mft2`, 16 bits. */
export function wideTable(parts: TableParts, entries: number): Buffer {
  const { edge, before, after } = parts;
  const words = (values: readonly number[]) => u16(...values.map((value) => value * 65_535));
  const curves = [words(thrice(curve(entries, before))), words(thrice(curve(entries, after)))] as const;
  const head = [type('mft2'), Buffer.from([3, 3, edge, 0]), ...identity, u16(entries, entries)];
  return Buffer.concat([...head, curves[0], words(cubeOf(parts)), curves[1]]);
}

/** A table of type `mAB `, with all five of its steps; numbers of `width` bytes in its cube. */
export function steppedTable(
  parts: TableParts & { readonly middle: Buffer; readonly matrix: readonly number[] },
  width: 1 | 2,
): Buffer {
  const { edge, before, after, middle } = parts;
  const three = (one: Buffer) => Buffer.concat([padded(one), padded(one), padded(one)]);
  const numbers = cubeOf(parts);
  const grid = Buffer.alloc(20);
  grid.fill(edge, 0, 3);
  grid[16] = width;
  const narrow = Buffer.from(numbers.map((value) => Math.round(value * 255)));
  const cube = Buffer.concat([grid, width === 1 ? narrow : u16(...numbers.map((value) => value * 65_535))]);
  const b = three(sampled(...curve(64, after)));
  const matrix = Buffer.concat(parts.matrix.map(fixed));
  const bodies = [b, matrix, three(middle), padded(cube), three(sampled(...curve(256, before)))];
  let offset = 32;
  const offsets = bodies.map((body) => {
    const at = u32(offset);
    offset += body.length;
    return at;
  });
  return Buffer.concat([type('mAB '), Buffer.from([3, 3, 0, 0]), ...offsets, ...bodies]);
}
