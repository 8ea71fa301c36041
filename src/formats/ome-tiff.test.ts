import { describe, expect, it } from 'vitest';
import type { ParsedSlide } from './format.ts';
import { readOmeXml } from './ome-xml.ts';
import { parseSlide } from './registry.ts';
import { memorySource } from './test-source.ts';
import { asciiField, type TestField, testTiff } from './tiff/test-tiff.ts';

/** An OME-XML of one image; attributes given last win. */
function ome(pixels: string, name = 'slide', inside = '', more = ''): string {
  return `<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0" Name="${name}">${inside}<Pixels ID="Pixels:0" ${pixels}/></Image>${more}</OME>`;
}

const rgb = 'SizeX="64" SizeY="32" SizeZ="1" SizeC="3" SizeT="1"';

/** One strip of RGB. */
function page(width: number, height: number, ...more: TestField[]): TestField[] {
  return [
    ...more,
    [256, 4, width],
    [257, 4, height],
    [258, 3, 8, 8, 8],
    [262, 3, 2],
    [273, 4, 8],
    [277, 3, 3],
    [279, 4, 64],
  ];
}

async function parsed(xml: string, ...pages: TestField[][]): Promise<ParsedSlide> {
  const first = [...(pages[0] ?? page(64, 32)), asciiField(270, xml)];
  const bytes = testTiff(
    { isBig: false, isLittleEndian: true },
    [first, ...pages.slice(1)],
    Buffer.alloc(1024),
  );
  return parseSlide(memorySource('a.ome.tif', bytes));
}

describe('readOmeXml', () => {
  it.each<[string, number | undefined]>([
    ['PhysicalSizeX="0.25" PhysicalSizeY="0.25"', 0.25],
    ['PhysicalSizeX="0.25" PhysicalSizeXUnit="µm" PhysicalSizeY="0.25" PhysicalSizeYUnit="&#181;m"', 0.25],
    ['PhysicalSizeX="250" PhysicalSizeXUnit="nm" PhysicalSizeY="250" PhysicalSizeYUnit="nm"', 0.25],
    ['PhysicalSizeX="2.5E-4" PhysicalSizeXUnit="mm" PhysicalSizeY="2.5E-4" PhysicalSizeYUnit="mm"', 0.25],
    ['PhysicalSizeX="1" PhysicalSizeXUnit="pixel" PhysicalSizeY="1" PhysicalSizeYUnit="pixel"', undefined],
    ['PhysicalSizeX="0" PhysicalSizeY="0.25"', undefined],
    ['PhysicalSizeX="0.25"', undefined],
  ])('reads %s as %s µm', (size, mpp) => {
    const xml = Buffer.from(ome(`${rgb} ${size}`), 'utf8').toString('latin1');
    const { x } = readOmeXml(xml, 'a').images[0] ?? {};
    if (mpp === undefined) expect(x).toBeUndefined();
    else expect(x).toBeCloseTo(mpp, 12);
  });

  it('finds the objective that the image names', () => {
    const objectives =
      '<Instrument ID="I"><Objective ID="A" NominalMagnification="4"/><Objective ID="B" NominalMagnification="40.0"/></Instrument>';
    const xml = ome(rgb, 'slide', '<ObjectiveSettings ID="B"/>').replace('<Image', `${objectives}<Image`);
    expect(readOmeXml(xml, 'a').images[0]?.objectivePower).toBe(40);
  });
});

/** A further image whose pixels lie in IFD `n`. */
const also = (n: number, name: string): string =>
  `<Image ID="Image:${n}" Name="${name}"><Pixels SizeX="32" SizeY="16" SizeZ="1" SizeC="3" SizeT="1"><TiffData IFD="${n}"/></Pixels></Image>`;

describe('an OME-TIFF', () => {
  it('of one RGB image is read', async () => {
    const slide = await parsed(ome(`${rgb} PhysicalSizeX="0.25" PhysicalSizeY="0.25"`));
    expect(slide.properties).toMatchObject({
      format: 'ome-tiff',
      size: { width: 64, height: 32 },
      mpp: { x: 0.25 },
    });
  });

  it('has further images called label and macro beside it, never as levels', async () => {
    const xml = ome(rgb, 'slide', '', also(1, 'label image') + also(2, 'macro image') + also(3, 'other'));
    const slide = await parsed(xml, page(64, 32), page(32, 16), page(32, 16), page(32, 16));
    expect(slide.levels).toHaveLength(1);
    expect(slide.associated.map(({ name, size }) => [name, size.width])).toEqual([
      ['label', 32],
      ['macro', 32],
    ]);
  });

  it.each([
    [
      'a thousand million focal planes',
      'SizeX="64" SizeY="32" SizeZ="1000000000" SizeC="3" SizeT="1"',
      'too-large',
      '1000000000 focal planes, the limit is 100',
    ],
    [
      'focal planes that are not there',
      'SizeX="64" SizeY="32" SizeZ="5" SizeC="3" SizeT="1"',
      'damaged',
      'IFD 1 of 1',
    ],
    [
      'points in time',
      'SizeX="64" SizeY="32" SizeZ="1" SizeC="3" SizeT="9"',
      'unsupported',
      '9 points in time',
    ],
    ['channels', 'SizeX="64" SizeY="32" SizeZ="1" SizeC="12" SizeT="1"', 'unsupported', '12 channels'],
    [
      'another size',
      'SizeX="65" SizeY="32" SizeZ="1" SizeC="3" SizeT="1"',
      'damaged',
      '65×32 px, IFD 0 64×32',
    ],
  ])('of %s is refused', async (_, pixels, kind, message) => {
    await expect(parsed(ome(pixels))).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    });
  });

  it('whose pixels lie in a directory it does not have is damaged', async () => {
    const xml = ome(rgb).replace('<Pixels', '<TiffData IFD="7"/><Pixels');
    await expect(parsed(xml)).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringContaining('IFD 7 of 1'),
    });
  });
});

/** The OME-XML of a stack. */
const stack = (sizeZ: number, blocks: string, more = '') =>
  ome(rgb.replace('SizeZ="1"', `SizeZ="${sizeZ}" ${more}`)).replace(
    '/></Image>',
    `>${blocks}</Pixels></Image>`,
  );

/** Where the first level of each plane was found, by plane. */
function wheres({ levels, focus }: ParsedSlide): (string | undefined)[] {
  const others = focus?.others.map((plane) => plane.levels[0]?.image.where) ?? [];
  return others.toSpliced(focus?.base ?? 0, 0, levels[0]?.image.where);
}

describe('a focal stack', () => {
  const three = [page(64, 32), page(64, 32), page(64, 32)];
  it.each<[string, string]>([
    ['without TiffData', ''],
    ['in one TiffData', '<TiffData/>'],
    ['with a TiffData of three planes', '<TiffData IFD="0" FirstZ="0" PlaneCount="3"/>'],
    [
      'with a TiffData for each',
      '<TiffData IFD="2" FirstZ="2"/><TiffData FirstZ="0" IFD="0" PlaneCount="1"/><TiffData FirstZ="1" IFD="1"/>',
    ],
  ])('%s has its planes in the order of the file, the middle one first to be seen', async (_, blocks) => {
    const slide = await parsed(stack(3, blocks, 'PhysicalSizeZ="500" PhysicalSizeZUnit="nm"'), ...three);
    expect(wheres(slide)).toEqual(['IFD 0', 'IFD 1', 'IFD 2']);
    expect(slide.focus?.base).toBe(1);
    expect(slide.focus?.others.map(({ offset }) => offset)).toEqual([-0.5, 0.5]);
  });

  it('follows its TiffData, and knows no offsets where it is not told', async () => {
    const blocks =
      '<TiffData FirstZ="0" IFD="2" PlaneCount="1"/><TiffData FirstZ="1" IFD="0" PlaneCount="2"/>';
    const slide = await parsed(stack(3, blocks), ...three);
    expect(wheres(slide)).toEqual(['IFD 2', 'IFD 0', 'IFD 1']);
    expect(slide.focus?.others).toEqual([{ levels: expect.anything() }, { levels: expect.anything() }]);
  });

  const twice = '<TiffData FirstZ="0" IFD="0"/><TiffData FirstZ="0" IFD="1"/><TiffData FirstZ="1" IFD="2"/>';
  const files =
    '<TiffData IFD="0"><UUID FileName="a.tif"/></TiffData><TiffData FirstZ="1" IFD="1"><UUID FileName="b.tif"/></TiffData><TiffData FirstZ="2" IFD="2"/>';
  it.each<[string, string, string, string]>([
    [
      'a plane missing',
      '<TiffData FirstZ="0" IFD="0" PlaneCount="2"/>',
      'damaged',
      'no directory for focal plane 3 of 3',
    ],
    ['a plane twice', twice, 'damaged', 'several directories for focal plane 1 of 3'],
    [
      'one directory for two planes',
      '<TiffData FirstZ="0" IFD="0"/><TiffData FirstZ="1" IFD="0" PlaneCount="2"/>',
      'damaged',
      'IFD 0 for several focal planes',
    ],
    ['planes in other files', files, 'unsupported', 'in several files'],
  ])('with %s is refused', async (_, blocks, kind, message) => {
    await expect(parsed(stack(3, blocks), ...three)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    });
  });

  it('with a plane of another size is refused', async () => {
    await expect(parsed(stack(2, ''), page(64, 32), page(32, 32))).rejects.toMatchObject({ kind: 'damaged' });
  });
});
