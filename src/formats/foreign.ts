import { ServiceError } from '../core/errors.ts';
import type { SlideFormat } from './format.ts';

/** A kind of file that is told by its first bytes, or by its name where those say nothing. */
interface Foreign {
  readonly name: string;
  readonly matches: (head: string, fileName: string) => boolean;
  readonly advice: string;
}

const exportIt = "export it from the scanner's software as SVS, Philips TIFF or pyramidal TIFF";
const convertIt = 'convert it to pyramidal TIFF, or to JPEG or PNG';

const starts = (magic: string) => (head: string) => head.startsWith(magic);
const mentions =
  (...words: string[]) =>
  (head: string) => {
    const lower = head.toLowerCase();
    return lower.trimStart().startsWith('<') && words.some((word) => lower.includes(word));
  };

/** First match counts. Heads are Latin-1. */
const foreign: readonly Foreign[] = [
  {
    name: '3DHISTECH MIRAX (MRXS)',
    matches: (_, file) => file.toLowerCase().endsWith('.mrxs'),
    advice: exportIt,
  },
  { name: 'DICOM', matches: (head) => head.startsWith('DICM', 128), advice: exportIt },
  { name: 'Zeiss CZI', matches: starts('ZISRAWFILE'), advice: exportIt },
  {
    name: 'Hamamatsu VMS',
    matches: (head) => head.includes('[Virtual Microscope Specimen]'),
    advice: exportIt,
  },
  {
    name: 'Hamamatsu VMU',
    matches: (head) => head.includes('[Uncompressed Virtual Microscope'),
    advice: exportIt,
  },
  { name: 'Philips iSyntax', matches: mentions('objecttype="dpufsimport"'), advice: exportIt },
  { name: 'Sakura SVSLIDE', matches: starts('SQLite format 3\0'), advice: exportIt },
  {
    name: 'a ZIP archive (SZI, zipped slide)',
    matches: starts('PK\x03\x04'),
    advice: 'unpack it and upload the slide inside',
  },
  { name: 'an empty ZIP archive', matches: starts('PK\x05\x06'), advice: 'upload the slide itself' },
  { name: 'a gzip archive', matches: starts('\x1f\x8b'), advice: 'unpack it and upload the slide inside' },
  {
    name: 'Deep Zoom (DZI)',
    matches: mentions('schemas.microsoft.com/deepzoom', '/deepzoom/'),
    advice: 'upload the slide it was made from',
  },
  { name: 'SVG', matches: mentions('<svg'), advice: convertIt },
  {
    name: 'HTML',
    matches: mentions('<html', '<!doctype html', '<script'),
    advice: 'upload the slide itself',
  },
  { name: 'PDF', matches: starts('%PDF-'), advice: convertIt },
  {
    name: 'JPEG 2000',
    matches: (head) => head.startsWith('\0\0\0\x0cjP  ') || head.startsWith('\xff\x4f\xff\x51'),
    advice: convertIt,
  },
  { name: 'GIF', matches: starts('GIF8'), advice: convertIt },
  {
    name: 'WebP',
    matches: (head) => head.startsWith('RIFF') && head.startsWith('WEBP', 8),
    advice: convertIt,
  },
  { name: 'an icon', matches: starts('\0\0\x01\0'), advice: convertIt },
  {
    name: 'BMP',
    matches: (head) => head.startsWith('BM') && head.startsWith('\0\0\0\0', 6),
    advice: convertIt,
  },
];

/**
 * Not a format: files that are recognised and not read, so that people are told what they have and what to do.
 *
 * @throws {ServiceError} `unsupported` by name
 */
export const foreignFiles: SlideFormat = {
  name: 'foreign',
  async parse(source, signal) {
    if (source.size === 0)
      throw new ServiceError('damaged', `${source.name}: an empty file; upload it again`);
    const head = (await source.read(0, Math.min(4096, source.size), signal)).toString('latin1');
    const found = foreign.find(({ matches }) => matches(head, source.name));
    if (found === undefined) return undefined;
    throw new ServiceError(
      'unsupported',
      `${source.name}: ${found.name} is recognised but not read; ${found.advice}`,
    );
  },
};
