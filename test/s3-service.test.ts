import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import { startCeph } from './ceph.ts';
import { startTestService, type TestService } from './engine.ts';
import { decode, meanDifference } from './pixels.ts';
import { slidePath } from './shared-slides.ts';

describe('the service over a real S3 store', () => {
  let ceph: Awaited<ReturnType<typeof startCeph>>;
  let service: TestService;
  beforeAll(async () => {
    ceph = await startCeph();
    const { endpoint, bucket, accessKeyId, secretAccessKey } = ceph;
    const credentials = { accessKeyId, secretAccessKey };
    const place = { endpoint, region: 'us-east-1', forcePathStyle: true };
    service = await startTestService({ store: { kind: 's3', bucket, prefix: 'lab', ...place, credentials } });
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await ceph?.stop();
  });

  it.each([
    ['derived/svs/open_cmu_jpeg_pyramid.svs', 'its own tiles'],
    ['derived/tiff/open_cmu_pyr_lzw.tif', 'converted tiles'],
    ['derived/image/open_cmu_1501x1500.png', 'a picture, converted'],
  ])('takes in %s and shows %s, the same as over a folder', async (name) => {
    const bytes = await readFile(slidePath(name));
    const created = await fetch(`${service.url}/slides?name=slide`, { method: 'POST', body: bytes });
    expect(created.status).toBe(201);
    const { id } = (await created.json()) as { id: string };
    await service.intake.idle();
    expect((await service.catalogue.get(id))?.state.kind).toMatch(/^(viewable|complete)$/);
    await using local = await startTestService();
    const localId = await local.view(slidePath(name));
    for (const path of ['/levels/0/1_1.jpg', '_files/9/0_0.jpg', '/thumbnail.jpg?width=200']) {
      const [ours, same] = await Promise.all([
        fetch(`${service.url}/slides/${id}${path}`),
        fetch(`${local.url}/slides/${localId}${path}`),
      ]);
      expect(ours.status, path).toBe(200);
      const [a, b] = await Promise.all([ours.arrayBuffer(), same.arrayBuffer()]);
      expect(meanDifference(await decode(Buffer.from(a)), await decode(Buffer.from(b)))).toBeLessThan(0.5);
    }
  });

  it('keeps what it took in for the next start', async () => {
    const before = await service.catalogue.list();
    expect(before.length).toBe(3);
    const stored: string[] = [];
    for await (const { key } of service.store.list('slides/')) stored.push(key);
    for (const { id } of before) {
      expect(stored).toContain(`slides/${id}/original/0`);
      expect(stored).toContain(`slides/${id}/index`);
    }
  });
});
