import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import type { ByteSource } from '../storage/byte-source.ts';

/** The shared test slides; tests fail where they are missing. */
export const slidesFolder: string = process.env['TEST_SLIDES'] ?? '../shared/slides';

/** A source in memory that remembers what was read. */
export interface CountingSource extends ByteSource {
  readonly reads: { readonly offset: number; readonly length: number }[];
}

/** Bytes of a file that lie far apart: what no piece covers reads as zero. */
export interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A file of `size` bytes made of pieces, read as strictly as a {@link ByteSource} must be. */
export function piecedSource(name: string, size: number, pieces: readonly Piece[]): CountingSource {
  const reads: { offset: number; length: number }[] = [];
  const read = async (offset: number, length: number): Promise<Buffer> => {
    reads.push({ offset, length });
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
      throw new Error(`a read of ${length} bytes at ${offset}`);
    if (offset + length > size) throw new ServiceError('damaged', `${name}: ${offset}+${length} > ${size}`);
    const out = Buffer.alloc(length);
    for (const { at, bytes } of pieces) {
      const start = Math.max(at, offset);
      const end = Math.min(at + bytes.length, offset + length);
      if (end > start) out.set(bytes.subarray(start - at, end - at), start - offset);
    }
    return out;
  };
  return { name, size, reads, read };
}

/** A whole file in memory. */
export function memorySource(name: string, bytes: Uint8Array): CountingSource {
  return piecedSource(name, bytes.length, [{ at: 0, bytes }]);
}

/** A test slide by its path below {@link slidesFolder}. */
export function slideSource(path: string): CountingSource {
  return memorySource(basename(path), readFileSync(join(slidesFolder, path)));
}

/** Processor time of some work, ms: other than the clock's, it does not depend on who else is busy. */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
