import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestTiffShape } from '../src/formats/tiff/test-tiff.ts';
import type { MadeImage } from './made-tiff.ts';
import { decode, meanDifference } from './pixels.ts';
import { startViewing, type Viewing } from './unseen-viewing.ts';

let view: Viewing;
beforeAll(async () => {
  view = await startViewing();
});
afterAll(async () => {
  await view?.[Symbol.asyncDispose]();
});

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

/** Base and level of one focal plane. */
const plane = (picture: string, z: number): MadeImage[] =>
  [base, quarter].map((image) => ({ ...image, picture, description: `${about}|OffsetZ = ${z}` }));

const isMissing = (column: number, row: number) => column === 2 || row === 1;

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
    const { id, details, picture } = await view.shown(images, shape);
    expect(details).toMatchObject({ format: 'aperio-svs', mpp: { x: 0.499, y: 0.499 }, objectivePower: 20 });
    const tiled = images.filter(({ tile }) => tile !== undefined).length;
    expect(details.levels.map(({ downsample }) => downsample)).toEqual([1, 4, 16].slice(0, tiled));
    expect(details.levels.every(({ origin }) => origin === 'scanner')).toBe(true);
    expect(meanDifference(picture, view.truth)).toBeLessThanOrEqual(3);
    expect(details.associated.map(({ name }) => name).toSorted()).toEqual(names);
    for (const name of names) {
      const own = { label, macro, thumbnail }[name];
      const path = join(view.folder, own?.picture ?? '');
      const [width, height] = own?.size ?? [];
      const expected = await decode(
        await sharp(path).resize(width, height, { fit: 'fill', kernel: 'cubic' }).png().toBuffer(),
      );
      expect(meanDifference(await view.associated(id, name), expected), name).toBeLessThanOrEqual(6);
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
    const { details } = await view.shown([{ ...base, description: `${about}|${text}` }]);
    expect(details.mpp).toEqual(mpp === undefined ? undefined : { x: mpp, y: mpp });
  });

  it('shows the first focal plane of several', async () => {
    const { details, picture } = await view.shown([...plane('rgb.png', 0), ...plane('negative.png', 1)]);
    expect(details.levels.map(({ width }) => width)).toEqual([613, 153]);
    expect(meanDifference(picture, view.truth)).toBeLessThanOrEqual(3);
    const interleaved = [
      plane('rgb.png', 0)[0],
      plane('negative.png', 1)[0],
      ...plane('negative.png', 1).slice(1),
      plane('rgb.png', 0)[1],
    ];
    const again = await view.shown(interleaved.flatMap((image) => (image === undefined ? [] : [image])));
    expect(meanDifference(again.picture, view.truth)).toBeLessThanOrEqual(3);
  });

  it('shows glass where tiles are not stored', async () => {
    const { picture } = await view.shown(
      [
        { ...base, lacks: isMissing },
        { ...quarter, lacks: () => true },
      ].slice(0, 1),
    );
    const expected = Buffer.from(view.truth.rgb);
    for (let y = 0; y < view.truth.height; y += 1)
      for (let x = 0; x < view.truth.width; x += 1)
        if (isMissing(Math.floor(x / 240), Math.floor(y / 240)))
          expected.fill(255, (y * view.truth.width + x) * 3, (y * view.truth.width + x) * 3 + 3);
    expect(meanDifference(picture, { ...view.truth, rgb: expected })).toBeLessThanOrEqual(3);
  });
});
