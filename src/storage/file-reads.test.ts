import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { FileReads } from './file-reads.ts';

describe('FileReads', () => {
  it.each(['on the spot', 'handed over'])(
    'gives exactly the range, %s, or undefined beyond the end',
    async (how) => {
      const folder = await mkdtemp(join(tmpdir(), 'telepath-reads-'));
      try {
        const path = join(folder, 'file');
        const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, i) => (i * 7919) & 255));
        await writeFile(path, bytes);
        const reads = new FileReads();
        await using file = await open(path, 'r');
        if (how === 'handed over') {
          for (let n = 0; n < 5; n += 1) await readSlowly(reads, file.fd);
          expect(reads.isAtOnce(1)).toBe(false);
        }
        for (const [offset, length] of [
          [0, 10],
          [599_990, 10],
          [100, 0],
          [5, 300_000],
        ] as const)
          expect(await reads.exactly(file.fd, offset, length)).toEqual(
            bytes.subarray(offset, offset + length),
          );
        expect(await reads.exactly(file.fd, 599_990, 11)).toBeUndefined();
        const led = reads.atOnce(file.fd, 70, 9, 5);
        expect(led).toHaveLength(14);
        expect(led?.subarray(5)).toEqual(bytes.subarray(70, 79));
        expect(reads.atOnce(file.fd, 599_990, 11, 5)).toBeUndefined();
        await expect(reads.exactly(1_000_000, 0, 1)).rejects.toMatchObject({ code: 'EBADF' });
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );

  it.each([
    ['two from a disk', 2, true, false],
    ['one from a disk', 1, true, true],
    ['four from who knows where', 4, false, true],
    ['five from who knows where', 5, false, false],
  ] as const)(
    'takes %s that are slow for a slow disk, or not',
    async (_what, count, isFromDisk, isAtOnce) => {
      const folder = await mkdtemp(join(tmpdir(), 'telepath-reads-'));
      try {
        await writeFile(join(folder, 'file'), 'x');
        await using file = await open(join(folder, 'file'), 'r');
        let blocks = 0;
        const reads = new FileReads(() => (isFromDisk ? (blocks += 8) : blocks));
        for (let n = 0; n < count; n += 1) await readSlowly(reads, file.fd);
        expect(reads.isAtOnce(1)).toBe(isAtOnce);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});

/** A read that seems to take 5 ms. */
async function readSlowly(reads: FileReads, fd: number): Promise<void> {
  const now = performance.now();
  // Asked whether it is time to be cautious, then before and after the read.
  vi.spyOn(performance, 'now')
    .mockReturnValueOnce(now)
    .mockReturnValueOnce(now)
    .mockReturnValueOnce(now + 5);
  await reads.exactly(fd, 0, 1);
  vi.restoreAllMocks();
}
