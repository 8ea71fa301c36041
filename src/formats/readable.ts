import { ServiceError } from '../core/errors.ts';
import type { TiffLayout } from './tiff/image.ts';
import type { TiffFile } from './tiff/reader.ts';
import { compressionName, compressionNames } from './tiff/tags.ts';

/** Compressions with a name that sharp's libtiff has no decoder for, or that nobody writes rightly. */
const undecodable = new Set([6, 33003, 33004, 33005, 33007, 34661, 34712, 34887, 34892, 34925, 50002]);

/** What a photometric interpretation is called, for messages, where no picture can be made of it. */
const interpretations: ReadonlyMap<number, string> = new Map([
  [4, 'a mask'],
  [9, 'ICC Lab'],
  [10, 'ITU Lab'],
  [32_803, 'a camera mosaic'],
  [32_844, 'LogL'],
  [32_845, 'LogLuv'],
  [34_892, 'camera raw'],
]);

/** Samples of a pixel that are colour, by photometric interpretation; those left out can't be shown as a picture. */
const colourSamples: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 1],
  [2, 3],
  [3, 1],
  [5, 4],
  [6, 3],
  [8, 3],
]);

/**
 * Refuses images whose pixels can't be turned into a picture here.
 *
 * @param what `level 0`, for the message
 * @throws {ServiceError} `unsupported`
 */
export function checkReadable({ source }: TiffFile, layout: TiffLayout, what: string): void {
  const why = unreadable(layout);
  if (why === undefined) return;
  throw new ServiceError(
    'unsupported',
    `${source.name}: ${why} in ${what} cannot be read; convert it, for example with vips tiffsave --tile --pyramid --compression jpeg`,
  );
}

/** Why the pixels of an image can't be decoded here. @returns undefined when they can */
export function unreadable(layout: TiffLayout): string | undefined {
  const { compression, photometric, samplesPerPixel, bitsPerSample, sampleFormat } = layout;
  if (undecodable.has(compression) || !compressionNames.has(compression)) return compressionName(compression);
  const colours = colourSamples.get(photometric);
  if (colours === undefined) {
    const named = interpretations.get(photometric);
    return `photometric interpretation ${photometric}${named === undefined ? '' : ` (${named})`}`;
  }
  // libvips takes such samples for RGB, and shows other colours than the file means.
  if (photometric === 6 && compression !== 7)
    return `YCbCr colours without JPEG (${compressionName(compression)})`;
  if (samplesPerPixel < colours || samplesPerPixel > colours + 1)
    return `${samplesPerPixel} samples per pixel (${colours}, or ${colours + 1} with transparency, make a picture)`;
  if (sampleFormat !== 1 && sampleFormat !== 4)
    return `${sampleFormat === 2 ? 'signed' : 'floating-point'} samples without a known black and white`;
  const [bits = 0] = bitsPerSample;
  if (bitsPerSample.some((b) => b !== bits)) return `samples of ${bitsPerSample.join(', ')} bits`;
  if (![1, 2, 4, 8, 16].includes(bits)) return `${bits} bits per sample`;
  if (photometric === 8 && bits !== 16) return `CIELab colours of ${bits} bits`;
  return undefined;
}
