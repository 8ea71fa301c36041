import { ServiceError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import type { Mpp } from '../core/slide.ts';
import { tiffAssociatedImages } from './associated.ts';
import type { AssociatedImage, ParsedSlide } from './format.ts';
import { readIcc } from './icc.ts';
import { type Candidate, intendedDownsample, type LevelGeometry, readLevels } from './levels.ts';
import { readPhilipsXml, type PhilipsXml } from './philips-xml.ts';
import { plausibleMpp } from './resolution.ts';
import { jpegSize } from './tiff/jpeg.ts';
import { limits } from './tiff/limits.ts';
import { readLayout } from './tiff/read-image.ts';
import { tags } from './tiff/tags.ts';
import { peekText, place, readLatin1, type TiffContext } from './tiff/values.ts';
import { contextOf, type OpenedTiff, type TiffSlideFormat } from './tiff-family.ts';
import { xmlRoot } from './xml.ts';

/**
 * Philips TIFF: tiled levels, all padded to whole tiles, and an XML that knows their spacing and holds label and
 * macro as base64.
 */
export const philipsTiff: TiffSlideFormat = {
  name: 'philips-tiff',
  async parse(tiff) {
    const { name } = tiff.file.source;
    if (!tiff.software.startsWith('Philips') || xmlRoot(tiff.description, name) !== 'DataObject')
      return undefined;
    const xml = (await readLatin1(tiff.first, tags.ImageDescription, limits.philipsXmlBytes)) ?? '';
    const known = readPhilipsXml(xml, name);
    const { levels, associated } = await sort(tiff);
    const parsed = await readLevels(levels, geometryOf(levels, known));
    const size = parsed[0]?.size;
    if (size === undefined) throw new ServiceError('damaged', `${name}: a Philips TIFF without tiles`);
    const mpp = mppOf(known);
    const icc = await readIcc(tiff.first);
    return {
      properties: {
        format: 'philips-tiff',
        vendor: 'Philips',
        size,
        background: [255, 255, 255],
        ...(mpp && { mpp }),
      },
      levels: parsed,
      associated: [...associated, ...fromXml(tiff, xml, known.pictures, associated)],
      ...(icc && { icc }),
    } satisfies ParsedSlide;
  },
};

function mppOf({ spacing }: PhilipsXml): Mpp | undefined {
  return spacing && plausibleMpp(spacing.x * 1000, spacing.y * 1000);
}

/** Tiled directories are levels; others say what they are in their description. */
async function sort(tiff: OpenedTiff): Promise<{ levels: Candidate[]; associated: AssociatedImage[] }> {
  const levels: Candidate[] = [];
  const named: { context: TiffContext; name: AssociatedImage['name'] }[] = [];
  for (const directory of tiff.file.directories) {
    const context = contextOf(tiff, directory);
    const description = (await peekText(context, tags.ImageDescription, 64)) ?? '';
    if (description.startsWith('Label')) named.push({ context, name: 'label' });
    else if (description.startsWith('Macro')) named.push({ context, name: 'macro' });
    else if (directory.entries.has(tags.TileWidth))
      levels.push({ context, layout: await readLayout(context) });
  }
  return { levels, associated: await tiffAssociatedImages(named) };
}

/**
 * Sizes without padding.
 *
 * Level 0 keeps its padding, as everywhere; lower levels are padded again, so their size follows from level 0 and
 * the ratio of spacings, or of halving where the XML does not say.
 */
function geometryOf(levels: readonly Candidate[], { levelSpacings }: PhilipsXml): LevelGeometry[] {
  const base = levels[0]?.layout.size ?? { width: 0, height: 0 };
  const [finest] = levelSpacings;
  return levels.map(({ context, layout }, i) => {
    const spacing = levelSpacings[i];
    const ratio = finest && spacing ? wholeRatio(spacing.x / finest.x) : 2 ** i;
    const divided: Size = { width: Math.floor(base.width / ratio), height: Math.floor(base.height / ratio) };
    const isSane = divided.width >= 1 && divided.height >= 1;
    if (!isSane || divided.width > layout.size.width || divided.height > layout.size.height)
      throw new ServiceError(
        'damaged',
        `${place(context)}: ${layout.size.width}×${layout.size.height} px, but its spacing makes it ${divided.width}×${divided.height}`,
      );
    return { size: divided, downsample: i === 0 ? 1 : intendedDownsample(base, divided) };
  });
}

/** The power of two that a ratio of spacings, which are rounded to a few digits, stands for. */
function wholeRatio(ratio: number): number {
  const power = 2 ** Math.round(Math.log2(ratio));
  return Math.abs(ratio / power - 1) < 0.01 ? power : ratio;
}

/** Pictures inside the XML whose names are not taken yet, without damaged and too large ones. */
function fromXml(
  tiff: OpenedTiff,
  xml: string,
  pictures: PhilipsXml['pictures'],
  others: readonly AssociatedImage[],
): AssociatedImage[] {
  const at = tiff.first.directory.entries.get(tags.ImageDescription)?.at;
  const tried = new Set<string>(others.map(({ name }) => name));
  const found: AssociatedImage[] = [];
  for (const { name, start, end } of pictures) {
    if (at === undefined || tried.has(name)) continue;
    tried.add(name);
    const size = pictureSize(xml.slice(start, Math.min(end, start + 131_072)));
    if (size === undefined || size.width * size.height > limits.associated.px) continue;
    found.push({ name, size, source: { kind: 'base64', offset: at + start, length: end - start } });
  }
  return found;
}

/** Size of a JPEG by the beginning of its base64. @returns undefined when it is damaged */
function pictureSize(base64: string): Size | undefined {
  try {
    const size = jpegSize(Buffer.from(base64, 'base64'));
    return size.width > 0 && size.height > 0 ? size : undefined;
  } catch (error) {
    if (error instanceof ServiceError && error.kind === 'damaged') return undefined;
    throw error;
  }
}
