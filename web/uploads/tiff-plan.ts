import { merged, pieces, toBlocks, totalLength, without, type Span } from './spans.ts';
import { readValues, tiffStructure, type TiffPicture, type TiffStructure } from './tiff-structure.ts';

/** The most spans that a file is sent in. */
export const mostSpans = 64;

/** The service reads the structure of a file in blocks of this size. */
const structureBlock = 64 * 2 ** 10;
/** Coarse levels that come before label and macro: together at most this much. */
const firstLevelsBytes = 8 * 2 ** 20;
/** Tiles whose places are read, coarse images first; images beyond are sent with the rest. */
const mostTiles = 500_000;
/** Images whose first tile is looked for. */
const mostPictures = 64;
/** The service looks at so much of the first tile of each level. */
const tileHeadBytes = 16 * 2 ** 10;
/** Least length of a piece of the finest level. */
const pieceBytes = 32 * 2 ** 20;

/**
 * The order in which the bytes of a slide are best sent: first what tells its structure, then coarse levels, label
 * and macro, and the finest level last, so that it can be viewed, coarsely, long before all of it has arrived.
 *
 * Reads some kilobytes, and the tables of places of the coarser levels; never pixels.
 *
 * @returns spans that cover the file exactly once; a single one for what is no TIFF
 */
export async function planSpans(file: Blob): Promise<readonly Span[]> {
  const whole = { start: 0, length: file.size };
  const structure = await tiffStructure(file);
  if (structure === undefined) return [whole];
  const groups = await groupsOf(file, structure);
  for (let gap = structureBlock; gap < file.size; gap *= 2) {
    const ordered = inOrder(groups, gap, file.size);
    const rest = without([whole], ordered);
    if (ordered.length + rest.length > (mostSpans * 3) / 4) continue;
    const free = mostSpans - ordered.length - rest.length;
    const most = Math.max(pieceBytes, Math.ceil(totalLength(rest) / free));
    return [...ordered, ...rest.flatMap((span) => pieces(span, most))];
  }
  return [whole];
}

/** Each group's bytes that no earlier group has. */
function inOrder(groups: readonly (readonly Span[])[], gap: number, size: number): Span[] {
  const ordered: Span[] = [];
  for (const group of groups) {
    const inside = group.filter(({ start, length }) => start + length <= size);
    ordered.push(...without(merged(inside, gap), ordered));
  }
  return ordered;
}

/** What belongs together, the most wanted first. */
async function groupsOf(file: Blob, structure: TiffStructure): Promise<Span[][]> {
  const { pictures, isLittleEndian } = structure;
  const tiled = pictures.filter(({ isTiled }) => isTiled);
  const bySize = (tiled.length > 0 ? tiled : pictures).toSorted((a, b) => area(a) - area(b));
  const levels: Span[][] = [];
  for (const level of affordable(bySize.slice(0, -1)))
    levels.push(await tilesOf(file, level, isLittleEndian));
  const beside: Span[] = [];
  if (tiled.length > 0)
    for (const picture of affordable(pictures.filter(({ isTiled }) => !isTiled)))
      beside.push(...(await tilesOf(file, picture, isLittleEndian)));
  const heads: Span[] = [];
  for (const level of tiled.slice(0, mostPictures))
    heads.push(...(await firstTileOf(file, level, isLittleEndian)));
  const first = [...structure.spans, ...heads].map((span) => toBlocks(span, structureBlock, file.size));
  let sum = 0;
  const early = levels.filter((level) => (sum += totalLength(level)) <= firstLevelsBytes);
  return [first, ...early, beside, ...levels.slice(early.length)];
}

function area({ width, height }: TiffPicture): number {
  return width * height;
}

/** The first images that have no more tiles together than are looked at. */
function affordable(pictures: readonly TiffPicture[]): readonly TiffPicture[] {
  let tiles = 0;
  return pictures.filter(({ offsets }) => (tiles += offsets.count) <= mostTiles);
}

/** Where the tiles of an image lie. */
async function tilesOf(file: Blob, picture: TiffPicture, isLittleEndian: boolean): Promise<Span[]> {
  const { count } = picture.offsets;
  const starts = await readValues(file, picture.offsets, isLittleEndian, [0, count]);
  const lengths = await readValues(file, picture.lengths, isLittleEndian, [0, count]);
  if (starts === undefined || lengths === undefined) return [];
  return starts.map((start, i) => ({ start, length: lengths[i] ?? 0 }));
}

/** The head of the first tile that is stored: what tells how the tiles of a level are coded. */
async function firstTileOf(file: Blob, picture: TiffPicture, isLittleEndian: boolean): Promise<Span[]> {
  const step = 4096;
  const { count } = picture.offsets;
  for (let from = 0; from < Math.min(count, 16 * step); from += step) {
    const some = [from, Math.min(count, from + step)] as const;
    const lengths = await readValues(file, picture.lengths, isLittleEndian, some);
    if (lengths === undefined) return [];
    const at = lengths.findIndex((length) => length > 0);
    if (at === -1) continue;
    const [start] =
      (await readValues(file, picture.offsets, isLittleEndian, [from + at, from + at + 1])) ?? [];
    if (start === undefined || start >= file.size) return [];
    const length = Math.min(lengths[at] ?? 0, tileHeadBytes, file.size - start);
    return [{ start, length }];
  }
  return [];
}
