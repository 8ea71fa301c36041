import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSlide } from '../src/formats/registry.ts';
import { memorySource } from '../src/formats/test-source.ts';
import type { MadeImage } from './made-tiff.ts';
import { decode, meanDifference } from './pixels.ts';
import { shownPicture } from './shown-picture.ts';
import { slidePath } from './shared-slides.ts';
import { shell } from './unseen-pictures.ts';
import { startViewing, type Viewing } from './unseen-viewing.ts';

let view: Viewing;
beforeAll(async () => {
  view = await startViewing();
});
afterAll(async () => {
  await view?.[Symbol.asyncDispose]();
});

/** A smaller copy of the base, not named by any format. */
const thumbnail: MadeImage = { picture: 'rgb.png', size: [300, 201] };

/** An OME-XML of one RGB image. */
const omeXml = (type: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">
<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="${type}" SizeX="613" SizeY="411" SizeZ="1" SizeC="3" SizeT="1"
  Interleaved="true" PhysicalSizeX="0.25" PhysicalSizeY="0.25">
<Channel ID="Channel:0:0" SamplesPerPixel="3"/><TiffData IFD="0" PlaneCount="1"/></Pixels></Image></OME>`;

describe('OME-TIFF', () => {
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
    await writeFile(join(view.folder, 'ome.xml'), omeXml(name.startsWith('16') ? 'uint16' : 'uint8'));
    await shell(view.folder, `${command.replaceAll('OUT', file)}\ntiffset -sf 270 ome.xml ${file}`);
    const { details, picture } = await view.look(join(view.folder, file));
    expect(details).toMatchObject({ format: 'ome-tiff', mpp: { x: 0.25, y: 0.25 } });
    const expected = await decode(join(view.folder, name.startsWith('16') ? 'rgb16.png' : 'rgb.png'));
    expect(meanDifference(picture, expected)).toBeLessThanOrEqual(limit);
  });
});

describe('other pyramids', () => {
  it('a cloud-optimised GeoTIFF with a mask, a ghost area and leaders of four bytes', async () => {
    const mask: MadeImage = { picture: 'bw.png', tile: 256, subfileType: 4 };
    const ghost =
      'GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\nLAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\n';
    const { details, picture } = await view.shown(
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
    expect(meanDifference(picture, view.truth)).toBeLessThanOrEqual(3);
  });

  it.each<[string, MadeImage[]]>([
    [
      'a thumbnail that calls itself reduced',
      [
        { ...thumbnail, subfileType: 1 },
        { picture: 'rgb.png', tile: 256 },
      ],
    ],
    ['a thumbnail that does not', [{ ...thumbnail }, { picture: 'rgb.png', tile: 256 }]],
    ['a thumbnail before strips', [{ ...thumbnail, subfileType: 1 }, { picture: 'rgb.png' }]],
    [
      'levels from coarse to fine',
      [
        { picture: 'rgb.png', size: [153, 103], tile: 256 },
        { picture: 'rgb.png', size: [307, 206], tile: 256 },
        { picture: 'rgb.png', tile: 256 },
      ],
    ],
  ])('%s in front of the picture: the picture is shown', async (_, images) => {
    const { picture } = await view.shown(images);
    expect([picture.width, picture.height]).toEqual([613, 411]);
    expect(meanDifference(picture, view.truth)).toBeLessThanOrEqual(3);
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
    const { id } = await view.shown(images);
    const raw = { width: view.truth.width, height: view.truth.height, channels: 3 as const };
    for (const halvings of [0, 1, 2, 3]) {
      const picture = await shownPicture(view.service.url, id, halvings);
      const { width, height } = picture;
      const smaller = sharp(view.truth.rgb, { raw }).resize(width, height, { fit: 'fill', kernel: 'cubic' });
      const limit = halvings === 0 ? 3 : 6;
      expect(
        meanDifference(picture, await decode(await smaller.png().toBuffer())),
        `1/${2 ** halvings}`,
      ).toBeLessThanOrEqual(limit);
    }
  });

  it('Philips tiles that are not stored are glass', async () => {
    const bytes = await readFile(slidePath('derived/philips/open_cmu_philips.tiff'));
    const whole = await view.look(slidePath('derived/philips/open_cmu_philips.tiff'));
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
    const path = join(view.folder, 'philips.tiff');
    await writeFile(path, bytes);
    const { picture } = await view.look(path);
    const expected = Buffer.from(whole.picture.rgb);
    for (let y = 0; y < picture.height; y += 1)
      for (let x = 0; x < picture.width; x += 1)
        if (gone.includes(Math.floor(y / tile) * columns + Math.floor(x / tile)))
          expected.fill(255, (y * picture.width + x) * 3, (y * picture.width + x) * 3 + 3);
    expect(meanDifference(picture, { ...picture, rgb: expected })).toBeLessThanOrEqual(1);
  });
});
