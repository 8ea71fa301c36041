import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../src/db/test-database.ts';
import { startCeph, type Ceph } from './ceph.ts';
import { slidePath } from './shared-slides.ts';
import { call, sendTus, startUploadService, type Started, type UploadService } from './upload-service.ts';

const postgres = await startTestPostgres();
const svs = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));

describe('uploads by two processes', () => {
  let ceph: Ceph;
  let one: UploadService;
  let other: UploadService;
  beforeAll(async () => {
    ceph = await startCeph();
    const { endpoint, accessKeyId, secretAccessKey, bucket } = ceph;
    const store = {
      kind: 's3',
      bucket,
      prefix: '',
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    } as const;
    one = await startUploadService(postgres, { changes: { store } });
    other = await startUploadService(postgres, { beside: one });
  }, 120_000);
  afterAll(async () => {
    await other?.[Symbol.asyncDispose]();
    await one?.[Symbol.asyncDispose]();
    await ceph?.stop();
  });

  const start = async (file: Buffer) =>
    (await call<Started>(`${one.url}/uploads`, 'POST', { name: 'a.svs', size: file.length })).body;
  const stored = async (id: string) => {
    const { size } = (await one.store.head(`slides/${id}/original/0`)) ?? { size: 0 };
    return await one.store.read(`slides/${id}/original/0`, 0, size);
  };

  it('take turns, on a bucket, and either of them publishes the slide', async () => {
    // Pieces of all sizes: alone, merged, cut at 8 MiB.
    const file = Buffer.concat([svs, Buffer.alloc(25 * 2 ** 20, 'filler ')]);
    const { slideId, spans } = await start(file);
    const cuts = [0, 1, 100_000, 6 * 2 ** 20, 6 * 2 ** 20 + 5, 20 * 2 ** 20, file.length];
    for (const [i, offset] of cuts.slice(0, -1).entries()) {
      const { url } = i % 2 === 0 ? one : other;
      const body = file.subarray(offset, cuts[i + 1]);
      const answer = await sendTus(url + (spans[0]?.url ?? ''), { method: 'PATCH', offset, body });
      expect([answer.status, answer.headers.get('upload-offset')]).toEqual([204, String(cuts[i + 1])]);
    }
    await other.uploads?.idle();
    await other.intake.idle();
    expect((await call<Started>(`${one.url}/uploads/${slideId}`, 'GET')).body.state).toBe('done');
    expect((await fetch(`${one.url}/slides/${slideId}/levels/0/0_0.jpg`)).status).toBe(200);
    expect((await stored(slideId)).equals(file)).toBe(true);
  });

  it('do not wait for a line that is dead: who comes back takes over, and finds what had arrived', async () => {
    const file = Buffer.concat([svs, Buffer.from('another')]);
    const { spans } = await start(file);
    const path = spans[0]?.url ?? '';
    const dead = request(one.url + path, {
      method: 'PATCH',
      headers: {
        'Tus-Resumable': '1.0.0',
        'Upload-Offset': '0',
        'Content-Type': 'application/offset+octet-stream',
        'Content-Length': file.length,
      },
    });
    const ended = Promise.race([once(dead, 'response'), once(dead, 'error'), once(dead, 'close')]).catch(
      () => {},
    );
    dead.write(file.subarray(0, 500_000));
    await expect.poll(() => isHeld(other, `upload-span ${path.slice(-32)}`)).toBe(true);
    await sleep(300);
    const started = performance.now();
    const head = await sendTus(other.url + path, { method: 'HEAD' });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '500000']);
    const offset = 500_000;
    const rest = await sendTus(other.url + path, { method: 'PATCH', offset, body: file.subarray(offset) });
    expect(rest.status).toBe(204);
    await ended;
    dead.destroy();
  });

  it('finish what another left, and end what it gave up', async () => {
    const file = Buffer.concat([svs, Buffer.from('a third')]);
    const { slideId, spans } = await start(file);
    await sendTus(one.url + (spans[0]?.url ?? ''), { method: 'PATCH', offset: 0, body: file });
    // Whoever is first; both may try.
    await Promise.all([one.uploads?.sweep(), other.uploads?.sweep()]);
    await Promise.all([one.uploads?.idle(), other.uploads?.idle()]);
    await expect
      .poll(async () => (await call<Started>(`${other.url}/uploads/${slideId}`, 'GET')).body.state)
      .toBe('done');
    const given = await start(Buffer.alloc(100));
    await sendTus(one.url + (given.spans[0]?.url ?? ''), {
      method: 'PATCH',
      offset: 0,
      body: Buffer.alloc(50),
    });
    await other.uploads?.discard(given.uploadId);
    const left = [];
    for await (const { key } of one.store.list(`uploads/${given.uploadId}`)) left.push(key);
    expect(left).toEqual([]);
  });
});

/** Whether a process holds a lock. */
async function isHeld({ uploads }: UploadService, name: string): Promise<boolean> {
  const release = await uploads?.locks.tryTake(name);
  await release?.();
  return release === undefined;
}
