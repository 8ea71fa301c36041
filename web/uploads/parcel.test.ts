import { describe, expect, it } from 'vitest';
import { parcelsOf, type PlacedFile } from './parcel.ts';

/** A file of two bytes at a path. */
function placed(path: string): PlacedFile {
  return { path, file: new File([path.slice(-2)], path.slice(path.lastIndexOf('/') + 1)) };
}

/** Names of the slides, each with the paths of its files where there are several. */
function sorted(...paths: string[]) {
  return parcelsOf(paths.map(placed)).map(({ name, files }) => [name, files?.map(({ path }) => path)]);
}

describe('parcelsOf', () => {
  it('takes each file for a slide', () => {
    expect(sorted('a.svs', 'case 7/b.svs')).toEqual([
      ['a.svs', undefined],
      ['b.svs', undefined],
    ]);
  });

  it('takes an MRXS and the folder of its name for one slide, the MRXS first', () => {
    const paths = ['case/x/Data0000.dat', 'case/x/Slidedat.ini', 'case/x.mrxs', 'case/y.svs'];
    expect(sorted(...paths)).toEqual([
      ['x.mrxs', ['x.mrxs', 'x/Data0000.dat', 'x/Slidedat.ini']],
      ['y.svs', undefined],
    ]);
  });

  it('tells apart MRXS slides whose names begin alike', () => {
    expect(sorted('x.mrxs', 'x/Slidedat.ini', 'x 2.mrxs', 'x 2/Slidedat.ini')).toEqual([
      ['x.mrxs', ['x.mrxs', 'x/Slidedat.ini']],
      ['x 2.mrxs', ['x 2.mrxs', 'x 2/Slidedat.ini']],
    ]);
  });

  it('takes the DICOM files of a folder for one slide', () => {
    expect(sorted('series/2.dcm', 'series/1.dcm', 'other/1.dcm')).toEqual([
      ['series', ['1.dcm', '2.dcm']],
      ['1.dcm', undefined],
    ]);
  });

  it('takes DICOM files that lie nowhere together each for itself', () => {
    expect(sorted('1.dcm', '2.dcm')).toEqual([
      ['1.dcm', undefined],
      ['2.dcm', undefined],
    ]);
  });

  it('leaves out what systems leave in folders', () => {
    expect(sorted('case/.DS_Store', 'case/Thumbs.db', '.git/config', 'case/a.svs')).toEqual([
      ['a.svs', undefined],
    ]);
  });

  it('puts the bytes one behind the other, in the order of the files', async () => {
    const [slide] = parcelsOf(['s/2.dcm', 's/1.dcm'].map(placed));
    expect(await slide?.bytes.text()).toBe('cmcm');
    expect(slide?.files).toEqual([
      { path: '1.dcm', size: 2 },
      { path: '2.dcm', size: 2 },
    ]);
  });
});
