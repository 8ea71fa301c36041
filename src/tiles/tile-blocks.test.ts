import { copyFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from '../../test/engine.ts';
import { decode, meanDifference, runTool } from '../../test/pixels.ts';
import { slidePath } from '../../test/shared-slides.ts';

const svs = slidePath('derived/svs/open_cmu_jpeg_pyramid.svs');

describe('tiles of a level that a slide lacks', () => {
  let service: TestService;
  let id: string;
  const get = async (path: string) => await fetch(`${service.url}${path}`);
  const rendered = async () => {
    const text = await (await get('/metrics')).text();
    return Number(/^telepath_tile_cache_total\{outcome="miss"\} (\d+)/m.exec(text)?.[1] ?? 0);
  };
  beforeAll(async () => {
    service = await startTestService({ rendersAhead: false });
    id = await service.view(svs);
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
  });

  it('come four by four: the neighbours of one are ready, too', async () => {
    expect((await get(`/slides/${id}_files/11/0_0.jpg`)).status).toBe(200);
    const misses = await rendered();
    // 2220×2967 px halved: 4 × 6 whole tiles of 240 px, so 4 × 4 in the first block.
    for (const place of ['1_0', '3_3', '0_3'])
      expect((await get(`/slides/${id}_files/11/${place}.jpg`)).status).toBe(200);
    expect(await rendered()).toBe(misses);
    expect((await get(`/slides/${id}_files/11/0_4.jpg`)).status).toBe(200);
    expect(await rendered()).toBe(misses + 1);
  });

  it('show the mean of 2 × 2 px that libvips reads, but for JPEG at quality 75', async () => {
    const corner = join(service.folder, 'corner.png');
    const half = join(service.folder, 'half.png');
    await runTool('vips', 'crop', svs, corner, '480', '960', '480', '480');
    await runTool('vips', 'shrink', corner, half, '2', '2');
    const tile = Buffer.from(await (await get(`/slides/${id}_files/11/1_2.jpg`)).arrayBuffer());
    const expected = await decode(await (await open(half)).readFile());
    expect(meanDifference(await decode(tile), expected)).toBeLessThan(3);
  });

  it('fail alone where a tile of their block is damaged', async () => {
    const copy = join(service.folder, 'copy.svs');
    await copyFile(svs, copy);
    const damaged = await service.view(copy);
    const { index } = await service.library.open(damaged);
    const [level] = index.levels;
    const file = await open(copy, 'r+');
    // Row 5, column 4 of the finest level: below tile 2_2 of the block.
    const at = level?.offsets[5 * level.columns + 4] ?? 0;
    await file.write(Buffer.alloc(level?.lengths[5 * level.columns + 4] ?? 0), 0, undefined, at);
    await file.close();
    expect((await get(`/slides/${damaged}_files/11/2_2.jpg`)).status).toBe(422);
    expect((await get(`/slides/${damaged}_files/11/1_1.jpg`)).status).toBe(200);
    expect((await get(`/slides/${damaged}_files/11/3_2.jpg`)).status).toBe(200);
  });
});
