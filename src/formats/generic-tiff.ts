import { readIcc } from './icc.ts';
import { type Candidate, isReduction, pyramidOf, readLevels } from './levels.ts';
import { mppFromResolution } from './resolution.ts';
import type { TiffDirectory } from './tiff/reader.ts';
import { readLayout } from './tiff/read-image.ts';
import { tags } from './tiff/tags.ts';
import { readNumber } from './tiff/values.ts';
import { contextOf, type OpenedTiff, type TiffSlideFormat } from './tiff-family.ts';

/**
 * Any other TIFF: the first image, and its smaller copies wherever they stand — in SubIFDs, in other directories
 * that call themselves reduced, or in other tiled directories of the same shape (libvips, GDAL, tifffile).
 *
 * Masks are no levels, and of a document of many pages the first is the picture — unless it is a thumbnail, which
 * some writers put in front: one that says so, or that is a much smaller copy of a later page.
 */
export const genericTiff: TiffSlideFormat = {
  name: 'generic-tiff',
  async parse(tiff) {
    const candidates = await candidatesOf(tiff);
    const levels = await readLevels(pyramidOf(candidates));
    const size = levels[0]?.size;
    if (size === undefined) return undefined;
    const base = candidates[0]?.context ?? tiff.first;
    const mpp = await mppFromResolution(base);
    const icc = levels[0]?.image.photometric === 5 ? undefined : await readIcc(base);
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

/** A page at least this many times wider than the first, and of its shape, has the first as its thumbnail. */
const thumbnailRatio = 1.5;

async function candidatesOf(tiff: OpenedTiff): Promise<Candidate[]> {
  const base = await baseOf(tiff);
  const found = [base];
  const { directory: own } = base.context;
  const add = async (directory: TiffDirectory): Promise<void> => {
    const candidate = await candidateOf(tiff, directory);
    if (isPicture(candidate, base)) found.push(candidate);
  };
  for (const directory of own.subDirectories) await add(directory);
  for (const directory of tiff.file.directories) {
    if (directory === own) continue;
    const kind = await readNumber(contextOf(tiff, directory), tags.NewSubfileType, 0);
    if ((kind & reduced) !== 0 || directory.entries.has(tags.TileWidth)) await add(directory);
  }
  return found;
}

/** The page that is the picture: the first, or the one that the first is a thumbnail of. */
async function baseOf(tiff: OpenedTiff): Promise<Candidate> {
  const [, ...later] = tiff.file.directories;
  let base: Candidate = { context: tiff.first, layout: await readLayout(tiff.first) };
  const [{ layout: first }, isThumbnail] = [base, isReduced(base)];
  for (const directory of later) {
    const page = await candidateOf(tiff, directory);
    if (isReduced(page) || !isPicture(page, base)) continue;
    const { size } = page.layout;
    const isCopied = size.width >= first.size.width * thumbnailRatio && isReduction(size, first.size);
    const isLarger = size.width > base.layout.size.width || isReduced(base);
    if (isLarger && (isThumbnail || isCopied)) base = page;
  }
  return base;
}

async function candidateOf(tiff: OpenedTiff, directory: TiffDirectory): Promise<Candidate> {
  const context = contextOf(tiff, directory);
  return { context, layout: await readLayout(context) };
}

function isReduced({ layout }: Candidate): boolean {
  return (layout.subfileType & reduced) !== 0;
}

/** Whether it has the kind of pixels that another has, and is no mask. */
function isPicture({ layout }: Candidate, other: Candidate): boolean {
  if ((layout.subfileType & mask) !== 0 || layout.photometric === 4) return false;
  return layout.samplesPerPixel === other.layout.samplesPerPixel;
}
