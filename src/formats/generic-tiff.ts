import { readIcc } from './icc.ts';
import { type Candidate, pyramidOf, readLevels } from './levels.ts';
import { mppFromResolution } from './resolution.ts';
import type { TiffDirectory } from './tiff/reader.ts';
import { readLayout } from './tiff/read-image.ts';
import { tags } from './tiff/tags.ts';
import { readNumber } from './tiff/values.ts';
import { contextOf, type OpenedTiff, type TiffSlideFormat } from './tiff-family.ts';

/**
 * Any other TIFF: the first image, and its smaller copies wherever they stand — in SubIFDs, in later directories
 * that call themselves reduced, or in later tiled directories of the same shape (libvips, GDAL, tifffile).
 *
 * Masks are no levels, and of a document of many pages the first is the picture.
 */
export const genericTiff: TiffSlideFormat = {
  name: 'generic-tiff',
  async parse(tiff) {
    const candidates = await candidatesOf(tiff);
    const levels = await readLevels(pyramidOf(candidates));
    const size = levels[0]?.size;
    if (size === undefined) return undefined;
    const mpp = await mppFromResolution(tiff.first);
    const icc = levels[0]?.image.photometric === 5 ? undefined : await readIcc(tiff.first);
    return {
      properties: {
        format: 'generic-tiff',
        vendor: 'generic',
        size,
        background: [255, 255, 255],
        ...(mpp && { mpp }),
      },
      levels,
      associated: [],
      ...(icc && { icc }),
    };
  },
};

/** NewSubfileType bits. */
const reduced = 1;
const mask = 4;

async function candidatesOf(tiff: OpenedTiff): Promise<Candidate[]> {
  const base: Candidate = { context: tiff.first, layout: await readLayout(tiff.first) };
  const found = [base];
  const [first, ...later] = tiff.file.directories;
  const add = async (directory: TiffDirectory): Promise<void> => {
    const context = contextOf(tiff, directory);
    const layout = await readLayout(context);
    if ((layout.subfileType & mask) !== 0 || layout.photometric === 4) return;
    if (layout.samplesPerPixel === base.layout.samplesPerPixel) found.push({ context, layout });
  };
  for (const directory of first?.subDirectories ?? []) await add(directory);
  for (const directory of later) {
    const kind = await readNumber(contextOf(tiff, directory), tags.NewSubfileType, 0);
    if ((kind & reduced) !== 0 || directory.entries.has(tags.TileWidth)) await add(directory);
  }
  return found;
}
