import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSample, type SampleLayout, type SampleOptions } from './make-sample.ts';
import { makePalette, paint } from './painter.ts';
import { planSlide } from './plan.ts';

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samples-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Makes a sample in the test's folder. @returns its path */
async function make(
  name: string,
  options: Partial<SampleOptions> & { layout: SampleLayout },
): Promise<string> {
  const out = join(folder, name);
  await makeSample({ width: 1500, height: 1100, seed: 5, out, ...options });
  return out;
}

/** OpenSlide's view of a file. */
async function openSlideProperties(path: string): Promise<Map<string, string>> {
  const { stdout } = await run('openslide-show-properties', [path]);
  const lines = [...stdout.matchAll(/^([\w.[\]-]+): '(.*?)'?\r?$/gm)];
  return new Map(lines.map(([, key = '', value = '']) => [key, value]));
}

/** Pixels of one page of a TIFF as libvips decodes them. */
async function pageOf(path: string, page: number): Promise<{ rgb: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(path, { page })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}

/**
 * How far a page is from the box means of a finer one, as a part of how far it is from those one pixel beside:
 * JPEG leaves some difference at any pixel, a wrong reduction leaves as much as the neighbour's.
 */
async function differenceOfMeans(
  path: string,
  fine: number,
  coarse: number,
  factor: number,
): Promise<number> {
  const [from, to] = [await pageOf(path, fine), await pageOf(path, coarse)];
  const meanAt = (x: number, y: number): number => {
    let sum = 0;
    for (let j = 0; j < factor; j++)
      for (let i = 0; i < factor; i++) {
        const row = Math.min(from.height - 1, y * factor + j);
        const column = Math.min(from.width - 1, x * factor + i);
        sum += from.rgb[(row * from.width + column) * 3 + 1]!;
      }
    return sum / factor ** 2;
  };
  let [here, beside] = [0, 0];
  for (let y = 0; y < to.height; y++)
    for (let x = 0; x < to.width; x++) {
      const value = to.rgb[(y * to.width + x) * 3 + 1]!;
      here += Math.abs(meanAt(x, y) - value);
      beside += Math.abs(meanAt(x + 1, y) - value);
    }
  return here / beside;
}

describe('makeSample', () => {
  it('gives the same bytes for the same seed and others for another', async () => {
    const digests: string[] = [];
    for (const seed of [5, 5, 6]) {
      const bytes = await readFile(
        await make('same.svs', { layout: 'svs', seed, width: 5000, height: 1200 }),
      );
      digests.push(createHash('sha256').update(bytes).digest('hex'));
    }
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });

  it('makes an SVS that OpenSlide reads as a 40× Aperio slide with 1, 4 and 16', async () => {
    const path = await make('aperio.svs', {
      layout: 'svs',
      width: 4999,
      height: 4111,
      tileSize: 240,
      quality: 89,
    });
    const properties = await openSlideProperties(path);
    expect(Object.fromEntries(properties)).toMatchObject({
      'openslide.vendor': 'aperio',
      'openslide.level-count': '3',
      'openslide.level[0].width': '4999',
      'openslide.level[0].height': '4111',
      'openslide.level[0].tile-width': '240',
      'openslide.level[1].width': '1249',
      'openslide.level[1].height': '1027',
      'openslide.level[2].width': '312',
      'openslide.level[2].height': '256',
      'openslide.mpp-x': '0.25',
      'openslide.objective-power': '40',
    });
    expect(await differenceOfMeans(path, 0, 2, 4)).toBeLessThan(0.5);
    expect(await differenceOfMeans(path, 2, 3, 4)).toBeLessThan(0.5);
  });

  it('gives an SVS label, macro and thumbnail', async () => {
    const path = await make('associated.svs', { layout: 'svs' });
    const sizes: string[] = [];
    for (const page of [1, 3, 4]) {
      const { width, height } = await sharp(path, { page }).metadata();
      sizes.push(`${width}×${height}`);
    }
    // 1,500 × 1,100 px: a level of 375 × 275, none at 16. The thumbnail is the scan at 1/16.
    expect(sizes).toEqual(['94×69', '387×463', '1280×431']);
    const { stdout } = await run('tiffinfo', [path]);
    expect(stdout).toMatch(/label 387x463[^]*macro 1280x431/);
  });

  it('makes a pyramid of halves, rounded up, down to one tile', async () => {
    const path = await make('pyramid.tif', { layout: 'pyramid', width: 4999, height: 2111, quality: 89 });
    const properties = await openSlideProperties(path);
    const widths = [4999, 2500, 1250, 625, 313, 157];
    const heights = [2111, 1056, 528, 264, 132, 66];
    expect(properties.get('openslide.level-count')).toBe('6');
    for (const [i, width] of widths.entries()) {
      expect(properties.get(`openslide.level[${i}].width`)).toBe(String(width));
      expect(properties.get(`openslide.level[${i}].height`)).toBe(String(heights[i]));
      if (i > 0) expect(await differenceOfMeans(path, i - 1, i, 2)).toBeLessThan(0.5);
    }
  });

  it.each(['strips', 'deflate'] as const)('stores %s without loss', async (layout) => {
    const path = await make(`${layout}.tif`, { layout });
    const palette = makePalette(planSlide(5, { width: 1500, height: 1100 }, 0.25));
    const painted = paint(palette, { left: 0, top: 0, width: 1500, height: 1100 });
    const { rgb } = await pageOf(path, 0);
    expect(Buffer.compare(rgb, Buffer.from(painted))).toBe(0);
  });

  it('makes one level of JPEG tiles at 20×', async () => {
    const path = await make('one.tif', { layout: 'jpeg-one-level', mpp: 0.5 });
    const { stdout } = await run('tiffinfo', [path]);
    expect(stdout.match(/TIFF directory/g)).toHaveLength(1);
    // 0.5 µm a pixel are 20,000 pixels a centimetre.
    expect(stdout).toMatch(
      /Tile Width: 256[^]*Resolution: 20000, 20000 pixels\/cm[^]*Compression Scheme: JPEG/,
    );
  });

  it('needs under 370 MB for 50 megapixels: 150 MB of pixels are never held at once', async () => {
    const out = join(folder, 'bounded.svs');
    const script = `
      const { makeSample } = await import(${JSON.stringify(new URL('make-sample.ts', import.meta.url).href)});
      await makeSample({ width: 8192, height: 6144, seed: 1, layout: 'svs', out: ${JSON.stringify(out)} });
      console.log(process.resourceUsage().maxRSS);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
    expect(Number(stdout) / 1024).toBeLessThan(370);
  });

  it('leaves nothing behind when it is told to stop', async () => {
    const controller = new AbortController();
    const making = make('stopped.svs', {
      layout: 'svs',
      width: 8000,
      height: 4000,
      onProgress: () => controller.abort(),
      signal: controller.signal,
    });
    await expect(making).rejects.toMatchObject({ name: 'AbortError' });
    expect((await readdir(folder)).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });

  it.each([
    ['no width', { width: 0 }, /16 to 1,000,000 px/],
    ['half a pixel', { height: 100.5 }, /16 to 1,000,000 px/],
    ['tiles of 250 px', { tileSize: 250 }, /tile size of 16, 32/],
    ['10 µm per pixel', { mpp: 10 }, /0.1 to 2 µm/],
    ['quality 101', { quality: 101 }, /quality of 1 to 89/],
  ])('refuses %s', async (_name, options, message) => {
    await expect(make('refused.svs', { layout: 'svs', ...options })).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('paint', () => {
  it('has no seams: parts painted in another order fit the whole', () => {
    const plan = planSlide(7, { width: 3000, height: 3000 }, 0.25);
    const whole = Buffer.from(paint(makePalette(plan), { left: 1008, top: 1008, width: 512, height: 512 }));
    const palette = makePalette(plan);
    const seen = new Set<number>();
    for (const [left, top] of [
      [1264, 1264],
      [1008, 1264],
      [1264, 1008],
      [1008, 1008],
    ] as const) {
      const part = Buffer.from(paint(palette, { left, top, width: 256, height: 256 }));
      for (let y = 0; y < 256; y++) {
        const at = ((top - 1008 + y) * 512 + left - 1008) * 3;
        const row = part.subarray(y * 768, (y + 1) * 768);
        expect(Buffer.compare(row, whole.subarray(at, at + 768))).toBe(0);
        for (const value of row) seen.add(value);
      }
    }
    // Tissue, not glass.
    expect(seen.size).toBeGreaterThan(100);
  });

  it('shows pale glass around pink tissue with dark nuclei', () => {
    const plan = planSlide(7, { width: 3000, height: 3000 }, 0.25);
    const palette = makePalette(plan);
    expect([...paint(palette, { left: 256, top: 256, width: 16, height: 16 }).subarray(0, 3)]).toEqual([
      243, 242, 244,
    ]);
    const tissue = paint(palette, { left: 1008, top: 1008, width: 1024, height: 1024 });
    const mean = [0, 0, 0];
    let dark = 0;
    for (let p = 0; p < tissue.length; p += 3) {
      for (const c of [0, 1, 2]) mean[c]! += (tissue[p + c]! * 3) / tissue.length;
      if (tissue[p]! < 110) dark += 3 / tissue.length;
    }
    const [red = 0, green = 0, blue = 0] = mean;
    expect(red).toBeGreaterThan(green + 30);
    expect(blue).toBeGreaterThan(green + 15);
    expect(dark).toBeGreaterThan(0.02);
    expect(dark).toBeLessThan(0.4);
  });
});
