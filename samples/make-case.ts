import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeSample, sampleLayouts } from './make-sample.ts';

const Count = z.int().min(0);
/** Place of a field: directory by its place in the chain, code of the field, entry among its values. */
const Field = { ifd: Count, tag: Count.max(65_535) };

/** One change of a file; changes are made in order, offsets are those of the file as it is then. */
const Change = z.discriminatedUnion('do', [
  /** Ends the file after `at` bytes, or before its last `end` bytes. */
  z.strictObject({ do: z.literal('truncate'), at: Count.optional(), end: Count.optional() }),
  /** Overwrites bytes. */
  z.strictObject({ do: z.literal('bytes'), at: Count, hex: z.hex() }),
  /** Sets one value of a field. */
  z.strictObject({ do: z.literal('value'), ...Field, index: Count.default(0), value: Count }),
  /** Sets how many values a field has. */
  z.strictObject({ do: z.literal('count'), ...Field, count: Count }),
  /** Lets a directory be followed by another. */
  z.strictObject({ do: z.literal('next'), ifd: Count, to: Count }),
  /** Lets a directory be followed by whatever lies at an offset. */
  z.strictObject({ do: z.literal('next-offset'), ifd: Count, offset: Count }),
  /** Replaces a text field from its first byte; the rest is filled with spaces. It must fit. */
  z.strictObject({ do: z.literal('text'), ...Field, text: z.string() }),
  /** Renames a field, so that it is missing and another appears. */
  z.strictObject({ do: z.literal('rename'), ...Field, to: Count.max(65_535) }),
]);

/** A damaged slide: what it is made from, what is done to it, and how it must be refused. */
export const DamagedCase = z.strictObject({
  /** Why someone would meet such a file. */
  about: z.string(),
  base: z.union([
    z.strictObject({ slide: z.string() }),
    z.strictObject({
      layout: z.enum(sampleLayouts),
      width: Count,
      height: Count,
      seed: z.int(),
    }),
  ]),
  change: z.array(Change).min(1),
  expected: z.strictObject({
    kind: z.enum(['damaged', 'unsupported', 'too-large']),
    /** Regular expression that the message must match. */
    message: z.string(),
  }),
});
/** See the schema of the same name. */
export type DamagedCase = z.infer<typeof DamagedCase>;

/** Reads a `case.json`. @throws {z.ZodError} where it does not say what it must */
export async function readCase(path: string): Promise<DamagedCase> {
  return DamagedCase.parse(JSON.parse(await readFile(path, 'utf8')));
}

/**
 * Makes the damaged file of a case.
 *
 * @param slides folder of the test slides that cases name
 * @param out path of the file to make
 */
export async function makeCase(damaged: DamagedCase, slides: string, out: string): Promise<void> {
  const { base } = damaged;
  if ('layout' in base) await makeSample({ ...base, out });
  let bytes: Buffer = await readFile('layout' in base ? out : join(slides, base.slide));
  for (const change of damaged.change) bytes = applied(bytes, change);
  await writeFile(out, bytes);
}

/** Where the directories of a classic little-endian TIFF lie, as far as their chain is whole. */
function directoriesOf(tiff: Buffer): number[] {
  if (tiff.toString('latin1', 0, 4) !== 'II*\0')
    throw new Error('cases are made from classic little-endian TIFF');
  const found: number[] = [];
  for (
    let at = tiff.readUInt32LE(4);
    at !== 0 && !found.includes(at);
    at = tiff.readUInt32LE(linkOf(tiff, at))
  )
    found.push(at);
  return found;
}

/** Where a directory says what follows it. */
const linkOf = (tiff: Buffer, at: number): number => at + 2 + tiff.readUInt16LE(at) * 12;

/** The offset of a directory. */
function directoryAt(tiff: Buffer, ifd: number): number {
  const at = directoriesOf(tiff)[ifd];
  if (at === undefined) throw new Error(`no IFD ${ifd}`);
  return at;
}

/** Bytes of one value of the field types that cases change. */
const widths: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1 };

/** Where a field's entry lies, where its values do, and how wide they are. */
function fieldAt(
  tiff: Buffer,
  ifd: number,
  tag: number,
): { entry: number; values: number; width: number; count: number } {
  const at = directoryAt(tiff, ifd);
  for (let entry = at + 2; entry < linkOf(tiff, at); entry += 12) {
    if (tiff.readUInt16LE(entry) !== tag) continue;
    const width = widths[tiff.readUInt16LE(entry + 2)];
    if (width === undefined) throw new Error(`IFD ${ifd}: field ${tag} is of a type that cases don't change`);
    const count = tiff.readUInt32LE(entry + 4);
    const values = width * count <= 4 ? entry + 8 : tiff.readUInt32LE(entry + 8);
    return { entry, values, width, count };
  }
  throw new Error(`IFD ${ifd} has no field ${tag}`);
}

/** A file after one change. */
function applied(bytes: Buffer, change: z.infer<typeof Change>): Buffer {
  switch (change.do) {
    case 'truncate':
      return bytes.subarray(0, change.at ?? bytes.length - (change.end ?? 0));
    case 'bytes':
      bytes.set(Buffer.from(change.hex, 'hex'), change.at);
      return bytes;
    case 'next':
      bytes.writeUInt32LE(directoryAt(bytes, change.to), linkOf(bytes, directoryAt(bytes, change.ifd)));
      return bytes;
    case 'next-offset':
      bytes.writeUInt32LE(change.offset, linkOf(bytes, directoryAt(bytes, change.ifd)));
      return bytes;
    default:
      return changedField(bytes, change);
  }
}

/** A file after a change of one field. */
function changedField(
  bytes: Buffer,
  change: Extract<z.infer<typeof Change>, { readonly tag: number }>,
): Buffer {
  const field = fieldAt(bytes, change.ifd, change.tag);
  switch (change.do) {
    case 'value':
      bytes.writeUIntLE(change.value, field.values + change.index * field.width, field.width);
      return bytes;
    case 'count':
      bytes.writeUInt32LE(change.count, field.entry + 4);
      return bytes;
    case 'rename':
      bytes.writeUInt16LE(change.to, field.entry);
      return bytes;
    default: {
      const text = Buffer.from(change.text, 'utf8');
      if (text.length >= field.count)
        throw new Error(`the text needs ${text.length} bytes, the field has ${field.count}`);
      bytes.fill(0x20, field.values, field.values + field.count - 1).set(text, field.values);
      return bytes;
    }
  }
}
