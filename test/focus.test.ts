import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSample } from '../samples/make-sample.ts';
import { parseSlide } from '../src/formats/registry.ts';
import { openFileSource } from '../src/storage/sources.ts';
import { startTestService, type TestService } from './engine.ts';
import { madeTiff } from './made-tiff.ts';
import { decode, meanDifference, type Pixels } from './pixels.ts';

/** What is read of a slide's description. */
interface Details {
  readonly deepZoom: { readonly maxLevel: number; readonly stored: readonly number[] };
  readonly focus?: { readonly base: number; readonly planes: readonly { readonly offset?: number }[] };
  readonly levels: readonly { readonly origin: string }[];
  readonly verification?: { readonly state: string; readonly damaged: readonly Record<string, unknown>[] };
}

/** Pages of the SVS that hold level 0 of each plane, the lowest first. */
const pages = [3, 0, 5] as const;

describe('a focal stack', () => {
  let service: TestService;
  let folder: string;
  let file: string;
  let id: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telepath-focus-'));
    file = join(folder, 'stack.svs');
    await makeSample({ width: 1500, height: 1100, out: file, layout: 'svs', seed: 5, planes: 3 });
    service = await startTestService();
    id = await taken(file);
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** Takes a file in. @returns its id, once all is done for it */
  async function taken(path: string): Promise<string> {
    const { id } = await service.intake.importFile(path, 'slide');
    await service.intake.checked();
    return id;
  }
  const ask = (path: string) => fetch(`${service.url}/slides/${path}`);
  const details = async (slide = id) => (await (await ask(`${slide}.json`)).json()) as Details;
  async function tile(path: string): Promise<Pixels> {
    const answer = await ask(path);
    expect(answer.status, path).toBe(200);
    return await decode(Buffer.from(await answer.arrayBuffer()));
  }
  /** A part of a page as libvips decodes it, halved as often as is said. */
  async function truth(page: number, left: number, top: number, side = 256, halvings = 0): Promise<Pixels> {
    const part = await sharp(file, { page })
      .extract({ left, top, width: side, height: side })
      .png()
      .toBuffer();
    const shrunk = sharp(part).resize(side / 2 ** halvings, null, { kernel: 'linear' });
    return await decode(await shrunk.png().toBuffer());
  }

  it('is described by its planes and their distance from the base plane', async () => {
    const { focus } = await details();
    expect(focus).toEqual({ base: 1, planes: [{ offset: -1 }, { offset: 0 }, { offset: 1 }] });
  });

  it('shows each plane as the file has it, untouched and shrunk', async () => {
    const { deepZoom } = await details();
    const half = deepZoom.maxLevel - 1;
    // Made ahead of time, for all planes.
    expect(deepZoom.stored).toContain(half);
    const { focus } = (await service.library.open(id)).index;
    expect(focus?.others.map(({ made }) => made[0]?.downsample)).toEqual([2, 2]);
    for (const [plane, page] of pages.entries()) {
      const own = await tile(`${id}/planes/${plane}/levels/0/2_1.jpg`);
      const here = await truth(page, 512, 256);
      expect(meanDifference(own, here)).toBeLessThan(0.5);
      const deep = await tile(`${id}/planes/${plane}_files/${deepZoom.maxLevel}/2_1.jpg`);
      expect(meanDifference(deep, here)).toBeLessThan(0.5);
      const shrunk = await tile(`${id}/planes/${plane}_files/${half}/1_0.jpg`);
      expect(meanDifference(shrunk, await truth(page, 512, 0, 512, 1))).toBeLessThan(4);
      const other = await truth(pages[(plane + 1) % 3] ?? 0, 512, 256);
      expect(meanDifference(own, other)).toBeGreaterThan(1);
    }
  });

  it('has its base plane as the slide itself, and no plane that is not there', async () => {
    const as = await ask(`${id}/planes/1/levels/0/2_1.jpg`);
    const plain = await ask(`${id}/levels/0/2_1.jpg`);
    expect(as.headers.get('etag')).toBe(plain.headers.get('etag'));
    expect(await as.arrayBuffer()).toEqual(await plain.arrayBuffer());
    const xml = await (await ask(`${id}/planes/2.dzi`)).text();
    expect(xml).toBe(await (await ask(`${id}.dzi`)).text());
    for (const path of ['3/levels/0/0_0.jpg', '3_files/11/0_0.jpg', '3.dzi', '99.dzi']) {
      const answer = await ask(`${id}/planes/${path}`);
      expect(answer.status, path).toBe(404);
      expect(await answer.text()).toMatch(/no focal plane \d+: the slide has 0–2/);
    }
    for (const path of ['100', '01', '-1', 'x'])
      expect((await ask(`${id}/planes/${path}/levels/0/0_0.jpg`)).status, path).toBe(400);
  });

  it('has damage named by its plane, when it is checked and when it is shown', async () => {
    const copy = join(folder, 'damaged.svs');
    await makeSample({ width: 600, height: 400, out: copy, layout: 'svs', seed: 6, planes: 3 });
    await overwrite(copy, (await placeOf(copy, 2)).at + 400, 300);
    const damaged = await taken(copy);
    const { verification } = await details(damaged);
    expect(verification?.state).toBe('damaged');
    expect(verification?.damaged).toMatchObject([
      { plane: 2, level: 0, column: 1, row: 1, left: 256, top: 256 },
    ]);
    // Another plane, changed on the disk since.
    const stored = join(service.folder, 'objects', 'slides', damaged, 'original', '0');
    await overwrite(stored, (await placeOf(stored, 0)).at + 400, 1);
    const answer = await ask(`${damaged}/planes/0/levels/0/1_1.jpg`);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toMatch(/tile 1_1 at 1\/1 of focal plane 0.*changed since/);
    expect((await ask(`${damaged}/levels/0/1_1.jpg`)).status).toBe(200);
  });

  it('is converted plane by plane where its tiles are no JPEGs', async () => {
    const plain = join(folder, 'strips.ome.tif');
    const pictures = await Promise.all(pages.map((page) => sharp(file, { page }).png().toBuffer()));
    const paths = pictures.map((_, i) => join(folder, `${i}.png`));
    await Promise.all(pictures.map((bytes, i) => writeFile(paths[i] ?? '', bytes)));
    const description =
      '<OME><Image ID="Image:0"><Pixels ID="Pixels:0" SizeX="1500" SizeY="1100" SizeZ="3" SizeC="3" SizeT="1" PhysicalSizeZ="0.75"/></Image></OME>';
    await writeFile(plain, await madeTiff(paths.map((picture) => ({ picture, description }))));
    const converted = await taken(plain);
    const { focus, levels, deepZoom, verification } = await details(converted);
    expect(focus).toEqual({ base: 1, planes: [{ offset: -0.75 }, { offset: 0 }, { offset: 0.75 }] });
    expect(levels.map(({ origin }) => origin)).toEqual(levels.map(() => 'converted'));
    expect(verification?.state).toBe('whole');
    for (const [plane, page] of pages.entries()) {
      const here = await tile(`${converted}/planes/${plane}_files/${deepZoom.maxLevel}/2_1.jpg`);
      expect(meanDifference(here, await truth(page, 512, 256))).toBeLessThan(3);
    }
  });
});

/** Where tile 1_1 of level 0 of a plane lies in its file. */
async function placeOf(path: string, plane: number): Promise<{ at: number }> {
  await using source = await openFileSource(path);
  const { focus } = await parseSlide(source);
  const image = focus?.others[plane < focus.base ? plane : plane - 1]?.levels[0]?.image;
  if (image === undefined) throw new Error(`no plane ${plane}`);
  return { at: image.offsets[image.columns + 1] ?? 0 };
}

/** Turns bytes of a file over where it is. */
async function overwrite(path: string, at: number, length: number): Promise<void> {
  await using handle = await open(path, 'r+');
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
  await handle.write(
    buffer.map((byte) => byte ^ 0xff),
    0,
    length,
    at,
  );
}
