import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Upload as TusUpload } from 'tus-js-client';
import { startTestPostgres } from '../src/db/test-database.ts';
import { cuttingProxy } from './cutting-proxy.ts';
import { slidePath } from './shared-slides.ts';
import { call, startUploadService, type Started, type UploadService } from './upload-service.ts';

const postgres = await startTestPostgres();
const GiB = 2 ** 30;

describe('a slide of 2 GiB over a line that is cut every two seconds', () => {
  let folder: string;
  let path: string;
  let service: UploadService;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-large-'));
    path = join(folder, 'large.svs');
    await makeLarge(path, 2 * GiB);
    service = await startUploadService(postgres, { changes: { rendersAhead: false } });
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it('arrives as it was sent, and is viewable within a second of its last byte', async () => {
    const { size } = await stat(path);
    const line = await cuttingProxy(service.url, 2000);
    let last = 0;
    let url = '';
    try {
      ({ url, last } = await upload(`${line.url}/files`, path, size));
    } finally {
      await line.close();
    }
    expect(line.cuts()).toBeGreaterThan(3);
    const [slide] = await service.catalogue.list();
    const id = slide?.id ?? '';
    const viewable = await viewableAt(service.url, id);
    process.stdout.write(
      `cut ${line.cuts()} times; viewable ${Math.round(viewable - last)} ms after the last byte\n`,
    );
    expect(viewable - last).toBeLessThan(1000);
    await service.uploads?.idle();
    const { body } = await call<Started>(`${service.url}/uploads/${id}`, 'GET');
    expect(body).toMatchObject({ state: 'done', received: size });
    expect(url).toContain(body.spans[0]?.url);
    const stored = join(service.folder, 'objects/slides', id, 'original/0');
    expect(await hashOf(stored)).toBe(await hashOf(path));
  }, 120_000);
});

/** Sends a file as any client does. @returns where to, and when the last byte was acknowledged */
async function upload(endpoint: string, path: string, size: number): Promise<{ url: string; last: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sending = new TusUpload(createReadStream(path), {
    endpoint,
    uploadSize: size,
    chunkSize: 256 * 2 ** 20,
    retryDelays: Array.from({ length: 50 }, () => 50),
    metadata: { filename: 'large.svs' },
    onError: reject,
    onSuccess: () => resolve(performance.now()),
  });
  sending.start();
  const last = await promise;
  return { url: sending.url ?? '', last };
}

/** When a slide can be viewed: a tile of it is asked for until it comes. */
async function viewableAt(service: string, id: string): Promise<number> {
  for (;;) {
    const { status } = await fetch(`${service}/slides/${id}/levels/0/0_0.jpg`);
    if (status === 200) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * A real slide with bytes in it that no tile uses, as long as a large one; like a scanner's, its directories come last,
 * so that nothing can be seen of it before its last byte.
 */
async function makeLarge(path: string, size: number): Promise<void> {
  const small = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));
  const directories = directoriesOf(small);
  let at = size - directories.reduce((sum, { length }) => sum + length, 0);
  small.writeUInt32LE(at, 4);
  for (const [i, directory] of directories.entries()) {
    at += directory.length;
    directory.writeUInt32LE(i === directories.length - 1 ? 0 : at, directory.length - 4);
  }
  await using file = await open(path, 'w');
  await file.write(small);
  const block = Buffer.alloc(16 * 2 ** 20);
  const end = size - directories.reduce((sum, { length }) => sum + length, 0);
  for (let done = small.length, i = 0; done < end; done += block.length, i += 1) {
    block.fill(`block ${i} `);
    await file.write(block.subarray(0, end - done));
  }
  await file.write(Buffer.concat(directories));
}

/** The directories of a classic little-endian TIFF. */
function directoriesOf(tiff: Buffer): Buffer[] {
  expect(tiff.toString('latin1', 0, 4)).toBe('II*\0');
  const found: Buffer[] = [];
  for (let at = tiff.readUInt32LE(4); at !== 0;) {
    const length = 2 + 12 * tiff.readUInt16LE(at) + 4;
    found.push(Buffer.from(tiff.subarray(at, at + length)));
    at = tiff.readUInt32LE(at + length - 4);
  }
  return found;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}
