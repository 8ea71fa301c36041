import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startTestService } from './engine.ts';
import { decode, meanDifference, runTool } from './pixels.ts';
import { slidePath } from './shared-slides.ts';

it('converts strips wider than a JPEG can be, each tile in its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'telepath-wide-'));
  await using service = await startTestService();
  try {
    const [row, file] = [join(folder, 'row.v'), join(folder, 'wide.tif')];
    await runTool('vips', 'replicate', slidePath('derived/image/open_cmu_1501x1500.png'), row, '50', '1');
    await runTool('vips', 'crop', row, `${file}[compression=lzw]`, '0', '400', '70000', '600');
    const id = await service.view(file);
    expect((await service.catalogue.get(id))?.state.kind).toMatch(/^(viewable|complete)$/);
    for (const [column, tileRow] of [
      [0, 0],
      [254, 1],
      [255, 0],
      [256, 1],
      [272, 1],
    ] as const) {
      const answer = await fetch(`${service.url}/slides/${id}/levels/0/${column}_${tileRow}.jpg`);
      expect(answer.status).toBe(200);
      const tile = join(folder, `${column}.png`);
      const [left, top] = [String(column * 256), String(tileRow * 256)];
      await runTool('vips', 'crop', file, tile, left, top, '256', '256');
      const shown = await decode(Buffer.from(await answer.arrayBuffer()));
      expect(meanDifference(shown, await decode(tile)), `${column}_${tileRow}`).toBeLessThan(8);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
