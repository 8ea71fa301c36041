import { ServiceError } from '../core/errors.ts';
import type { ByteSource } from '../storage/byte-source.ts';
import { aperioSvs } from './aperio-svs.ts';
import { foreignFiles } from './foreign.ts';
import type { ParsedSlide, SlideFormat } from './format.ts';
import { genericTiff } from './generic-tiff.ts';
import { jpegPicture } from './jpeg-picture.ts';
import { omeTiff } from './ome-tiff.ts';
import { philipsTiff } from './philips-tiff.ts';
import { pngPicture } from './png-picture.ts';
import { tiffFamily, type TiffSlideFormat } from './tiff-family.ts';

/** TIFF formats in the order in which they are asked; the last takes any TIFF. */
const tiffFormats: readonly TiffSlideFormat[] = [aperioSvs, philipsTiff, omeTiff, genericTiff];

/**
 * All formats in the order in which they are asked. TIFF goes first, because a DICOM file may be one as well;
 * what is told by name alone comes before pictures, because an MRXS is a JPEG by its bytes.
 */
const formats: readonly SlideFormat[] = [tiffFamily(tiffFormats), foreignFiles, jpegPicture, pngPicture];

/** Names of the formats that are read, as `SlideProperties.format` has them. */
export const formatNames: readonly string[] = [
  ...tiffFormats.map(({ name }) => name),
  jpegPicture.name,
  pngPicture.name,
];

/**
 * What a file is: its levels as byte ranges, its properties, its associated images. A few small range reads;
 * nothing is decoded.
 *
 * @throws {ServiceError} `unsupported` for files that are not read, naming what they are or what can be read;
 *   `damaged` and `too-large` for files that contradict themselves or pass a limit
 */
export async function parseSlide(source: ByteSource, signal?: AbortSignal): Promise<ParsedSlide> {
  for (const format of formats) {
    const slide = await format.parse(source, signal);
    if (slide !== undefined) return slide;
  }
  throw new ServiceError(
    'unsupported',
    `${source.name}: none of the formats read here (${formatNames.join(', ')}); check that the file is complete and a slide`,
  );
}
