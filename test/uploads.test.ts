import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../src/db/test-database.ts';
import { slidePath } from './shared-slides.ts';
import { call, startUploadService, tus, type UploadService } from './upload-service.ts';

const postgres = await startTestPostgres();
const svs = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));

interface Started {
  readonly uploadId: string;
  readonly slideId: string;
  readonly received: number;
  readonly state: string;
  readonly duplicateOf?: string;
  readonly spans: readonly { url: string; start: number; length: number; received: number }[];
}

describe('uploads over HTTP', () => {
  let service: UploadService;
  beforeAll(async () => {
    service = await startUploadService(postgres);
  });
  afterAll(async () => await service?.[Symbol.asyncDispose]());

  const start = async (more: object = {}) =>
    (await call<Started>(`${service.url}/uploads`, 'POST', { name: 'a.svs', size: svs.length, ...more }))
      .body;
  const stateOf = async (id: string) =>
    (await call<{ state: { kind: string } }>(`${service.url}/slides/${id}.json`, 'GET')).body.state;

  it('takes a file in pieces, goes on where it was, and shows it', async () => {
    const { slideId, spans } = await start();
    expect(spans).toHaveLength(1);
    const url = service.url + spans[0]!.url;
    expect(await stateOf(slideId)).toEqual({ kind: 'receiving', progress: 0, isViewable: false });
    const first = await tus(url, { method: 'PATCH', offset: 0, body: svs.subarray(0, 1_000_000) });
    expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '1000000']);
    const head = await tus(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('upload-offset'), head.headers.get('upload-length')]).toEqual([
      200,
      '1000000',
      String(svs.length),
    ]);
    expect((await tus(url, { method: 'PATCH', offset: 5, body: svs.subarray(5) })).status).toBe(409);
    const last = await tus(url, { method: 'PATCH', offset: 1_000_000, body: svs.subarray(1_000_000) });
    expect(last.status).toBe(204);
    await service.uploads?.idle();
    await service.intake.idle();
    expect(await stateOf(slideId)).toMatchObject({ kind: 'viewable' });
    const stored = await readFile(join(service.folder, 'objects/slides', slideId, 'original/0'));
    expect(stored.equals(svs)).toBe(true);
    const done = await call<Started>(`${service.url}/uploads/${slideId}`, 'GET');
    expect(done.body).toMatchObject({ state: 'done', received: svs.length });
    const again = await start({ sha256: createHash('sha256').update(svs).digest('hex') });
    expect(again).toEqual({ duplicateOf: slideId });
  });
});
