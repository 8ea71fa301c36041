import { createHash } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Upload as TusUpload } from 'tus-js-client';
import { startTestPostgres } from '../src/db/test-database.ts';
import { slidePath } from './shared-slides.ts';
import { call, sendTus, startUploadService, type Started, type UploadService } from './upload-service.ts';

const postgres = await startTestPostgres();
const svs = await readFile(slidePath('derived/svs/open_cmu_jpeg_pyramid.svs'));
const sha256 = sha256Of(svs);

describe('uploads over HTTP', () => {
  let service: UploadService;
  beforeAll(async () => {
    service = await startUploadService(postgres);
  });
  afterAll(async () => await service?.[Symbol.asyncDispose]());

  /** A file nobody sent before: the same slide with some bytes behind it. */
  let different = 0;
  const newSvs = () => Buffer.concat([svs, Buffer.from(`${(different += 1)}`)]);
  const start = async (file: Buffer, more: object = {}) =>
    await call<Started>(`${service.url}/uploads`, 'POST', { name: 'a.svs', size: file.length, ...more });
  const begin = async (file: Buffer, more: object = {}) => {
    const { slideId, spans } = (await start(file, more)).body;
    return { slideId, spans, url: service.url + (spans[0]?.url ?? '') };
  };
  const uploadOf = async (id: string) => await call<Started>(`${service.url}/uploads/${id}`, 'GET');
  const slideOf = async (id: string) =>
    await call<{ state: { kind: string; reason?: string } }>(`${service.url}/slides/${id}.json`, 'GET');
  const settled = async () => {
    await service.uploads?.idle();
    await service.intake.idle();
  };
  const stored = async (id: string) =>
    await readFile(join(service.folder, 'objects/slides', id, 'original/0'));

  it('takes a file in pieces, goes on where it was, and shows it', async () => {
    const { slideId, spans, url } = await begin(svs);
    expect(spans).toEqual([{ url: spans[0]?.url, start: 0, length: svs.length, received: 0 }]);
    expect((await slideOf(slideId)).body.state).toEqual({
      kind: 'receiving',
      progress: 0,
      isViewable: false,
    });
    const first = await sendTus(url, { method: 'PATCH', offset: 0, body: svs.subarray(0, 1_000_000) });
    expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '1000000']);
    const head = await sendTus(url, { method: 'HEAD' });
    const told = ['upload-offset', 'upload-length', 'cache-control', 'tus-resumable'];
    expect([head.status, ...told.map((name) => head.headers.get(name))]).toEqual([
      200,
      '1000000',
      String(svs.length),
      'no-store',
      '1.0.0',
    ]);
    expect((await sendTus(url, { method: 'PATCH', offset: 5, body: svs.subarray(5) })).status).toBe(409);
    const last = await sendTus(url, { method: 'PATCH', offset: 1_000_000, body: svs.subarray(1_000_000) });
    expect(last.status).toBe(204);
    await settled();
    expect(['viewable', 'complete']).toContain((await slideOf(slideId)).body.state.kind);
    expect((await stored(slideId)).equals(svs)).toBe(true);
    expect((await uploadOf(slideId)).body).toMatchObject({ state: 'done', received: svs.length });
    expect((await sendTus(url, { method: 'HEAD' })).headers.get('upload-offset')).toBe(String(svs.length));
  });

  it('offers the slide that is the same, before a byte is sent', async () => {
    const { body } = await start(svs, { sha256 });
    expect(Object.keys(body)).toEqual(['duplicateOf']);
    expect((await slideOf(body.duplicateOf ?? '')).status).toBe(200);
  });

  it('keeps one copy of a slide that turns out to be here already', async () => {
    const { duplicateOf } = (await start(svs, { sha256 })).body;
    const { slideId, url } = await begin(svs);
    await sendTus(url, { method: 'PATCH', offset: 0, body: svs });
    await settled();
    expect((await uploadOf(slideId)).body).toMatchObject({ state: 'done', duplicateOf });
    expect((await slideOf(slideId)).status).toBe(404);
    expect(await readdir(join(service.folder, 'objects/slides'))).not.toContain(slideId);
  });

  it.each([
    ['sha256', (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64')],
    [
      'crc32',
      (bytes: Buffer) => Buffer.from(crc32(bytes).toString(16).padStart(8, '0'), 'hex').toString('base64'),
    ],
  ])('counts bytes under a %s only when they are right', async (algorithm, digestOf) => {
    const file = newSvs();
    const { url } = await begin(file);
    const part = file.subarray(0, 300_000);
    const headers = { 'Upload-Checksum': `${algorithm} ${digestOf(part)}` };
    const wrong = Buffer.from(part);
    wrong[299_999] = (wrong[299_999] ?? 0) ^ 1;
    const refused = await sendTus(url, { method: 'PATCH', offset: 0, body: wrong, headers });
    expect(refused.status).toBe(460);
    expect(await refused.json()).toMatchObject({ status: 460, title: 'Checksum mismatch' });
    expect((await sendTus(url, { method: 'HEAD' })).headers.get('upload-offset')).toBe('0');
    const taken = await sendTus(url, { method: 'PATCH', offset: 0, body: part, headers });
    expect([taken.status, taken.headers.get('upload-offset')]).toEqual([204, '300000']);
  });

  it('confirms nothing that the disk has not: a disk that fails, or takes its time, is waited for', async () => {
    const file = newSvs();
    const { slideId, url } = await begin(file);
    await using any = await open(join(service.folder, 'disk'), 'w');
    const disk = vi.spyOn(Object.getPrototypeOf(any) as typeof any, 'datasync');
    onTestFinished(() => disk.mockRestore());
    disk.mockRejectedValueOnce(
      Object.assign(new Error('a fault of the test'), { code: 'EIO', syscall: 'fdatasync' }),
    );
    expect((await sendTus(url, { method: 'PATCH', offset: 0, body: file })).status).toBe(502);
    expect((await sendTus(url, { method: 'HEAD' })).headers.get('upload-offset')).toBe('0');
    const slow = Promise.withResolvers<void>();
    disk.mockReturnValueOnce(slow.promise);
    const sent = sendTus(url, { method: 'PATCH', offset: 0, body: file });
    await expect.poll(() => disk.mock.calls.length).toBe(2);
    expect(await Promise.race([sent, sleep(200, 'not confirmed')])).toBe('not confirmed');
    expect((await uploadOf(slideId)).body.received).toBe(0);
    slow.resolve();
    expect((await sent).status).toBe(204);
    await settled();
    expect((await stored(slideId)).equals(file)).toBe(true);
  });

  it.each(['md5 1B2M2Y8AsgTpgAmY7PhCfg==', 'sha256 AAAA', 'sha256'])(
    'refuses the checksum %s',
    async (checksum) => {
      const { url } = await begin(newSvs());
      const headers = { 'Upload-Checksum': checksum };
      expect(
        (await sendTus(url, { method: 'PATCH', offset: 0, body: Buffer.alloc(9), headers })).status,
      ).toBe(400);
    },
  );

  it('says of a file that arrived otherwise than it was sent that it needs attention, and never shows it', async () => {
    const file = newSvs();
    const { slideId, url } = await begin(file);
    const headers = { 'Upload-SHA256': sha256Of(Buffer.from('another')) };
    expect((await sendTus(url, { method: 'PATCH', offset: 0, body: file, headers })).status).toBe(204);
    await settled();
    const { state } = (await slideOf(slideId)).body;
    expect(state).toMatchObject({ kind: 'failed', reason: expect.stringContaining('SHA-256') as string });
    expect((await call(`${service.url}/slides/${slideId}/retry`, 'POST')).status).toBe(409);
    expect((await fetch(`${service.url}/slides/${slideId}/levels/0/0_0.jpg`)).status).toBe(404);
    expect(await readdir(join(service.folder, 'objects/slides'))).not.toContain(slideId);
  });

  it('takes the hash of the whole file at any time, once', async () => {
    const file = newSvs();
    const { slideId, url } = await begin(file);
    const name = async (hash: string) =>
      (await call(`${service.url}/uploads/${slideId}/sha256`, 'PUT', { sha256: hash })).status;
    expect(await name(sha256Of(file))).toBe(204);
    expect(await name(sha256Of(file))).toBe(204);
    expect(await name(sha256)).toBe(409);
    await sendTus(url, { method: 'PATCH', offset: 0, body: file });
    await settled();
    expect((await slideOf(slideId)).body.state.kind).not.toBe('failed');
  });

  it('keeps what no reader knows, and says so', async () => {
    const file = Buffer.from('Dear lab, these are no slides.');
    const { slideId, url } = await begin(file);
    await sendTus(url, { method: 'PATCH', offset: 0, body: file });
    await settled();
    expect((await slideOf(slideId)).body.state).toMatchObject({ kind: 'failed' });
    expect((await stored(slideId)).equals(file)).toBe(true);
  });

  it('gives an upload up, with its slide', async () => {
    const file = newSvs();
    for (const cancel of [
      (id: string) => call(`${service.url}/uploads/${id}`, 'DELETE'),
      (_id: string, url: string) => sendTus(url, { method: 'DELETE' }),
    ]) {
      const { slideId, url } = await begin(file);
      await sendTus(url, { method: 'PATCH', offset: 0, body: file.subarray(0, 1000) });
      expect((await cancel(slideId, url)).status).toBe(204);
      expect((await slideOf(slideId)).status).toBe(404);
      expect((await uploadOf(slideId)).status).toBe(404);
      expect((await sendTus(url, { method: 'PATCH', offset: 1000, body: file.subarray(1000) })).status).toBe(
        404,
      );
      expect(await readdir(join(service.folder, 'objects/uploads'))).not.toContain(slideId);
    }
  });

  it('lists what is unfinished', async () => {
    const { slideId } = await begin(newSvs());
    const { uploads } = (await call<{ uploads: Started[] }>(`${service.url}/uploads`, 'GET')).body;
    expect(uploads.map((one) => one.slideId)).toContain(slideId);
    expect(uploads.every(({ state }) => state === 'receiving')).toBe(true);
  });

  it.each([
    [
      'a gap',
      [
        { start: 0, length: 10 },
        { start: 11, length: 9 },
      ],
    ],
    [
      'an overlap',
      [
        { start: 0, length: 10 },
        { start: 9, length: 11 },
      ],
    ],
    ['an end too early', [{ start: 0, length: 19 }]],
    ['an end too late', [{ start: 0, length: 21 }]],
  ])('refuses spans with %s', async (_what, spans) => {
    expect((await start(Buffer.alloc(20), { spans })).status).toBe(400);
  });

  it('speaks tus with any client', async () => {
    const file = newSvs();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const upload = new TusUpload(file, {
      endpoint: `${service.url}/files`,
      chunkSize: 700_000,
      metadata: { filename: 'cmu.svs' },
      onError: reject,
      onSuccess: () => resolve(upload.url ?? ''),
    });
    upload.start();
    expect(await promise).toMatch(/\/files\/[0-9a-f]{32}$/);
    await settled();
    const { slides } = (
      await call<{ slides: { id: string; name: string; state: { kind: string } }[] }>(
        `${service.url}/slides`,
        'GET',
      )
    ).body;
    const slide = slides.find(({ name }) => name === 'cmu.svs');
    expect(['viewable', 'complete']).toContain(slide?.state.kind);
    expect((await stored(slide?.id ?? '')).equals(file)).toBe(true);
  });

  it('says what of tus it speaks, and of a request without it that it is none', async () => {
    const { headers } = await sendTus(`${service.url}/files`, { method: 'OPTIONS' });
    expect(headers.get('tus-extension')).toBe(
      'creation,creation-with-upload,termination,expiration,checksum',
    );
    expect(headers.get('tus-checksum-algorithm')).toBe('sha256,crc32');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    const answer = await fetch(`${service.url}/files`, { method: 'POST', headers: { 'Upload-Length': '5' } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
  });
});

describe('limits of uploads', () => {
  const wanted = { name: 'a.svs', size: 1000 };

  it('are told before the first byte', async () => {
    await using small = await startUploadService(postgres, { changes: { maxUploadBytes: 999 } });
    expect((await call(`${small.url}/uploads`, 'POST', wanted)).status).toBe(413);
    await using full = await startUploadService(postgres, { changes: { diskReserveBytes: 2 ** 60 } });
    expect((await call(`${full.url}/uploads`, 'POST', wanted)).status).toBe(507);
    const headers = { 'Upload-Length': '1000', 'Upload-Metadata': `filename ${btoa('a.svs')}` };
    expect((await sendTus(`${full.url}/files`, { method: 'POST', headers })).status).toBe(507);
    expect((await sendTus(`${small.url}/files`, { method: 'POST', headers })).status).toBe(413);
    expect(await small.catalogue.list()).toEqual([]);
  });

  it('count what other uploads have still to bring', async () => {
    const changes = { maxUploadBytes: 2 ** 50 };
    await using roomy = await startUploadService(postgres, { changes });
    const size = Math.floor(((await roomy.uploads?.freeBytes()) ?? 0) * 0.6);
    expect((await call(`${roomy.url}/uploads`, 'POST', { ...wanted, size })).status).toBe(200);
    expect((await call(`${roomy.url}/uploads`, 'POST', { ...wanted, size })).status).toBe(507);
  });

  it('end uploads that wait for too long, and nothing else', async () => {
    await using service = await startUploadService(postgres, { changes: { uploadExpiryMs: 300 } });
    const { body } = await call<Started>(`${service.url}/uploads`, 'POST', wanted);
    await sendTus(service.url + (body.spans[0]?.url ?? ''), {
      method: 'PATCH',
      offset: 0,
      body: Buffer.alloc(10),
    });
    await service.uploads?.sweep();
    await expect
      .poll(async () => {
        await service.uploads?.sweep();
        return (await call(`${service.url}/uploads/${body.uploadId}`, 'GET')).status;
      })
      .toBe(404);
    expect(await service.catalogue.list()).toEqual([]);
    expect(await readdir(join(service.folder, 'objects/uploads'))).toEqual([]);
  });
});

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
