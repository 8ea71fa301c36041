import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from './engine.ts';
import { decode, meanDifference } from './pixels.ts';
import { slidePath } from './shared-slides.ts';
import { makePictures, shell } from './unseen-pictures.ts';

const run = promisify(execFile);

/** Writes the associated images of a slide as OpenSlide sees them, on white. */
const openslide = `
import sys, openslide
from PIL import Image
for name, image in openslide.OpenSlide(sys.argv[1]).associated_images.items():
    white = Image.new('RGBA', image.size, 'white')
    Image.alpha_composite(white, image).convert('RGB').save(sys.argv[2] + '/' + name + '.png')
`;

let service: TestService;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-associated-'));
  service = await startTestService({ rendersAhead: false });
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function details(id: string): Promise<Record<string, unknown>> {
  const answer: unknown = await (await fetch(`${service.url}/slides/${id}.json`)).json();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the service's own answer, read by a test
  return answer as Record<string, unknown>;
}

describe('associated images', () => {
  it.each([
    ['svs/CMU-1-Small-Region.svs', ['label', 'macro', 'thumbnail']],
    ['derived/svs/open_cmu_jpeg_pyramid.svs', ['label', 'macro', 'thumbnail']],
    ['derived/philips/open_cmu_philips.tiff', ['label', 'macro']],
  ])('of %s are those that OpenSlide shows', async (name, names) => {
    const out = await mkdtemp(join(folder, 'openslide-'));
    await run('/usr/bin/python3', ['-c', openslide, slidePath(name), out]);
    const id = await service.view(slidePath(name));
    expect((await readdir(out)).map((file) => file.replace('.png', '')).toSorted()).toEqual(names);
    const { associated } = await details(id);
    expect(associated).toHaveLength(names.length);
    for (const one of names) {
      const answer = await fetch(`${service.url}/slides/${id}/associated/${one}.jpg`);
      expect(answer.status).toBe(200);
      const shown = await decode(Buffer.from(await answer.arrayBuffer()));
      // At the same quality, because a noisy label loses more than 2 of 255 by JPEG alone.
      const theirs = await decode(
        await sharp(join(out, `${one}.png`))
          .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
          .toBuffer(),
      );
      expect(meanDifference(shown, theirs), one).toBeLessThanOrEqual(1);
    }
  });
});

/** The ICC profile of a file as exiftool finds it. */
async function profileOf(path: string): Promise<Buffer> {
  const { stdout } = await run('exiftool', ['-b', '-ICC_Profile', path], { encoding: 'buffer' });
  return stdout;
}

describe('what a conversion keeps', () => {
  beforeAll(async () => {
    await makePictures(folder);
  });

  it.each([
    ['strips.tif', 'vips tiffsave rgb.png OUT --profile p3 --xres 2000 --yres 4000 --compression lzw'],
    ['tiles16.tif', 'vips tiffsave rgb16.png OUT --profile p3 --xres 2000 --yres 4000 --tile --pyramid'],
    [
      'big-endian.tif',
      'vips tiffsave rgb.png in.tif --profile p3 --xres 2000 --yres 4000\ntiffcp -B -t -c zip in.tif OUT',
    ],
  ])('profile and µm per pixel of %s', async (file, command) => {
    await shell(folder, command.replaceAll('OUT', file));
    const profile = await profileOf(join(folder, file));
    expect(profile.length).toBeGreaterThan(300);
    const id = await service.view(join(folder, file));
    expect(await details(id)).toMatchObject({ icc: true, mpp: { x: 0.5, y: 0.25 } });
    const answer = await fetch(`${service.url}/slides/${id}/icc`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(profile)).toBe(true);
    const pyramid = join(service.folder, 'objects', 'slides', id, 'pyramid.tif');
    expect((await profileOf(pyramid)).equals(profile)).toBe(true);
    const fields = ['xres', 'yres'].map(
      async (field) => (await run('vipsheader', ['-f', field, pyramid])).stdout,
    );
    expect((await Promise.all(fields)).map(Number)).toEqual([2000, 4000]);
  });

  it('µm per pixel and objective of an SVS whose tiles are LZW', async () => {
    const about = 'Aperio Image Library v1\r\n613x411|AppMag = 40|MPP = 0.2520|Filename = Jane Doe';
    await shell(
      folder,
      `vips tiffsave rgb.png lzw.svs.tif --tile --compression lzw --profile p3\ntiffset -s 270 '${about}' lzw.svs.tif`,
    );
    const id = await service.view(join(folder, 'lzw.svs.tif'));
    expect(await details(id)).toMatchObject({
      format: 'aperio-svs',
      objectivePower: 40,
      mpp: { x: 0.252, y: 0.252 },
      icc: true,
    });
    const kept = join(service.folder, 'objects', 'slides', id);
    for (const object of await readdir(kept))
      expect((await readFile(join(kept, object))).includes('Jane Doe'), object).toBe(false);
  });

  it('a profile that is not RGB is not offered for RGB pixels', async () => {
    await shell(
      folder,
      'vips icc_export rgb.png a.v --output-profile cmyk && vips tiffsave a.v cmyk.tif --compression lzw',
    );
    const id = await service.view(join(folder, 'cmyk.tif'));
    expect(await details(id)).toMatchObject({ icc: false });
    expect((await fetch(`${service.url}/slides/${id}/icc`)).status).toBe(404);
  });
});
