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
  'ometiff/viv-multifile/multifile-Z1.ome.tiff': /companion file/i,
  'ometiff/viv-multifile/multifile-Z2.ome.tiff': /companion file/i,
  'ometiff/viv-multifile/multifile-Z3.ome.tiff': /companion file/i,
  'ometiff/viv-multifile/multifile-Z4.ome.tiff': /companion file/i,
  'ometiff/viv-multifile/multifile-Z5.ome.tiff': /companion file/i,
  'tiff/cog/sparse.tiff': /none is stored/,
  'derived/svs/open_cmu_jp2k33003_444.svs': /JPEG 2000/,
  'derived/svs/open_cmu_jp2k33005.svs': /JPEG 2000/,
  'derived/tiff/open_cmu_pyr_jp2k.tif': /JPEG 2000/,
};

/**
 * Levels (as exponents of 2) whose tiles the file itself holds with pixels that another filter made, or another
 * quality, than means of 2 × 2 px: they are served as they are, and other tests compare them with OpenSlide.
 */
const ownLevels: Readonly<Record<string, readonly number[]>> = {
  'derived/svs/open_cmu_jpeg_pyramid.svs': [2, 3, 4],
  'derived/ometiff/open_cmu_rgb_jpeg_subifd.ome.tif': [1, 2, 3],
};

/**
 * Pictures of 64 × 56 px of stripes and noise: there `vips dzsave` itself is 7 of 255 away from its own lossless
 * output. They are held to that, level by level, instead of to 3 of 255 from dzsave's JPEGs over all.
 */
const noisy = /cantaloupe/;

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

  /** The pyramid that libvips makes of a slide level, without loss and as it does by default. */
  async function peers(input: string, tileSize: number): Promise<{ lossless: string; usual: string }> {
    const lossless = join(folder, 'lossless');
    const usual = join(folder, 'usual');
    for (const [out, suffix] of [
      // Not compressed: it is read once.
      [lossless, '.png[compression=0]'],
      [usual, '.jpeg'],
    ] as const) {
      const geometry = ['--tile-size', String(tileSize), '--overlap', '0', '--depth', 'onepixel'];
      await rm(`${out}_files`, { recursive: true, force: true });
      await runTool('vips', 'dzsave', input, out, ...geometry, '--background', '255', '--suffix', suffix);
    }
    return { lossless: `${lossless}_files`, usual: `${usual}_files` };
  }

  /** What libvips is given: the file, or, where it can't read separate planes, the same pixels in one plane. */
  async function peerInput(name: string): Promise<string> {
    if (!name.includes('tiled_planar')) return slidePath(name);
    const file = join(folder, 'contiguous.tif');
    await runTool('tiffcp', '-p', 'contig', slidePath(name), file);
    return file;
  }

  it.each(files.filter((name) => refused[name] === undefined))(
    '%s has the tiles of vips dzsave, and pixels as near to the slide',
    async (name) => {
      const id = await service.view(slidePath(name));
      expect((await service.catalogue.get(id))?.state.kind).toMatch(/^(viewable|complete)$/);
      const details = (await (await fetch(`${service.url}/slides/${id}.json`)).json()) as Details;
      const { tileSize, maxLevel } = details.deepZoom;
      const { lossless, usual } = await peers(await peerInput(name), tileSize);
      const levels = (await readdir(lossless)).filter((entry) => /^\d+$/.test(entry)).map(Number);
      expect(Math.max(...levels)).toBe(maxLevel);
      const whole = new Mean();
      for (const level of levels) {
        const tiles = (await readdir(join(lossless, String(level)))).map((tile) => tile.replace('.png', ''));
        const [ours, theirs] = [new Mean(), new Mean()];
        for (const tile of sampled(tiles)) {
          const answer = await fetch(`${service.url}/slides/${id}_files/${level}/${tile}.jpg`);
          expect(answer.status, `${level}/${tile}`).toBe(200);
          const shown = await decode(Buffer.from(await answer.arrayBuffer()));
          const truth = await decode(join(lossless, String(level), `${tile}.png`));
          const peer = await decode(join(usual, String(level), `${tile}.jpeg`));
          ours.add(difference(shown, truth));
          theirs.add(difference(peer, truth));
          whole.add(difference(shown, peer));
        }
        const isOneTile = tiles.length === 1;
        // Pictures of a few pixels are mostly JPEG's own noise, theirs as well as ours.
        const limit = isOneTile ? Math.max(4, 1.6 * theirs.value) : Math.max(3, 1.1 * theirs.value);
        if (!ownLevels[name]?.includes(maxLevel - level))
          expect(ours.value, `level ${level}`).toBeLessThanOrEqual(limit);
        const [columns, rows] = gridOf(tiles);
        for (const outside of [`${columns}_0`, `0_${rows}`]) {
          const answer = await fetch(`${service.url}/slides/${id}_files/${level}/${outside}.jpg`);
          expect(answer.status).toBe(404);
        }
      }
      expect(whole.value).toBeLessThanOrEqual(noisy.test(name) ? 8 : 3);
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

/** Tiles of one level that are compared: all of a small one, every nth of a large one. */
function sampled(tiles: readonly string[]): string[] {
  const step = Math.ceil(tiles.length / 150);
  return tiles.filter((_, i) => i % step === 0);
}

/** What this test reads of a slide's description. */
interface Details {
  readonly deepZoom: { readonly tileSize: number; readonly maxLevel: number };
}

/** A mean absolute difference that grows tile by tile. */
class Mean {
  #sum = 0;
  #samples = 0;

  add({ sum, samples }: { sum: number; samples: number }): void {
    this.#sum += sum;
    this.#samples += samples;
  }

  get value(): number {
    return this.#sum / this.#samples;
  }
}

/** Columns and rows of a level from the names of its tiles. */
function gridOf(tiles: readonly string[]): [number, number] {
  const places = tiles.map((tile) => tile.split('_').map(Number));
  return [Math.max(...places.map((p) => p[0] ?? 0)) + 1, Math.max(...places.map((p) => p[1] ?? 0)) + 1];
}
