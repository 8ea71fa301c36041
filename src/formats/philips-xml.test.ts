import { describe, expect, it } from 'vitest';
import { readPhilipsXml } from './philips-xml.ts';
import { cpuMs } from './test-source.ts';

const attribute = (name: string, value: string): string =>
  `<Attribute Name="${name}" PMSVR="x">${value}</Attribute>`;
const scanned = (type: string, ...more: string[]): string =>
  `<DataObject ObjectType="DPScannedImage">${attribute('PIM_DP_IMAGE_TYPE', type)}${more.join('')}</DataObject>`;
const level = (number: number, spacing: string): string =>
  `<DataObject ObjectType="PixelDataRepresentation">${attribute('DICOM_PIXEL_SPACING', spacing)}${attribute('PIIM_PIXEL_DATA_REPRESENTATION_NUMBER', String(number))}</DataObject>`;
const levels = (...all: string[]): string =>
  `<Attribute Name="PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE"><Array>${all.join('')}</Array></Attribute>`;
const slide = (...images: string[]): string =>
  `<?xml version="1.0"?><DataObject ObjectType="DPUfsImport"><Attribute Name="PIM_DP_SCANNED_IMAGES"><Array>${images.join('')}</Array></Attribute></DataObject>`;

describe('readPhilipsXml', () => {
  it('takes the spacing of the scan, rows first, whatever stands before it', () => {
    const macro = scanned('MACROIMAGE', attribute('DICOM_PIXEL_SPACING', '"0.03" "0.03"'));
    const scan = scanned('WSI', attribute('DICOM_PIXEL_SPACING', '"0.00025" "0.000226891"'));
    expect(readPhilipsXml(slide(macro, scan), 'a').spacing).toEqual({ x: 0.000226891, y: 0.00025 });
  });

  it('takes levels by their number, and leaves holes', () => {
    const scan = scanned('WSI', levels(level(2, '"0.002" "0.002"'), level(0, '"0.0005" "0.0005"')));
    const found = readPhilipsXml(slide(scan), 'a');
    expect(found.levelSpacings.map((spacing) => spacing?.x)).toEqual([0.0005, undefined, 0.002]);
    expect(found.spacing).toEqual({ x: 0.0005, y: 0.0005 });
  });

  it('says where label and macro stand', () => {
    const xml = slide(
      scanned('LABELIMAGE', attribute('PIM_DP_IMAGE_DATA', 'TEFCRUw=')),
      scanned('MACROIMAGE', attribute('PIM_DP_IMAGE_DATA', 'TUFDUk8=')),
      scanned('OTHER', attribute('PIM_DP_IMAGE_DATA', 'T1RIRVI=')),
    );
    const { pictures } = readPhilipsXml(xml, 'a');
    expect(pictures.map(({ name, start, end }) => [name, xml.slice(start, end)])).toEqual([
      ['label', 'TEFCRUw='],
      ['macro', 'TUFDUk8='],
    ]);
  });

  it.each([
    ['no spacing', slide(scanned('WSI'))],
    ['a spacing of zero', slide(scanned('WSI', attribute('DICOM_PIXEL_SPACING', '"0" "0"')))],
    ['one number', slide(scanned('WSI', attribute('DICOM_PIXEL_SPACING', '"0.001"')))],
    ['no scan', slide()],
  ])('knows no spacing of %s', (_, xml) => expect(readPhilipsXml(xml, 'a').spacing).toBeUndefined());

  it('ignores level 60,000 and 60,000 attributes of no interest, and takes under a second', async () => {
    const many = scanned('WSI', levels(level(60_000, '"0.1" "0.1"')), attribute('x', 'y').repeat(60_000));
    expect(
      await cpuMs(() => expect(readPhilipsXml(slide(many), 'a').levelSpacings).toEqual([])),
    ).toBeLessThan(1000);
  });
});
