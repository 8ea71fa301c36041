import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../../src/db/test-database.ts';
import { faultyProxy, type FaultyProxy } from '../../test/faulty-proxy.ts';
import { startUploadService, type UploadService } from '../../test/upload-service.ts';
import { beginUpload } from '../api/uploads.ts';
import { arrivalOf } from './arrival.ts';
import { sendSpans } from './send-spans.ts';

/** The page's own addresses have no host: here it is that of a line which breaks. */
const realFetch = globalThis.fetch;

describe('sendSpans', () => {
  let service: UploadService;
  let proxy: FaultyProxy;
  beforeAll(async () => {
    service = await startUploadService(await startTestPostgres());
    proxy = await faultyProxy(service.url.replace('localhost', '127.0.0.1'));
    globalThis.fetch = (input, init) =>
      realFetch(typeof input === 'string' ? new URL(input, proxy.endpoint) : input, init);
  });
  afterAll(async () => {
    globalThis.fetch = realFetch;
    await proxy?.close();
    await service?.[Symbol.asyncDispose]();
  });
  afterEach(() => void proxy.faults.splice(0));

  const never = new AbortController().signal;
  /** SHA-256 of what the service keeps of a file, once it is done with it. */
  async function keptHash(uploadId: string): Promise<string> {
    await arrivalOf(uploadId, never);
    const hash = createHash('sha256');
    for await (const part of await service.store.stream(`slides/${uploadId}/original/0`)) hash.update(part);
    return hash.digest('hex');
  }

  it('brings a file over a line whose answers are lost again and again, byte for byte', async () => {
    const { bytes, uploadId, targets, file } = await announced(3_000_000, [2_000_000, 0, 2_500_000, 900_000]);
    for (const afterBytes of [0, 30, 0, 100, 0, 10]) proxy.faults.push({ kind: 'reset', afterBytes });
    const troubles: (string | undefined)[] = [];
    const told: number[] = [];
    await sendSpans(
      {
        file,
        spans: targets,
        wholeHash: Promise.resolve(sha256(bytes)),
        onArrived: (arrived) => void told.push(arrived),
        onTrouble: (reason) => void troubles.push(reason),
      },
      never,
    );
    expect(troubles).toContain('No connection. It goes on by itself.');
    expect(troubles.at(-1)).toBeUndefined();
    expect(told.at(-1)).toBe(bytes.length);
    expect(await keptHash(uploadId)).toBe(sha256(bytes));
  });

  it('sends nothing twice that was confirmed, when it goes on in another run', async () => {
    const { bytes, uploadId, targets, file } = await announced(2_000_000, [0, 1_000_000]);
    const stop = new AbortController();
    const sending = {
      file,
      wholeHash: Promise.resolve(sha256(bytes)),
      onTrouble: () => undefined,
    };
    const onArrived = (arrived: number) => {
      if (arrived > 600_000) stop.abort();
    };
    await expect(sendSpans({ ...sending, spans: targets, onArrived }, stop.signal)).rejects.toThrow();
    const { spans } = (await (await fetch(`/uploads/${uploadId}`)).json()) as {
      spans: { url: string; start: number; length: number; received: number }[];
    };
    const before = spans.reduce((sum, { received }) => sum + received, 0);
    expect(before).toBeGreaterThan(600_000);
    const told: number[] = [];
    await sendSpans({ ...sending, spans, onArrived: (arrived) => void told.push(arrived) }, never);
    expect(Math.min(...told)).toBeGreaterThan(before);
    expect(await keptHash(uploadId)).toBe(sha256(bytes));
  });

  it('ends when the service refuses', async () => {
    const { targets, file } = await announced(1_000_000, [0]);
    const spans = targets.map((span) => ({ ...span, url: `/files/${'0'.repeat(32)}` }));
    const quiet = { onArrived: () => undefined, onTrouble: () => undefined };
    await expect(
      sendSpans({ file, spans, wholeHash: Promise.resolve(''), ...quiet }, never),
    ).rejects.toMatchObject({
      status: 404,
    });
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Announces random bytes in spans given by their starts, in the order in which they are to go. */
async function announced(size: number, starts: readonly number[]) {
  const bytes = randomBytes(size);
  const ends = starts
    .toSorted((a, b) => a - b)
    .slice(1)
    .concat(size);
  const spans = starts.map((start) => {
    const end = Math.min(...ends.filter((one) => one > start));
    return { start, length: end - start };
  });
  const upload = await beginUpload({ name: 'noise.svs', size, spans });
  if (!('uploadId' in upload)) throw new Error('these bytes were here already');
  const targets = starts.map((start) => {
    const found = upload.spans.find((span) => span.start === start);
    if (found === undefined) throw new Error(`no span at ${start}`);
    return found;
  });
  return { bytes, uploadId: upload.uploadId, targets, file: new Blob([Uint8Array.from(bytes)]) };
}
