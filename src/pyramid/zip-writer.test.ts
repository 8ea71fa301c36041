import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipWriter } from './zip-writer.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-zip-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const hole = Buffer.alloc(2 ** 20);

/** Writes a stream to a file, with holes where it is all zeros, so that gigabytes take no room. */
async function writeSparse(output: AsyncIterable<Buffer>, path: string): Promise<void> {
  await using file = await open(path, 'w');
  let at = 0;
  for await (const chunk of output) {
    for (let from = 0; from < chunk.length; from += hole.length) {
      const piece = chunk.subarray(from, from + hole.length);
      if (!piece.equals(hole.subarray(0, piece.length))) await file.write(piece, 0, piece.length, at + from);
    }
    at += chunk.length;
  }
  await file.truncate(at);
}

async function python(script: string, ...args: string[]): Promise<string> {
  return (await run('python3', ['-c', `import sys, zipfile\n${script}`, ...args])).stdout.trim();
}

describe('ZipWriter', () => {
  it('writes what unzip and Python read, stored, with time and mode', async () => {
    const path = join(folder, 'small.zip');
    const zip = new ZipWriter(new Date('2026-11-23T13:14:15Z'));
    const written = writeSparse(zip.output, path);
    await zip.add('a/b.txt', Buffer.from('hello'), never);
    await zip.add('a/empty', Buffer.alloc(0), never);
    zip.end();
    await written;
    expect((await run('unzip', ['-t', path])).stdout).toContain('No errors detected');
    const script = `
z = zipfile.ZipFile(sys.argv[1])
for i in z.infolist(): print(i.filename, i.date_time, i.compress_type, oct(i.external_attr >> 16), z.read(i))`;
    expect(await python(script, path)).toBe(
      "a/b.txt (2026, 11, 23, 13, 14, 14) 0 0o100644 b'hello'\na/empty (2026, 11, 23, 13, 14, 14) 0 0o100644 b''",
    );
  });

  it('writes a zip of nothing', async () => {
    const path = join(folder, 'empty.zip');
    const zip = new ZipWriter();
    zip.end();
    await writeSparse(zip.output, path);
    expect(await python('print(zipfile.ZipFile(sys.argv[1]).namelist())', path)).toBe('[]');
  });

  it('writes entries beyond 4 GiB', async () => {
    const path = join(folder, 'large.zip');
    const zip = new ZipWriter();
    const written = writeSparse(zip.output, path);
    const zeros = Buffer.alloc(2 ** 28);
    for (let i = 0; i < 17; i += 1) await zip.add(`zeros/${i}`, zeros, never);
    await zip.add('last.txt', Buffer.from('far away'), never);
    zip.end();
    await written;
    const script = `
z = zipfile.ZipFile(sys.argv[1])
print(len(z.namelist()), z.getinfo('last.txt').header_offset > 2**32, z.read('last.txt').decode())`;
    expect(await python(script, path)).toBe('18 True far away');
    expect((await run('unzip', ['-p', path, 'last.txt'])).stdout).toBe('far away');
  });

  it('writes what comes as a stream, of less and of more than 4 GiB', async () => {
    const path = join(folder, 'streamed.zip');
    const zip = new ZipWriter(new Date('2026-11-23T13:14:15Z'));
    const written = writeSparse(zip.output, path);
    const zeros = Buffer.alloc(2 ** 28);
    const parts = async function* (count: number) {
      for (let i = 0; i < count; i += 1) yield i === 0 ? Buffer.from(zeros).fill('x', 0, 5) : zeros;
    };
    await zip.addStream('small.bin', 2 ** 28, parts(1), never);
    await zip.addStream('large.bin', 17 * 2 ** 28, parts(17), never);
    await zip.add('last.txt', Buffer.from('far away'), never);
    zip.end();
    await written;
    const script = `
z = zipfile.ZipFile(sys.argv[1])
print([(i.filename, i.file_size, z.open(i).read(6)) for i in z.infolist()], z.open('small.bin').read()[-1])`;
    expect(await python(script, path)).toBe(
      "[('small.bin', 268435456, b'xxxxx\\x00'), ('large.bin', 4563402752, b'xxxxx\\x00'), ('last.txt', 8, b'far aw')] 0",
    );
    expect((await run('unzip', ['-l', path])).stdout).toContain('4563402752');
  });

  it.each([65_534, 65_535, 65_536])('writes %i entries', async (count) => {
    const path = join(folder, `${count}.zip`);
    const zip = new ZipWriter();
    const written = writeSparse(zip.output, path);
    for (let i = 0; i < count; i += 1) await zip.add(`${i}`, Buffer.from(`${i}`), never);
    zip.end();
    await written;
    const script = `
z = zipfile.ZipFile(sys.argv[1])
print(len(z.namelist()), z.read('${count - 1}').decode())`;
    expect(await python(script, path)).toBe(`${count} ${count - 1}`);
    expect((await run('unzip', ['-p', path, `${count - 1}`])).stdout).toBe(`${count - 1}`);
  });

  it('waits for its reader, until told to stop', async () => {
    const zip = new ZipWriter();
    const stop = new AbortController();
    const waiting = zip.add('a', Buffer.alloc(100_000), stop.signal);
    const first = await Promise.race([
      waiting.then(() => 'done'),
      new Promise((r) => setTimeout(r, 50, 'waits')),
    ]);
    expect(first).toBe('waits');
    stop.abort();
    await expect(waiting).rejects.toThrow();
    await expect(zip.add('b', Buffer.alloc(1), stop.signal)).rejects.toThrow();
  });
});
