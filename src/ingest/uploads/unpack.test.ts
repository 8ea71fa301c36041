import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../storage/byte-source.ts';
import { isArchive, openArchive } from './unpack.ts';

/** One file as it stands in an archive; what is named differs from what is true. */
interface Packed {
  readonly path: string;
  readonly bytes: Buffer;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
}

/** An archive by the letter of the format, with whatever is wrong with it. @see APPNOTE.TXT, 4.3 */
function archiveOf(...files: readonly Packed[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { path, bytes, method = 8, flags = 0, crc = crc32(bytes), size = bytes.length } of files) {
    const data = method === 8 ? deflateRawSync(bytes) : bytes;
    const name = Buffer.from(path);
    const common = Buffer.alloc(26);
    for (const [i, value] of [20, flags, method, 0, 0].entries()) common.writeUInt16LE(value, 2 * i);
    for (const [i, value] of [crc, data.length, size].entries()) common.writeUInt32LE(value, 10 + 4 * i);
    common.writeUInt16LE(name.length, 22);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, data);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, name);
    at += 4 + common.length + name.length + data.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  for (const offset of [8, 10]) end.writeUInt16LE(files.length, offset);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}

function sourceOf(bytes: Buffer, name = 'a.zip'): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

const limit = 100_000_000;
const open = (...files: readonly Packed[]) => openArchive(sourceOf(archiveOf(...files)), limit);
const one = { path: 'a/b.dcm', bytes: Buffer.from('first '.repeat(5000)) };
const two = { path: 'a/ü.dcm', bytes: Buffer.from('second'), method: 0, flags: 0x800 };

describe('openArchive', () => {
  it('gives the files, and their bytes one behind the other', async () => {
    const archive = await open(one, { path: 'a/', bytes: Buffer.alloc(0), method: 0 }, two);
    expect(archive.files).toEqual([
      { path: 'a/b.dcm', size: 30_000 },
      { path: 'a/ü.dcm', size: 6 },
    ]);
    expect((await buffer(archive.bytes())).equals(Buffer.concat([one.bytes, two.bytes]))).toBe(true);
  });

  it('passes over what systems leave in archives', async () => {
    const litter = ['__MACOSX/a/._b.dcm', 'a/.DS_Store', 'Thumbs.db'].map((path) => ({ ...two, path }));
    expect((await open(...litter, one)).files).toHaveLength(1);
  });

  it.each(['../a.svs', 'a/../../b', '/etc/a', 'C:/a', 'a\\b'])('refuses the name %s', async (path) => {
    await expect(open({ ...two, path })).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('refuses a bomb: more bytes than an archive of slides can hold', async () => {
    await expect(open({ path: 'a', bytes: Buffer.alloc(20_000_000) })).rejects.toMatchObject({
      kind: 'too-large',
    });
  });

  it('refuses files that would take more than the service accepts', async () => {
    const bytes = archiveOf({ ...two, bytes: Buffer.alloc(1000) });
    await expect(openArchive(sourceOf(bytes), 999)).rejects.toMatchObject({ kind: 'too-large' });
  });

  it('refuses too many files', async () => {
    const many = Array.from({ length: 2001 }, (_, i) => ({ ...two, path: `a/${i}` }));
    await expect(open(...many)).rejects.toMatchObject({ kind: 'too-large' });
  });

  it('refuses what is encrypted, what is compressed in an unknown way, and what holds nothing', async () => {
    await expect(open({ ...one, flags: 1 })).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(open({ ...two, method: 12 })).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(open()).rejects.toMatchObject({ kind: 'unsupported' });
  });

  it.each([
    ['a wrong checksum', { crc: 5 }],
    ['more bytes than it says', { size: 29_999 }],
    ['fewer bytes than it says', { size: 30_001 }],
  ])('says that a file with %s is damaged, and gives no wrong bytes to the end', async (_what, wrong) => {
    const archive = await open({ ...one, ...wrong });
    await expect(buffer(archive.bytes())).rejects.toMatchObject({ kind: 'damaged' });
  });

  it('says that an archive that was cut off is damaged', async () => {
    const whole = archiveOf(one, two);
    for (const length of [10, 100, whole.length - 1])
      await expect(openArchive(sourceOf(whole.subarray(0, length)), limit)).rejects.toMatchObject({
        kind: 'damaged',
      });
  });
});

describe('isArchive', () => {
  it.each([
    ['a.zip', archiveOf(one), true],
    ['A.ZIP', archiveOf(one), true],
    ['a.szi', archiveOf(one), false],
    ['a.zip', Buffer.alloc(100), false],
    ['a.zip', Buffer.from('PK'), false],
  ])('of %s', async (name, bytes, expected) => expect(await isArchive(sourceOf(bytes, name))).toBe(expected));
});
