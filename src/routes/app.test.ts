import { readFile, rm, symlink } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from '../../test/engine.ts';
import { decode } from '../../test/pixels.ts';
import { slidePath } from '../../test/shared-slides.ts';

const svs = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');
const absent = '0'.repeat(32);

describe('the HTTP service', () => {
  let service: TestService;
  let id: string;
  beforeAll(async () => {
    service = await startTestService();
    id = await service.view(svs);
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
  });
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${service.url}${path}`, { headers });

  it('describes a slide without a word from the allow-list’s outside', async () => {
    const answer = await get(`/slides/${id}.json`);
    const details = (await answer.json()) as object;
    expect(details).toMatchObject({
      id,
      size: { width: 2220, height: 2967 },
      vendor: 'Aperio',
      levels: [
        { level: 0, width: 2220, height: 2967, tileWidth: 240, tileHeight: 240, columns: 10, rows: 13 },
        { level: 1 },
      ],
      deepZoom: { tileSize: 240, maxLevel: 12 },
    });
    expect(Object.keys(details).sort()).toEqual(
      [
        'associated',
        'background',
        'deepZoom',
        'format',
        'icc',
        'id',
        'levels',
        'mpp',
        'name',
        'objectivePower',
        'size',
        'state',
        'vendor',
      ].filter((key) => key in details),
    );
  });

  it('sends a tile once, then 304 for its entity tag', async () => {
    const first = await get(`/slides/${id}/levels/0/3_4.jpg`);
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe('image/jpeg');
    expect(first.headers.get('cache-control')).toMatch(/immutable/);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{5,40}"$/);
    const bytes = await first.arrayBuffer();
    expect(Number(first.headers.get('content-length'))).toBe(bytes.byteLength);
    for (const tags of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
      const again = await get(`/slides/${id}/levels/0/3_4.jpg`, { 'If-None-Match': tags });
      expect(again.status).toBe(304);
      expect((await again.arrayBuffer()).byteLength).toBe(0);
    }
    expect((await get(`/slides/${id}/levels/0/3_4.jpg`, { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  it('answers HEAD like GET, without the body', async () => {
    const path = `/slides/${id}/levels/0/3_4.jpg`;
    const [full, head] = await Promise.all([get(path), fetch(service.url + path, { method: 'HEAD' })]);
    for (const name of ['etag', 'content-length', 'content-type', 'cache-control'])
      expect(head.headers.get(name)).toBe(full.headers.get(name));
    expect((await head.arrayBuffer()).byteLength).toBe(0);
  });

  it('crops Deep Zoom tiles at the edges and pads none', async () => {
    const corner = await get(`/slides/${id}_files/12/9_12.jpg`);
    const { width, height } = await decode(Buffer.from(await corner.arrayBuffer()));
    expect({ width, height }).toEqual({ width: 2220 - 9 * 240, height: 2967 - 12 * 240 });
    const top = await get(`/slides/${id}_files/0/0_0.jpg`);
    const one = await decode(Buffer.from(await top.arrayBuffer()));
    expect([one.width, one.height]).toEqual([1, 1]);
  });

  it('serves the Deep Zoom description', async () => {
    const text = await (await get(`/slides/${id}.dzi`)).text();
    expect(text).toContain('Format="jpg" Overlap="0" TileSize="240"');
    expect(text).toContain('<Size Width="2220" Height="2967"/>');
  });

  it('makes a thumbnail within the width asked for', async () => {
    const answer = await get(`/slides/${id}/thumbnail.jpg?width=300`);
    const { width, height } = await decode(Buffer.from(await answer.arrayBuffer()));
    expect(Math.max(width, height)).toBe(300);
    expect(width / height).toBeCloseTo(2220 / 2967, 2);
  });

  it.each(['label', 'macro', 'thumbnail'])('shows the associated image %s', async (name) => {
    const answer = await get(`/slides/${id}/associated/${name}.jpg`);
    expect(answer.status).toBe(200);
    expect((await decode(Buffer.from(await answer.arrayBuffer()))).width).toBeGreaterThan(100);
  });

  it.each([
    ['/slides/{id}/levels/0/10_0.jpg', 404],
    ['/slides/{id}/levels/0/0_13.jpg', 404],
    ['/slides/{id}/levels/9/0_0.jpg', 404],
    ['/slides/{id}/levels/0/00_0.jpg', 400],
    ['/slides/{id}/levels/0/-1_0.jpg', 400],
    ['/slides/{id}/levels/0/1e1_0.jpg', 400],
    ['/slides/{id}/levels/0/0x1_0.jpg', 400],
    ['/slides/{id}/levels/0/_0.jpg', 404],
    ['/slides/{id}_files/13/0_0.jpg', 404],
    ['/slides/{id}_files/12/10_0.jpg', 404],
    ['/slides/{id}_files/012/0_0.jpg', 400],
    ['/slides/{id}_files/12/99999999_0.jpg', 400],
    ['/slides/{id}/thumbnail.jpg?width=0', 400],
    ['/slides/{id}/thumbnail.jpg?width=5000', 400],
    ['/slides/{id}/thumbnail.jpg?width=', 400],
    ['/slides/{id}/associated/x.jpg', 404],
    ['/slides/{id}/icc', 404],
    [`/slides/${absent}.json`, 404],
    [`/slides/${absent}.dzi`, 404],
    [`/slides/${absent}/levels/0/0_0.jpg`, 404],
    ['/slides/nonsense.json', 400],
    ['/slides/..%2f..%2fetc%2fpasswd.json', 400],
    ['/nowhere', 404],
    ['/slides/%E0%A4%A.json', 400],
  ])('answers %s with %i and a problem in words', async (path, status) => {
    const answer = await get(path.replace('{id}', id));
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await answer.json()) as { status: number; detail: string };
    expect(answer.status).toBe(status);
    expect(problem.status).toBe(status);
    expect(problem.detail.length).toBeGreaterThan(5);
  });

  it('takes a slide in, byte for byte, and shows it', async () => {
    const bytes = await readFile(svs);
    const answer = await fetch(`${service.url}/slides?name=mine.svs`, { method: 'POST', body: bytes });
    expect(answer.status).toBe(201);
    const created = (await answer.json()) as { id: string };
    const stored = await service.store.read(`slides/${created.id}/original/0`, 0, bytes.length);
    expect(stored.equals(bytes)).toBe(true);
    const details = (await (await get(`/slides/${created.id}.json`)).json()) as object;
    expect(details).toMatchObject({ name: 'mine.svs', state: { kind: 'viewable' } });
    const { slides } = (await (await get('/slides')).json()) as { slides: { id: string }[] };
    expect(slides.map((slide) => slide.id)).toContain(created.id);
  });

  it('lists slides in pages, and finds them by their words', async () => {
    const list = async (query: string) => {
      const answer = await get(`/slides?${query}`);
      return (await answer.json()) as {
        slides: { id: string; name: string; vendor?: string }[];
        next?: string;
      };
    };
    for (const name of ['page one.svs', 'page two.svs', 'page three.svs'])
      await fetch(`${service.url}/slides?name=${name}`, { method: 'POST', body: await readFile(svs) });
    const first = await list('text=page&limit=2');
    expect(first.slides.map(({ name }) => name)).toEqual(['page three.svs', 'page two.svs']);
    expect(first.next).toBe(first.slides[1]?.id);
    const rest = await list(`text=PAGE&limit=2&after=${first.next}`);
    expect(rest.slides.map(({ name }) => name)).toEqual(['page one.svs']);
    expect(rest.next).toBeUndefined();
    const around = await list(`around=${first.next}&limit=3`);
    expect(around.slides.map(({ name }) => name)).toEqual(['page three.svs', 'page two.svs', 'page one.svs']);
    expect((await list('text=page+aperio')).slides).toHaveLength(3);
    expect((await list('text=page+nobody')).slides).toEqual([]);
    expect((await get(`/slides?after=${first.next}&around=${first.next}`)).status).toBe(400);
    expect((await get(`/slides?limit=501`)).status).toBe(400);
    expect((await get(`/slides?after=${absent}`)).status).toBe(404);
  });

  it('refuses what is no slide, says why, and keeps nothing', async () => {
    await service.intake.checked();
    const before = await keysOf(service);
    const answer = await fetch(`${service.url}/slides?name=letter.svs`, {
      method: 'POST',
      body: 'Dear lab,',
    });
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('letter.svs') as string });
    expect(await keysOf(service)).toEqual(before);
  });

  it('answers on the same connection after an upload that could not be kept', async () => {
    await using failing = await startTestService();
    const partial = join(failing.folder, 'objects/.partial');
    await rm(partial, { recursive: true });
    await symlink(partial, partial);
    const body = Buffer.alloc(5_000_000);
    for (let n = 0; n < 3; n += 1) {
      const answer = await fetch(`${failing.url}/slides?name=a.svs`, { method: 'POST', body });
      expect(answer.status).toBe(502);
      await answer.arrayBuffer();
      expect((await fetch(`${failing.url}/healthz`)).status).toBe(200);
    }
  });

  it('keeps nothing of an upload that breaks off', async () => {
    await service.intake.checked();
    const before = await keysOf(service);
    await new Promise<void>((resolve) => {
      const half = request(`${service.url}/slides?name=half.svs`, {
        method: 'POST',
        headers: { 'Content-Length': 1_000_000 },
      });
      half.on('error', () => resolve());
      half.write(Buffer.alloc(100_000), () => setTimeout(() => half.destroy(), 50));
      half.on('close', () => resolve());
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await keysOf(service)).toEqual(before);
  });

  it('reports health and metrics', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    const text = await (await get('/metrics')).text();
    expect(text).toMatch(/telepath_tiles_total\{path="passthrough"\} [1-9]/);
    expect(text).toMatch(/telepath_tile_cache_total\{outcome="hit"\} [1-9]/);
    expect(text).toContain('telepath_request_seconds_bucket');
    expect(text).not.toContain(id);
  });

  it('lets pages load nothing from elsewhere', async () => {
    const { headers } = await get('/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    // On the machine itself there is no TLS to insist on.
    expect(headers.has('strict-transport-security')).toBe(false);
  });
});

/** All keys in a service's store. */
async function keysOf(service: TestService): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of service.store.list('')) keys.push(key);
  return keys;
}
