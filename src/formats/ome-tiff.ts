import { ServiceError } from '../core/errors.ts';
import type { AssociatedImage, ParsedSlide } from './format.ts';
import { tiffAssociatedImages } from './associated.ts';
import type { TiffLayout } from './tiff/image.ts';
import { readIcc } from './icc.ts';
import { checkPlaneCount, type PlaneCandidates, readFocalPlanes } from './focal-planes.ts';
import type { Candidate } from './levels.ts';
import { type OmeImage, readOmeXml } from './ome-xml.ts';
import { limits } from './tiff/limits.ts';
import { readLayout } from './tiff/read-image.ts';
import { tags } from './tiff/tags.ts';
import { readLatin1 } from './tiff/values.ts';
import { contextOf, type OpenedTiff, type TiffSlideFormat } from './tiff-family.ts';
import { xmlRoot } from './xml.ts';

/**
 * OME-TIFF of a brightfield scan: the first image of the OME-XML, RGB, one plane or a focal stack; levels of each plane
 * are its SubIFDs.
 *
 * File names in the XML are never followed. Fluorescence and time series are refused, since they are many pictures that
 * need a choice of channels.
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
    const planes = await planesOf(tiff, image, name);
    // The schema knows no nominal focus: people focus in the middle of what they want to see.
    const base = Math.floor(planes.length / 2);
    const { levels, focus } = await readFocalPlanes(planes, base);
    const first = planes[base]?.candidates[0];
    if (first === undefined) return undefined;
    const { x, y } = image;
    const icc = await readIcc(first.context);
    return {
      properties: {
        format: 'ome-tiff',
        vendor: 'OME',
        size: first.layout.size,
        background: [255, 255, 255],
        ...(x !== undefined && y !== undefined && { mpp: { x, y } }),
        ...(image.objectivePower !== undefined && { objectivePower: image.objectivePower }),
      },
      levels,
      ...(focus && { focus }),
      associated: await associatedOf(tiff, images.slice(1)),
      ...(icc && { icc }),
    } satisfies ParsedSlide;
  },
};

/** The directories of each focal plane; one plane where the image is no stack. */
async function planesOf(tiff: OpenedTiff, image: OmeImage, name: string): Promise<PlaneCandidates[]> {
  checkPlaneCount(image.sizeZ, name);
  const planes: PlaneCandidates[] = [];
  for (const [z, ifd] of ifdsOf(image, name).entries()) {
    const base = await candidateOf(tiff, image, ifd, name);
    planes.push({
      name: `focal plane ${z + 1} of ${image.sizeZ}`,
      candidates: [base, ...(await subLevels(tiff, ifd))],
      ...(image.z !== undefined && { height: z * image.z }),
    });
  }
  return planes;
}

/** The directory of each focal plane, once it is known that each has one of its own, in this file. */
function ifdsOf({ sizeZ, ifd, planes, files }: OmeImage, name: string): number[] {
  if (sizeZ === 1) return [ifd];
  if (files.size > 1)
    throw new ServiceError(
      'unsupported',
      `${name}: its focal planes lie in several files; export the slide as one OME-TIFF`,
    );
  return Array.from({ length: sizeZ }, (_, z) => {
    const own = planes.filter((plane) => plane.z === z);
    const [first] = own;
    if (first === undefined || own.length > 1)
      throw new ServiceError(
        'damaged',
        `${name}: its OME-XML names ${own.length === 0 ? 'no directory' : 'several directories'} for focal plane ${z + 1} of ${sizeZ}; export it again`,
      );
    if (planes.some((plane) => plane.ifd === first.ifd && plane.z !== z))
      throw new ServiceError(
        'damaged',
        `${name}: its OME-XML names IFD ${first.ifd} for several focal planes; export it again`,
      );
    return first.ifd;
  });
}

/** A plane's directory, once it is known to be one RGB picture of the declared size. */
async function candidateOf(tiff: OpenedTiff, image: OmeImage, ifd: number, name: string): Promise<Candidate> {
  const directory = tiff.file.directories[ifd];
  if (directory === undefined)
    throw new ServiceError(
      'damaged',
      `${name}: its OME-XML names IFD ${ifd} of ${tiff.file.directories.length}`,
    );
  const context = contextOf(tiff, directory);
  const layout = await readLayout(context);
  const why = whyNotBrightfield(image, layout);
  if (why !== undefined)
    throw new ServiceError(
      'unsupported',
      `${name}: an OME-TIFF ${why}; only RGB brightfield images are read`,
    );
  if (layout.size.width !== image.sizeX || layout.size.height !== image.sizeY)
    throw new ServiceError(
      'damaged',
      `${name}: its OME-XML says ${image.sizeX}×${image.sizeY} px, ${layout.where} ${layout.size.width}×${layout.size.height}`,
    );
  return { context, layout };
}

function whyNotBrightfield(image: OmeImage, layout: TiffLayout): string | undefined {
  if (image.sizeT > 1) return `of ${image.sizeT} points in time`;
  if (layout.samplesPerPixel < 3 || image.sizeC !== layout.samplesPerPixel)
    return `of ${image.sizeC} channels with ${layout.samplesPerPixel} sample(s) per pixel (fluorescence or multi-channel)`;
  return undefined;
}

async function subLevels(tiff: OpenedTiff, ifd: number): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const directory of tiff.file.directories[ifd]?.subDirectories ?? []) {
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
