import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Size } from '../core/geometry.ts';
import { halve, rasterOf } from '../pyramid/box-shrink.ts';
import { meanDifference, slides } from './convert-oracle.ts';
import type { ConversionPool } from './conversion-pool.ts';
import { startDecoderPool, type DecoderPoolOptions } from './decoder-pool.ts';

const white = [255, 255, 255] as const;
const tile: Size = { width: 256, height: 256 };
let jpeg: Buffer;
let pool: ConversionPool;
const extra: ConversionPool[] = [];

beforeAll(async () => {
  const source = join(slides, 'derived/image/open_cmu_1501x1500.png');
  const part = sharp(source).extract({ left: 600, top: 600, ...tile });
  jpeg = await part.jpeg({ quality: 90 }).toBuffer();
  pool = await startDecoderPool({ threads: 2 });
});
afterEach(async () => {
  for (const one of extra.splice(0)) await one.close();
});
afterAll(async () => {
  await pool.close();
});

/** A pool of its own, for tests that kill its child. */
async function ownPool(options: Partial<DecoderPoolOptions> = {}): Promise<ConversionPool> {
  const own = await startDecoderPool({ threads: 2, ...options });
  extra.push(own);
  return own;
}

function whole(bytes: Uint8Array, left = 0, top = 0) {
  return { jpeg: bytes, size: tile, crop: { left: 0, top: 0, ...tile }, left, top };
}

describe('compose', () => {
  it('halves four tiles to exactly the 2 × 2 means, but for the encoding', async () => {
    const pieces = [whole(jpeg), whole(jpeg, 256), whole(jpeg, 0, 256), whole(jpeg, 256, 256)];
    const canvas = { width: 512, height: 512 };
    const made = await pool.compose({ canvas, background: white, pieces, halvings: 1, quality: 100 });
    const decoded = await sharp(jpeg).raw().toBuffer();
    const quarter = halve(rasterOf(tile, decoded));
    const { data, info } = await sharp(made)
      .extract({ left: 128, top: 128, width: 128, height: 128 })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 128, height: 128, channels: 3 });
    expect(meanDifference(data, quarter.pixels)).toBeLessThan(0.6);
  });

  it('shows the background where no piece lies, and encodes 4:2:0', async () => {
    const canvas = { width: 301, height: 200 };
    const made = await pool.compose({
      canvas,
      background: [200, 100, 50],
      pieces: [],
      halvings: 0,
      quality: 85,
    });
    const { width, height, chromaSubsampling } = await sharp(made).metadata();
    expect({ width, height, chromaSubsampling }).toEqual({ ...canvas, chromaSubsampling: '4:2:0' });
    const { channels } = await sharp(made).stats();
    expect(channels.map(({ mean }) => Math.round(mean))).toEqual([200, 100, 50]);
  });

  it('places crops', async () => {
    const crop = { left: 10, top: 20, width: 50, height: 40 };
    const made = await pool.compose({
      canvas: { width: 60, height: 60 },
      background: white,
      pieces: [{ jpeg, size: tile, crop, left: 5, top: 15 }],
      halvings: 0,
      quality: 100,
    });
    const expected = await sharp(jpeg).extract(crop).raw().toBuffer();
    const placed = await sharp(made)
      .extract({ ...crop, left: 5, top: 15 })
      .raw()
      .toBuffer();
    expect(meanDifference(placed, expected)).toBeLessThan(1.5);
    const { channels } = await sharp(
      await sharp(made).extract({ left: 0, top: 0, width: 60, height: 8 }).toBuffer(),
    ).stats();
    expect(Math.min(...channels.map(({ mean }) => mean))).toBeGreaterThan(253);
  });

  it('fits the canvas into a size', async () => {
    const fit = { width: 100, height: 100 };
    const made = await pool.compose({
      canvas: tile,
      background: white,
      pieces: [whole(jpeg)],
      halvings: 0,
      fit,
      quality: 85,
    });
    expect(await sharp(made).metadata()).toMatchObject(fit);
  });

  it.each([
    ['cut short', () => jpeg.subarray(0, jpeg.length / 2), /premature end/],
    ['of another size', () => jpegOf(240), /240×240 px, not 256×256/],
    ['no JPEG', () => Buffer.from('GIF89a, or so it says'), /FF D8/],
  ])('refuses a tile that is %s as damaged', async (_, bytes, message) => {
    const pieces = [whole(await bytes())];
    const work = pool.compose({ canvas: tile, background: white, pieces, halvings: 0, quality: 85 });
    await expect(work).rejects.toMatchObject({ kind: 'damaged', message: expect.stringMatching(message) });
  });
});

async function jpegOf(side: number): Promise<Buffer> {
  return await sharp({ create: { width: side, height: side, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();
}

describe('picture', () => {
  it('fits within the size, upright, never enlarged', async () => {
    const bytes = await sharp(jpeg)
      .resize(256, 128, { fit: 'fill' })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const small = await pool.picture({
      bytes,
      maxSize: { width: 64, height: 64 },
      background: white,
      quality: 85,
    });
    expect(await sharp(small).metadata()).toMatchObject({ width: 32, height: 64, space: 'srgb' });
    const same = await pool.picture({
      bytes,
      maxSize: { width: 999, height: 999 },
      background: white,
      quality: 85,
    });
    expect(await sharp(same).metadata()).toMatchObject({ width: 128, height: 256 });
  });

  it('puts transparency on the background', async () => {
    const clear = { width: 40, height: 40, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } as const;
    const bytes = await sharp({ create: clear }).png().toBuffer();
    const made = await pool.picture({ bytes, maxSize: tile, background: [10, 200, 90], quality: 95 });
    const { channels } = await sharp(made).stats();
    expect(channels.map(({ mean }) => Math.round(mean))).toEqual([10, 200, 90]);
  });

  it('reads nothing but JPEG, PNG and TIFF', async () => {
    const bytes = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    const work = pool.picture({ bytes, maxSize: tile, background: white, quality: 85 });
    await expect(work).rejects.toMatchObject({ name: 'ServiceError' });
  });
});

describe('a decoder child', () => {
  it('is replaced when it dies, and its tasks are run again', async () => {
    const own = await ownPool();
    const first = own.pid;
    const pieces = [whole(jpeg)];
    const task = { canvas: tile, background: white, pieces, halvings: 0, quality: 85 } as const;
    const tasks = Array.from({ length: 12 }, () => own.compose(task));
    process.kill(first!, 'SIGKILL'); // a started pool has a child
    const made = await Promise.all(tasks);
    expect(made.every((bytes) => bytes.equals(made[0]!))).toBe(true); // there are 12
    expect(own.pid).not.toBe(first);
  });

  it('that dies twice in a task refuses it as damaged, and others go on', async () => {
    const own = await ownPool();
    const folder = await mkdtemp(join(tmpdir(), 'telepath-pool-'));
    const outPath = join(folder, 'flat.v');
    const path = join(slides, 'derived/image/open_cmu_giant_11100x11868.jpg');
    const task = { path, name: 'giant.jpg', outPath, background: white, appliesIcc: false };
    const doomed = own.flatten(task).catch((error: unknown) => error);
    for (const _ of ['run', 'run again']) {
      while (!existsSync(outPath)) await sleep(2); // made as soon as the task runs
      process.kill(own.pid!, 'SIGKILL'); // it runs in a child
      await rm(outPath);
    }
    const message = 'decoder died while reading giant.jpg (SIGKILL)';
    expect(await doomed).toMatchObject({ kind: 'damaged', message });
    const after = own.compose({
      canvas: tile,
      background: white,
      pieces: [whole(jpeg)],
      halvings: 0,
      quality: 85,
    });
    expect(await sharp(await after).metadata()).toMatchObject(tile);
    await rm(folder, { recursive: true });
  });

  it('is killed when a task takes too long; the others in it are not to blame', async () => {
    const own = await ownPool({ taskTimeoutMs: 3000 });
    process.kill(own.pid!, 'SIGSTOP'); // it hangs
    const stuck = own.compose({ canvas: tile, background: white, pieces: [], halvings: 0, quality: 85 });
    await expect(stuck).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringMatching(/more than 3 s/),
    });
    const after = own.compose({ canvas: tile, background: white, pieces: [], halvings: 0, quality: 85 });
    expect((await after).length).toBeGreaterThan(100);
  });

  it('that uses too much memory is killed', async () => {
    const own = await ownPool({ maxRssBytes: 40 * 2 ** 20 });
    const pieces = Array.from({ length: 64 }, (_, i) => whole(jpeg, (i % 8) * 256, Math.floor(i / 8) * 256));
    const canvas = { width: 8000, height: 8000 };
    const work = own.compose({
      canvas,
      background: white,
      pieces,
      halvings: 0,
      fit: { width: 99, height: 99 },
      quality: 85,
    });
    await expect(work).rejects.toMatchObject({ kind: 'too-large', message: expect.stringMatching(/40 MiB/) });
  });

  it('is gone when the pool is closed, and what waited is refused', async () => {
    const own = await ownPool();
    const { pid } = own;
    const waiting = Array.from({ length: 9 }, () =>
      own.compose({ canvas: tile, background: white, pieces: [], halvings: 0, quality: 85 }),
    );
    const settled = Promise.allSettled(waiting);
    await own.close();
    expect((await settled).map(({ status }) => status)).toContain('rejected');
    expect(() => process.kill(pid!, 0)).toThrow(/ESRCH/); // it had one
  });
});

describe('a decoder child whose parent dies', () => {
  it('ends too, within seconds', async () => {
    const pool = new URL('decoder-pool.ts', import.meta.url).href;
    const script = `const { startDecoderPool } = await import('${pool}');
      console.log((await startDecoderPool({ threads: 1 })).pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]; // what a stream of bytes gives
    const child = Number(line);
    expect(process.kill(child, 0)).toBe(true);
    parent.kill('SIGKILL');
    const isAlive = () => {
      try {
        return process.kill(child, 0);
      } catch {
        return false; // ESRCH: it is gone
      }
    };
    for (let waited = 0; isAlive() && waited < 5000; waited += 20) await sleep(20);
    expect(isAlive()).toBe(false);
  });
});

describe('abort', () => {
  it('drops tasks that wait', async () => {
    const own = await ownPool({ threads: 1 });
    const stop = new AbortController();
    const task = {
      canvas: tile,
      background: white,
      pieces: [whole(jpeg)],
      halvings: 0,
      quality: 85,
    } as const;
    const first = own.compose(task);
    const second = own.compose(task, stop.signal);
    stop.abort(new Error('nobody looks any more'));
    await expect(second).rejects.toThrow('nobody looks any more');
    expect((await first).length).toBeGreaterThan(1000);
  });
});
