import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSlide } from '../src/formats/registry.ts';
import { memorySource } from '../src/formats/test-source.ts';
import type { TestTiffShape } from '../src/formats/tiff/test-tiff.ts';
import { startTestService, type TestService } from './engine.ts';
import { type MadeImage, madeTiff } from './made-tiff.ts';
import { decode, meanDifference, type Pixels } from './pixels.ts';
import { shownPicture, thumbnailOf } from './shown-picture.ts';
import { slidePath } from './shared-slides.ts';
import { makePictures, shell } from './unseen-pictures.ts';

let service: TestService;
let folder: string;
let truth: Pixels;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telepath-unseen-'));
  service = await startTestService({ jpegQuality: 95, rendersAhead: false });
  await makePictures(folder);
  await shell(folder, 'convert rgb.png -negate negative.png');
  truth = await decode(join(folder, 'rgb.png'));
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** What the service says of a slide. */
interface Details {
  readonly format: string;
  readonly width: number;
  readonly mpp?: { readonly x: number; readonly y: number };
  readonly objectivePower?: number;
  readonly levels: readonly {
    readonly width: number;
    readonly height: number;
    readonly downsample: number;
    readonly origin: string;
  }[];
  readonly associated: readonly { readonly name: string }[];
}

let count = 0;

/** Writes a file and shows it. */
async function shown(
  images: readonly MadeImage[],
  shape?: TestTiffShape,
  ghost?: string,
): Promise<{ id: string; details: Details; picture: Pixels }> {
  const path = join(folder, `slide-${(count += 1)}.tif`);
  const paths = images.map((image) => ({ ...image, picture: join(folder, image.picture) }));
  await writeFile(path, await madeTiff(paths, shape, ghost));
  return await look(path);
}

async function look(path: string): Promise<{ id: string; details: Details; picture: Pixels }> {
  const id = await service.view(path);
  expect((await service.catalogue.get(id))?.state).toEqual({ kind: 'viewable' });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the service's own answer, read by a test
  const details = (await (await fetch(`${service.url}/slides/${id}.json`)).json()) as Details;
  const thumbnail = await fetch(`${service.url}/slides/${id}/thumbnail.jpg?width=96`);
  expect(thumbnail.status).toBe(200);
  const picture = await shownPicture(service.url, id);
  const small = await decode(Buffer.from(await thumbnail.arrayBuffer()));
  expect(meanDifference(small, await thumbnailOf(picture, 96))).toBeLessThan(6);
  return { id, details, picture };
}

async function associated(id: string, name: string): Promise<Pixels> {
  const answer = await fetch(`${service.url}/slides/${id}/associated/${name}.jpg`);
  expect(answer.status, name).toBe(200);
  return await decode(Buffer.from(await answer.arrayBuffer()));
}

const about = 'Aperio Image Library v10.2.41\r\n613x411 [0,0 613x411] (240x240) JPEG/RGB Q=70|AppMag = 20';
const base: MadeImage = { picture: 'rgb.png', tile: 240, description: `${about}|MPP = 0.4990` };
const quarter: MadeImage = { picture: 'rgb.png', size: [153, 102], tile: 240, description: about };
const sixteenth: MadeImage = { picture: 'rgb.png', size: [38, 25], tile: 240, description: about };
const thumbnail: MadeImage = { picture: 'rgb.png', size: [300, 201], description: about };
const label: MadeImage = {
  picture: 'palette.png',
  size: [100, 90],
  subfileType: 1,
  description: 'Aperio Image Library\nlabel 100x90',
};
const macro: MadeImage = {
  picture: 'negative.png',
  size: [120, 60],
  subfileType: 9,
  description: 'Aperio Image Library\nmacro 120x60',
};

describe('SVS as other scanners write it', () => {
  it.each<[string, MadeImage[], TestTiffShape, string[]]>([
    ['levels 1/4/16 alone', [base, quarter, sixteenth], { isBig: false, isLittleEndian: true }, []],
    [
      'everything',
      [base, thumbnail, quarter, sixteenth, label, macro],
      { isBig: false, isLittleEndian: true },
      ['label', 'macro', 'thumbnail'],
    ],
    [
      'BigTIFF',
      [base, thumbnail, quarter, label, macro],
      { isBig: true, isLittleEndian: true },
      ['label', 'macro', 'thumbnail'],
    ],
    [
      'big-endian',
      [base, thumbnail, quarter, macro],
      { isBig: false, isLittleEndian: false },
      ['macro', 'thumbnail'],
    ],
    [
      'big-endian BigTIFF',
      [base, thumbnail, quarter, label],
      { isBig: true, isLittleEndian: false },
      ['label', 'thumbnail'],
    ],
    [
      'no thumbnail',
      [base, quarter, label, macro],
      { isBig: false, isLittleEndian: true },
      ['label', 'macro'],
    ],
    [
      'no levels',
      [base, thumbnail, label, macro],
      { isBig: false, isLittleEndian: true },
      ['label', 'macro', 'thumbnail'],
    ],
    [
      'label and macro told by their kind',
      [base, thumbnail, { ...label, description: 'Aperio' }, { ...macro, description: 'Aperio' }],
      { isBig: false, isLittleEndian: true },
      ['label', 'macro', 'thumbnail'],
    ],
    [
      'abbreviated tiles',
      [
        { ...base, isAbbreviated: true },
        { ...quarter, isAbbreviated: true },
      ],
      { isBig: false, isLittleEndian: true },
      [],
    ],
    [
      'progressive tiles',
      [{ ...base, isProgressive: true }, quarter],
      { isBig: false, isLittleEndian: true },
      [],
    ],
  ])('%s', async (_, images, shape, names) => {
    const { id, details, picture } = await shown(images, shape);
    expect(details).toMatchObject({ format: 'aperio-svs', mpp: { x: 0.499, y: 0.499 }, objectivePower: 20 });
    const tiled = images.filter(({ tile }) => tile !== undefined).length;
    expect(details.levels.map(({ downsample }) => downsample)).toEqual([1, 4, 16].slice(0, tiled));
    expect(details.levels.every(({ origin }) => origin === 'scanner')).toBe(true);
    expect(meanDifference(picture, truth)).toBeLessThanOrEqual(3);
    expect(details.associated.map(({ name }) => name).toSorted()).toEqual(names);
    for (const name of names) {
      const own = { label, macro, thumbnail }[name];
      const path = join(folder, own?.picture ?? '');
      const [width, height] = own?.size ?? [];
      const expected = await decode(
        await sharp(path).resize(width, height, { fit: 'fill', kernel: 'cubic' }).png().toBuffer(),
      );
      expect(meanDifference(await associated(id, name), expected), name).toBeLessThanOrEqual(6);
    }
  });

  it.each([
    ['MPP = 0,4990', 0.499],
    ['mpp = 0.25', 0.25],
    ['MPP=0.2520', 0.252],
    ['MPP = 0', undefined],
    ['MPP = nan', undefined],
    ['MPP = ', undefined],
    ['Filename = MPP = 0.1', undefined],
  ])('%s means %s µm', async (text, mpp) => {
    const { details } = await shown([{ ...base, description: `${about}|${text}` }]);
    expect(details.mpp).toEqual(mpp === undefined ? undefined : { x: mpp, y: mpp });
  });

  it('shows the first focal plane of several', async () => {
    const plane = (picture: string, z: number): MadeImage[] =>
      [base, quarter].map((image) => ({ ...image, picture, description: `${about}|OffsetZ = ${z}` }));
    const { details, picture } = await shown([...plane('rgb.png', 0), ...plane('negative.png', 1)]);
    expect(details.levels.map(({ width }) => width)).toEqual([613, 153]);
    expect(meanDifference(picture, truth)).toBeLessThanOrEqual(3);
    const interleaved = [
      plane('rgb.png', 0)[0],
      plane('negative.png', 1)[0],
      ...plane('negative.png', 1).slice(1),
      plane('rgb.png', 0)[1],
    ];
    const again = await shown(interleaved.flatMap((image) => (image === undefined ? [] : [image])));
    expect(meanDifference(again.picture, truth)).toBeLessThanOrEqual(3);
  });

  it('shows glass where tiles are not stored', async () => {
    const isMissing = (column: number, row: number) => column === 2 || row === 1;
    const { picture } = await shown(
      [
        { ...base, lacks: isMissing },
        { ...quarter, lacks: () => true },
      ].slice(0, 1),
    );
    const expected = Buffer.from(truth.rgb);
    for (let y = 0; y < truth.height; y += 1)
      for (let x = 0; x < truth.width; x += 1)
        if (isMissing(Math.floor(x / 240), Math.floor(y / 240)))
          expected.fill(255, (y * truth.width + x) * 3, (y * truth.width + x) * 3 + 3);
    expect(meanDifference(picture, { ...truth, rgb: expected })).toBeLessThanOrEqual(3);
  });
});

describe('OME-TIFF', () => {
  const xml = (type: string, samples: number): string =>
    `<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels BigEndian="false" DimensionOrder="XYCZT" ID="Pixels:0" Interleaved="true" SizeX="613" SizeY="411" SizeZ="1" SizeC="${samples}" SizeT="1" Type="${type}" PhysicalSizeX="0.25" PhysicalSizeY="0.25"><Channel ID="Channel:0:0" SamplesPerPixel="${samples}"/><TiffData IFD="0" PlaneCount="1"/></Pixels></Image></OME>`;
  it.each([
    [
      'interleaved JPEG with SubIFDs',
      'vips tiffsave rgb.png OUT --tile --pyramid --subifd --compression jpeg --Q 90',
      3,
    ],
    ['interleaved LZW strips', 'vips tiffsave rgb.png OUT --compression lzw', 2],
    [
      'planar tiles',
      'vips tiffsave rgb.png in.tif\ntiffcp -p separate -t -w 256 -l 256 -c zip in.tif OUT',
      2,
    ],
    ['planar strips', 'vips tiffsave rgb.png in.tif\ntiffcp -p separate -s -c lzw:2 in.tif OUT', 2],
    ['16 bits, big-endian', 'vips tiffsave rgb16.png in.tif\ntiffcp -B -t -w 256 -l 256 in.tif OUT', 2],
  ])('%s', async (name, command, limit) => {
    const file = `ome-${name.replaceAll(/\W/g, '')}.ome.tif`;
    await writeFile(join(folder, 'ome.xml'), xml(name.startsWith('16') ? 'uint16' : 'uint8', 3));
    await shell(folder, `${command.replaceAll('OUT', file)}\ntiffset -sf 270 ome.xml ${file}`);
    const { details, picture } = await look(join(folder, file));
    expect(details).toMatchObject({ format: 'ome-tiff', mpp: { x: 0.25, y: 0.25 } });
    const expected = await decode(join(folder, name.startsWith('16') ? 'rgb16.png' : 'rgb.png'));
    expect(meanDifference(picture, expected)).toBeLessThanOrEqual(limit);
  });
});

describe('other pyramids', () => {
  it('a cloud-optimised GeoTIFF with a mask, a ghost area and leaders of four bytes', async () => {
    const mask: MadeImage = { picture: 'bw.png', tile: 256, subfileType: 4 };
    const ghost =
      'GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\nLAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\n';
    const { details, picture } = await shown(
      [
        { picture: 'rgb.png', tile: 256, leader: 4 },
        mask,
        { picture: 'rgb.png', size: [307, 206], tile: 256, subfileType: 1, leader: 4 },
        { ...mask, size: [307, 206], subfileType: 5 },
      ],
      undefined,
      ghost,
    );
    expect(details.levels.map(({ width }) => width)).toEqual([613, 307]);
    expect(meanDifference(picture, truth)).toBeLessThanOrEqual(3);
  });

  it.each<[string, MadeImage[]]>([
    [
      'a thumbnail that calls itself reduced',
      [
        { ...thumbnail, description: '', subfileType: 1 },
        { picture: 'rgb.png', tile: 256 },
      ],
    ],
    [
      'a thumbnail that does not',
      [
        { ...thumbnail, description: '' },
        { picture: 'rgb.png', tile: 256 },
      ],
    ],
    [
      'a thumbnail before strips',
      [{ ...thumbnail, description: '', subfileType: 1 }, { picture: 'rgb.png' }],
    ],
    [
      'levels from coarse to fine',
      [
        { picture: 'rgb.png', size: [153, 103], tile: 256 },
        { picture: 'rgb.png', size: [307, 206], tile: 256 },
        { picture: 'rgb.png', tile: 256 },
      ],
    ],
  ])('%s in front of the picture: the picture is shown', async (_, images) => {
    const { picture } = await shown(images);
    expect([picture.width, picture.height]).toEqual([613, 411]);
    expect(meanDifference(picture, truth)).toBeLessThanOrEqual(3);
  });

  it.each<[string, MadeImage[]]>([
    [
      'tiles of another size on a level',
      [
        { picture: 'rgb.png', tile: 256 },
        { picture: 'rgb.png', size: [153, 102], tile: 128 },
      ],
    ],
    [
      'levels a third each',
      [
        { picture: 'rgb.png', tile: 128 },
        { picture: 'rgb.png', size: [204, 137], tile: 128 },
        { picture: 'rgb.png', size: [68, 46], tile: 128 },
      ],
    ],
    [
      'half levels rounded down',
      [
        { picture: 'rgb.png', tile: 128 },
        { picture: 'rgb.png', size: [306, 205], tile: 128 },
        { picture: 'rgb.png', size: [153, 102], tile: 128 },
      ],
    ],
    [
      'tiles of 100 px',
      [
        { picture: 'rgb.png', tile: 100 },
        { picture: 'rgb.png', size: [307, 206], tile: 100 },
      ],
    ],
    [
      'levels from coarse to fine behind the picture',
      [
        { picture: 'rgb.png', tile: 128 },
        { picture: 'rgb.png', size: [154, 103], tile: 128 },
        { picture: 'rgb.png', size: [307, 206], tile: 128 },
      ],
    ],
    [
      'a strip before tiled levels',
      [{ picture: 'rgb.png' }, { picture: 'rgb.png', size: [307, 206], tile: 128, subfileType: 1 }],
    ],
    [
      'a macro of another shape behind',
      [
        { picture: 'rgb.png', tile: 128 },
        { picture: 'negative.png', size: [400, 100], tile: 128 },
      ],
    ],
  ])('%s: every zoom level shows the slide', async (_, images) => {
    const { id } = await shown(images);
    const raw = { width: truth.width, height: truth.height, channels: 3 as const };
    for (const halvings of [0, 1, 2, 3]) {
      const picture = await shownPicture(service.url, id, halvings);
      const { width, height } = picture;
      const smaller = sharp(truth.rgb, { raw }).resize(width, height, { fit: 'fill', kernel: 'cubic' });
      const limit = halvings === 0 ? 3 : 6;
      expect(
        meanDifference(picture, await decode(await smaller.png().toBuffer())),
        `1/${2 ** halvings}`,
      ).toBeLessThanOrEqual(limit);
    }
  });

  it('Philips tiles that are not stored are glass', async () => {
    const bytes = await readFile(slidePath('derived/philips/open_cmu_philips.tiff'));
    const whole = await look(slidePath('derived/philips/open_cmu_philips.tiff'));
    const { image } = (await parseSlide(memorySource('a.tiff', bytes))).levels[0] ?? {};
    const [columns, tile] = [image?.columns ?? 0, image?.segmentSize.width ?? 0];
    const gone = [0, columns + 1];
    for (const i of gone) {
      for (const value of [image?.offsets[i], image?.lengths[i]]) {
        const found = Buffer.alloc(4);
        found.writeUInt32LE(value ?? 0);
        const at = bytes.indexOf(found);
        expect(at).toBeGreaterThan(0);
        bytes.fill(0, at, at + 4);
      }
    }
    const path = join(folder, 'philips.tiff');
    await writeFile(path, bytes);
    const { picture } = await look(path);
    const expected = Buffer.from(whole.picture.rgb);
    for (let y = 0; y < picture.height; y += 1)
      for (let x = 0; x < picture.width; x += 1)
        if (gone.includes(Math.floor(y / tile) * columns + Math.floor(x / tile)))
          expected.fill(255, (y * picture.width + x) * 3, (y * picture.width + x) * 3 + 3);
    expect(meanDifference(picture, { ...picture, rgb: expected })).toBeLessThanOrEqual(1);
  });
});
