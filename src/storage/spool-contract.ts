import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../core/ids.ts';
import type { Store } from './store.ts';
import type { SpooledRun, SpooledUpload, UploadSpool } from './upload-spool.ts';

const MiB = 2 ** 20;

/** A spool and the store whose objects it makes. */
export interface OpenedSpool {
  readonly spool: UploadSpool;
  readonly store: Store;
}

/**
 * What every spool promises, as tests.
 *
 * @param open both are closed by the tests
 */
export function describeSpool(name: string, open: () => Promise<OpenedSpool>): void {
  describe(`${name}: the contract of every spool`, () => {
    let spool: UploadSpool;
    let store: Store;
    beforeAll(async () => {
      ({ spool, store } = await open());
    });
    afterAll(async () => {
      await spool.close();
      await store.close();
    });

    const nothingNoted = { note: async () => {} };
    const leftOf = async ({ id }: SpooledUpload) => (await all(store.list(`uploads/${id}`))).length;

    /** Writes bytes at a place, and acknowledges them. */
    async function write(upload: SpooledUpload, offset: number, bytes: Buffer): Promise<SpooledUpload> {
      const runs = await all(spool.write(upload, offset, inChunks(bytes)));
      let at = offset;
      for (const { start, length } of runs) {
        expect(start).toBe(at);
        at += length;
      }
      expect(at).toBe(offset + bytes.length);
      return acknowledged(upload, runs);
    }

    it('gives back what was written, in any order, and makes the object of it', async () => {
      const bytes = randomBytes(20 * MiB + 17);
      let upload: SpooledUpload = { id: newId(), size: bytes.length, received: 0, pieces: [] };
      const cuts = [0, 5, 3 * MiB, 9 * MiB + 1, 16 * MiB, bytes.length];
      for (const i of [3, 0, 4, 2, 1])
        upload = await write(upload, cuts[i] ?? 0, bytes.subarray(cuts[i], cuts[i + 1]));
      for (const [start, length] of [
        [0, 5],
        [4, 10],
        [8 * MiB - 3, 6],
        [0, bytes.length],
        [bytes.length - 1, 1],
      ] as const)
        expect((await spool.read(upload, start, length)).equals(bytes.subarray(start, start + length))).toBe(
          true,
        );
      await spool.finish(upload, keyOf(upload), nothingNoted);
      const stored = await buffer(await store.stream(keyOf(upload)));
      expect(sha256(stored)).toBe(sha256(bytes));
      expect(await leftOf(upload)).toBe(0);
      await expect(spool.read(upload, 0, 5)).rejects.toMatchObject({ kind: 'not-found' });
    });

    it('finishes once more what was finished, and what was cut off while it was', async () => {
      const bytes = randomBytes(17 * MiB);
      let upload: SpooledUpload = { id: newId(), size: bytes.length, received: 0, pieces: [] };
      upload = await write(upload, 0, bytes);
      let noted: string | undefined;
      const cut = { note: (what: string) => ((noted = what), Promise.reject(new Error('killed'))) };
      await spool.finish(upload, keyOf(upload), cut).catch(() => {});
      for (let i = 0; i < 2; i += 1) await spool.finish(upload, keyOf(upload), { ...nothingNoted, noted });
      expect(sha256(await buffer(await store.stream(keyOf(upload))))).toBe(sha256(bytes));
      expect(await leftOf(upload)).toBe(0);
    });

    it('takes a range once more where an earlier write of it was not acknowledged', async () => {
      const [wrong, right] = [randomBytes(100_000), randomBytes(100_000)];
      let upload: SpooledUpload = { id: newId(), size: 100_000, received: 0, pieces: [] };
      const dropped = await all(spool.write(upload, 0, inChunks(wrong)));
      await spool.drop(upload, dropped);
      upload = await write(upload, 0, right);
      expect((await spool.read(upload, 0, 100_000)).equals(right)).toBe(true);
    });

    it('keeps what came when the line breaks', async () => {
      let upload: SpooledUpload = { id: newId(), size: 100, received: 0, pieces: [] };
      upload = await write(upload, 0, Buffer.from('begun'));
      upload = await write(upload, 5, Buffer.from('-on'));
      expect((await spool.read(upload, 0, 8)).toString()).toBe('begun-on');
    });

    it('discards an upload, also one that is not there', async () => {
      let upload: SpooledUpload = { id: newId(), size: 100, received: 0, pieces: [] };
      upload = await write(upload, 0, Buffer.alloc(50));
      for (let i = 0; i < 2; i += 1) await spool.discard(upload.id, {}, keyOf(upload));
      expect(await leftOf(upload)).toBe(0);
      await expect(spool.read(upload, 0, 50)).rejects.toMatchObject({ kind: 'not-found' });
      const whole = { ...upload, size: 50 };
      await spool.finish(whole, keyOf(upload), nothingNoted).then(
        () => expect.unreachable('there was nothing to finish'),
        (error: unknown) => expect(error).toMatchObject({ kind: 'not-found' }),
      );
    });
  });
}

function acknowledged(upload: SpooledUpload, runs: readonly SpooledRun[]): SpooledUpload {
  const named = runs.flatMap(({ piece, ...run }) => (piece === undefined ? [] : [{ ...run, piece }]));
  const pieces = [...upload.pieces, ...named].toSorted((a, b) => a.start - b.start);
  return { ...upload, pieces, received: upload.received + runs.reduce((sum, { length }) => sum + length, 0) };
}

/** Everything that comes, in order. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function keyOf({ id }: SpooledUpload): string {
  return `slides/${id}/original/0`;
}

async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
