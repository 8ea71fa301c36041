import type { AssociatedImage, ParsedSlide } from './format.ts';
import { tiffAssociatedImages } from './associated.ts';
import { readIcc } from './icc.ts';
import { type Candidate, pyramidOf, readLevels } from './levels.ts';
import { mppFromResolution, parseDecimal, plausibleMpp, plausiblePower } from './resolution.ts';
import { limits } from './tiff/limits.ts';
import { readLayout } from './tiff/read-image.ts';
import { tags } from './tiff/tags.ts';
import { peekText, readLatin1, readNumber, type TiffContext } from './tiff/values.ts';
import { contextOf, type OpenedTiff, type TiffSlideFormat } from './tiff-family.ts';

/**
 * Aperio (Leica) SVS: the base, a stripped thumbnail, the levels, then label and macro in strips.
 *
 * Of the description only MPP, AppMag and OffsetZ are looked at; the rest names people.
 */
export const aperioSvs: TiffSlideFormat = {
  name: 'aperio-svs',
  async parse(tiff) {
    if (!tiff.description.startsWith('Aperio') || !tiff.first.directory.entries.has(tags.TileWidth))
      return undefined;
    const text = (await readLatin1(tiff.first, tags.ImageDescription, limits.textBytes)) ?? '';
    const properties = keysOf(text);
    const { levels, others } = await sort(tiff, properties.get('offsetz'));
    const parsed = await readLevels(pyramidOf(levels));
    const size = parsed[0]?.size;
    if (size === undefined) return undefined;
    const perPixel = parseDecimal(properties.get('mpp'));
    const mpp = plausibleMpp(perPixel, perPixel) ?? (await mppFromResolution(tiff.first));
    const power = plausiblePower(parseDecimal(properties.get('appmag')));
    const icc = await readIcc(tiff.first);
    return {
      properties: {
        format: 'aperio-svs',
        vendor: 'Aperio',
        size,
        background: [255, 255, 255],
        ...(mpp && { mpp }),
        ...(power !== undefined && { objectivePower: power }),
      },
      levels: parsed,
      associated: await tiffAssociatedImages(await Promise.all(others.map(named))),
      ...(icc && { icc }),
    } satisfies ParsedSlide;
  },
};

const wanted = new Set(['mpp', 'appmag', 'offsetz']);

/** The `|`-separated `key = value` pairs of a description that are wanted, keys in lower case; the first counts. */
function keysOf(description: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of description.split('|').slice(1)) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    if (wanted.has(key) && !found.has(key)) found.set(key, pair.slice(equals + 1).trim());
  }
  return found;
}

/** Tiled directories of the base's focal plane, and all that is in strips. */
async function sort(
  tiff: OpenedTiff,
  offsetZ: string | undefined,
): Promise<{ levels: Candidate[]; others: { context: TiffContext; number: number }[] }> {
  const levels: Candidate[] = [];
  const others: { context: TiffContext; number: number }[] = [];
  for (const [number, directory] of tiff.file.directories.entries()) {
    const context = contextOf(tiff, directory);
    if (!directory.entries.has(tags.TileWidth)) {
      others.push({ context, number });
      continue;
    }
    if (offsetZ !== undefined && number > 0) {
      const own = keysOf((await peekText(context, tags.ImageDescription, 65_536)) ?? '');
      if (own.get('offsetz') !== offsetZ) continue;
    }
    levels.push({ context, layout: await readLayout(context) });
  }
  return { levels, others };
}

/** The second line of its description names an associated image; without that its place and kind do. */
async function named({
  context,
  number,
}: {
  context: TiffContext;
  number: number;
}): Promise<{ context: TiffContext; name: AssociatedImage['name'] | undefined }> {
  const description = (await peekText(context, tags.ImageDescription, 1024)) ?? '';
  const word = description.split('\n')[1]?.trim().split(' ')[0]?.toLowerCase();
  if (word === 'label' || word === 'macro') return { context, name: word };
  if (number === 1) return { context, name: 'thumbnail' };
  const kind = await readNumber(context, tags.NewSubfileType, 0);
  return { context, name: kindNames.get(kind) };
}

/** NewSubfileType as Aperio uses it. */
const kindNames: ReadonlyMap<number, AssociatedImage['name']> = new Map([
  [1, 'label'],
  [9, 'macro'],
] as const);
