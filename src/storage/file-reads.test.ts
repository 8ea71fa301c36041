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
          // The first two reads seem to take 5 ms each.
          for (const now of [0, 1e12]) {
            vi.spyOn(performance, 'now')
              .mockReturnValueOnce(now)
              .mockReturnValueOnce(now + 5);
            await reads.exactly(file.fd, 0, 1);
          }
          vi.restoreAllMocks();
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
        await expect(reads.exactly(1_000_000, 0, 1)).rejects.toMatchObject({ code: 'EBADF' });
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});
