import { ServiceError } from '../core/errors.ts';
import type { AssociatedImage, ParsedSlide } from './format.ts';
import { tiffAssociatedImages } from './associated.ts';
import type { TiffLayout } from './tiff/image.ts';
import { readIcc } from './icc.ts';
import { type Candidate, pyramidOf, readLevels } from './levels.ts';
import { type OmeImage, readOmeXml } from './ome-xml.ts';
import { limits } from './tiff/limits.ts';
import { readLayout } from './tiff/read-image.ts';
import { tags } from './tiff/tags.ts';
import { readLatin1 } from './tiff/values.ts';
import { contextOf, type OpenedTiff, type TiffSlideFormat } from './tiff-family.ts';
import { xmlRoot } from './xml.ts';

/**
 * OME-TIFF of a brightfield scan: the first image of the OME-XML, RGB, one plane; its levels are SubIFDs.
 *
 * File names in the XML are never followed. Fluorescence, focal stacks and time series are refused, since they
 * are many pictures that need a choice of channels.
 */
export const omeTiff: TiffSlideFormat = {
  name: 'ome-tiff',
  async parse(tiff) {
    const { name } = tiff.file.source;
    if (xmlRoot(tiff.description, name) !== 'OME') return undefined;
    const xml = (await readLatin1(tiff.first, tags.ImageDescription, limits.textBytes)) ?? '';
    const { images, isBinaryOnly } = readOmeXml(xml, name);
    const [image] = images;
    if (isBinaryOnly || image === undefined)
      throw new ServiceError(
        'unsupported',
        `${name}: its OME-XML lies in a companion file; export the slide as one OME-TIFF`,
      );
    const base = await candidateOf(tiff, image, name);
    const levels = await readLevels(pyramidOf([base, ...(await subLevels(tiff, image))]));
    const { x, y } = image;
    const icc = await readIcc(base.context);
    return {
      properties: {
        format: 'ome-tiff',
        vendor: 'OME',
        size: base.layout.size,
        background: [255, 255, 255],
        ...(x !== undefined && y !== undefined && { mpp: { x, y } }),
        ...(image.objectivePower !== undefined && { objectivePower: image.objectivePower }),
      },
      levels,
      associated: await associatedOf(tiff, images.slice(1)),
      ...(icc && { icc }),
    } satisfies ParsedSlide;
  },
};

/** The first image's directory, once it is known to be one RGB picture of the declared size. */
async function candidateOf(tiff: OpenedTiff, image: OmeImage, name: string): Promise<Candidate> {
  const directory = tiff.file.directories[image.ifd];
  if (directory === undefined)
    throw new ServiceError(
      'damaged',
      `${name}: its OME-XML names IFD ${image.ifd} of ${tiff.file.directories.length}`,
    );
  const context = contextOf(tiff, directory);
  const layout = await readLayout(context);
  const why = whyNotBrightfield(image, layout);
  if (why !== undefined)
    throw new ServiceError(
      'unsupported',
      `${name}: an OME-TIFF ${why}; only single RGB brightfield images are read`,
    );
  if (layout.size.width !== image.sizeX || layout.size.height !== image.sizeY)
    throw new ServiceError(
      'damaged',
      `${name}: its OME-XML says ${image.sizeX}×${image.sizeY} px, ${layout.where} ${layout.size.width}×${layout.size.height}`,
    );
  return { context, layout };
}

function whyNotBrightfield(image: OmeImage, layout: TiffLayout): string | undefined {
  if (image.sizeZ > 1) return `of ${image.sizeZ} focal planes`;
  if (image.sizeT > 1) return `of ${image.sizeT} points in time`;
  if (layout.samplesPerPixel < 3 || image.sizeC !== layout.samplesPerPixel)
    return `of ${image.sizeC} channels with ${layout.samplesPerPixel} sample(s) per pixel (fluorescence or multi-channel)`;
  return undefined;
}

async function subLevels(tiff: OpenedTiff, image: OmeImage): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const directory of tiff.file.directories[image.ifd]?.subDirectories ?? []) {
    const context = contextOf(tiff, directory);
    found.push({ context, layout: await readLayout(context) });
  }
  return found;
}

/** Further images that are called label, macro or thumbnail. */
async function associatedOf(tiff: OpenedTiff, images: readonly OmeImage[]): Promise<AssociatedImage[]> {
  const named = images.flatMap(({ role: name, ifd }) => {
    const directory = tiff.file.directories[ifd];
    return directory === undefined ? [] : [{ context: contextOf(tiff, directory), name }];
  });
  return tiffAssociatedImages(named);
}
