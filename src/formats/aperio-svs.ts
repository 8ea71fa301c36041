import { ServiceError } from '../core/errors.ts';
import type { AssociatedImage, ParsedSlide } from './format.ts';
import { tiffAssociatedImages } from './associated.ts';
import { readIcc } from './icc.ts';
import { type PlaneCandidates, readFocalPlanes } from './focal-planes.ts';
import type { Candidate } from './levels.ts';
import { mppFromResolution, parseDecimal, parseHeight, plausibleMpp, plausiblePower } from './resolution.ts';
import { limits } from './tiff/limits.ts';
import { readLayout } from './tiff/read-image.ts';
import { tags } from './tiff/tags.ts';
import { peekText, readLatin1, readNumber, type TiffContext } from './tiff/values.ts';
import { contextOf, type OpenedTiff, type TiffSlideFormat } from './tiff-family.ts';

/**
 * Aperio (Leica) SVS: the base, a stripped thumbnail, the levels, then label and macro in strips. Of a focal stack base
 * and levels of each plane follow one another, before label and macro, each with its OffsetZ in µm.
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
    const { planes, others } = await sort(tiff, parseHeight(properties.get('offsetz')));
    const { levels, focus } = await readFocalPlanes(planes, basePlane(planes));
    const size = levels[0]?.size;
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
      levels,
      ...(focus && { focus }),
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

/** A directory with its number in the file. */
interface Numbered {
  readonly context: TiffContext;
  readonly number: number;
}

/** Tiled directories by focal plane, the lowest first, and all that is in strips. @param first OffsetZ of the base */
async function sort(
  tiff: OpenedTiff,
  first = 0,
): Promise<{ planes: readonly PlaneCandidates[]; others: readonly Numbered[] }> {
  const byHeight = new Map<number, Candidate[]>();
  const others: Numbered[] = [];
  let height = first;
  for (const [number, directory] of tiff.file.directories.entries()) {
    const context = contextOf(tiff, directory);
    if (!directory.entries.has(tags.TileWidth)) {
      others.push({ context, number });
      continue;
    }
    // A level that does not say belongs to the plane before it.
    if (number > 0) height = (await offsetOf(context)) ?? height;
    const plane = byHeight.get(height) ?? [];
    byHeight.set(height, [...plane, { context, layout: await readLayout(context) }]);
  }
  const planes = [...byHeight].map(([z, candidates]) => {
    return { name: `the focal plane at OffsetZ ${z}`, height: z, candidates };
  });
  checkSingle(planes);
  return { planes: planes.toSorted((a, b) => a.height - b.height), others };
}

/** OffsetZ of a directory, µm. */
async function offsetOf(context: TiffContext): Promise<number | undefined> {
  return parseHeight(keysOf((await peekText(context, tags.ImageDescription, 65_536)) ?? '').get('offsetz'));
}

/** Refuses a stack in which two images claim to be the same plane: nobody could tell which one is meant. */
function checkSingle(planes: readonly PlaneCandidates[]): void {
  if (planes.length === 1) return;
  for (const { name, candidates } of planes) {
    const [first, ...more] = candidates;
    const twin = more.find(({ layout }) => layout.size.width === first?.layout.size.width);
    if (twin !== undefined)
      throw new ServiceError(
        'damaged',
        `${twin.context.file.source.name}: ${name} is there twice (${first?.layout.where} and ${twin.layout.where}); scan or export the slide again`,
      );
  }
}

/**
 * The plane to show first: the one nearest to 0, where the scanner's own focus is; of two as near, the lower. Where 0
 * lies outside of the stack, its offsets are heights of the stage, and the middle plane is the best guess.
 */
function basePlane(planes: readonly PlaneCandidates[]): number {
  const heights = planes.map(({ height = 0 }) => height);
  if (Math.min(...heights) > 0 || Math.max(...heights) < 0) return Math.floor(planes.length / 2);
  const distances = heights.map(Math.abs);
  return distances.indexOf(Math.min(...distances));
}

/** The second line of its description names an associated image; without that its place and kind do. */
async function named({
  context,
  number,
}: Numbered): Promise<{ context: TiffContext; name: AssociatedImage['name'] | undefined }> {
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
