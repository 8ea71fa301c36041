import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceError } from '../src/core/errors.ts';
import { startTestService, type TestService } from './engine.ts';
import { decode, difference, runTool } from './pixels.ts';
import { slidePath, slidesIn } from './shared-slides.ts';

/** What is refused, and the words that tell a person why. All else must be shown. */
const refused: Readonly<Record<string, RegExp>> = {
  'ometiff/viv-multi-channel.ome.tif': /channel|fluorescence/i,
  'ometiff/viv-multifile/multifile-Z1.ome.tiff': /stack|files|channel|grey|planes/i,
  'ometiff/viv-multifile/multifile-Z2.ome.tiff': /stack|files|channel|grey|planes/i,
  'ometiff/viv-multifile/multifile-Z3.ome.tiff': /stack|files|channel|grey|planes/i,
  'ometiff/viv-multifile/multifile-Z4.ome.tiff': /stack|files|channel|grey|planes/i,
  'ometiff/viv-multifile/multifile-Z5.ome.tiff': /stack|files|channel|grey|planes/i,
  'derived/svs/open_cmu_jp2k33003_444.svs': /JPEG 2000/,
  'derived/svs/open_cmu_jp2k33005.svs': /JPEG 2000/,
  'derived/tiff/open_cmu_pyr_jp2k.tif': /JPEG 2000/,
};

/** What `vips dzsave` is given for slide level 0. */
function peerInput(name: string): string {
  const isOpenSlide = name.endsWith('.svs') || name.includes('philips');
  return isOpenSlide ? `${slidePath(name)}[level=0]` : slidePath(name);
}

const files = await slidesIn(
  'svs',
  'tiff',
  'ometiff',
  'image',
  'derived/svs',
  'derived/tiff',
  'derived/ometiff',
  'derived/philips',
  'derived/image',
);

describe('the Deep Zoom pyramid of every shared slide', () => {
  let service: TestService;
  let folder: string;
  beforeAll(async () => {
    service = await startTestService();
    folder = await mkdtemp(join(tmpdir(), 'telepath-dzsave-'));
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(files.filter((name) => refused[name] === undefined))(
    '%s has the tiles of vips dzsave and its pixels within 3 of 255',
    async (name) => {
      const id = await service.view(slidePath(name));
      const record = await service.catalogue.get(id);
      expect(record?.state).toEqual({ kind: 'viewable' });
      const details = (await (await fetch(`${service.url}/slides/${id}.json`)).json()) as Details;
      const out = join(folder, id);
      const { tileSize, maxLevel } = details.deepZoom;
      await runTool(
        'vips',
        'dzsave',
        peerInput(name),
        out,
        ...['--tile-size', String(tileSize), '--overlap', '0', '--depth', 'onepixel'],
        ...['--background', '255', '--suffix', '.jpg[Q=90]'],
      );
      const levels = (await readdir(`${out}_files`)).filter((entry) => /^\d+$/.test(entry));
      expect(levels.length).toBe(maxLevel + 1);
      for (const level of levels) {
        const tiles = await readdir(join(`${out}_files`, level));
        let sum = 0;
        let samples = 0;
        for (const tile of tiles) {
          const answer = await fetch(`${service.url}/slides/${id}_files/${level}/${tile}`);
          expect(answer.status, `${level}/${tile}`).toBe(200);
          const ours = await decode(Buffer.from(await answer.arrayBuffer()));
          const theirs = await decode(join(`${out}_files`, level, tile));
          const found = difference(ours, theirs);
          sum += found.sum;
          samples += found.samples;
        }
        expect(sum / samples, `level ${level}`).toBeLessThanOrEqual(3);
        const [columns, rows] = gridOf(tiles);
        for (const outside of [`${columns}_0`, `0_${rows}`]) {
          const answer = await fetch(`${service.url}/slides/${id}_files/${level}/${outside}.jpg`);
          expect(answer.status).toBe(404);
        }
      }
      await rm(`${out}_files`, { recursive: true });
    },
    300_000,
  );

  it.each(Object.entries(refused))('%s is refused and says why', async (name, reason) => {
    const failure = await service.view(slidePath(name)).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ServiceError);
    expect(String(failure)).toMatch(reason);
  });
});

/** What this test reads of a slide's description. */
interface Details {
  readonly deepZoom: { readonly tileSize: number; readonly maxLevel: number };
}

/** Columns and rows of a level from the names of its tiles. */
function gridOf(tiles: readonly string[]): [number, number] {
  const places = tiles.map((tile) => tile.replace('.jpg', '').split('_').map(Number));
  return [Math.max(...places.map((p) => p[0] ?? 0)) + 1, Math.max(...places.map((p) => p[1] ?? 0)) + 1];
}
