import { ServiceError } from '../core/errors.ts';
import type { ParsedLevel, ParsedSlide } from '../formats/format.ts';
import { numberOfOther } from './focal-stack.ts';
import type { IndexedLevel, IndexedObject, TileIndex } from './tile-index.ts';

/** A level that this service made; which object it will stand in is decided when it is published. */
export type ConvertedLevel = Omit<IndexedLevel, 'object'> & {
  /** Number of its focal plane; absent for the base plane. */
  readonly plane?: number;
};

/** Levels that this service made, in an object of their own. */
export interface ConvertedPyramid {
  /** Usually `pyramid.tif`. */
  readonly object: IndexedObject;
  /** Fine to coarse; which object they stand in follows from `object`. */
  readonly levels: readonly ConvertedLevel[];
}

/**
 * What converted levels are to a pyramid: `all` of its levels · the `coarser` ones beside the slide's own ·
 * `made` later, for Deep Zoom only, so that the numbers of the slide's levels stay what they are.
 */
export type ConvertedRole = 'all' | 'coarser' | 'made';

/** The most a stored tile may measure, bytes: what a Uint32Array holds. */
const maxTileBytes = 2 ** 32 - 1;

/**
 * The index of a slide whose levels can all be served as they are.
 *
 * @param objects what the slide's bytes stand in; the first holds all tiles (`original/0`)
 * @throws {ServiceError} `unsupported` when a level has to be converted first
 */
export function buildIndex(slide: ParsedSlide, objects: readonly IndexedObject[]): TileIndex {
  const empty = emptyIndex(slide, objects);
  const levels = slide.levels.map(indexedLevel);
  if (empty.focus === undefined) return { ...empty, levels };
  const others = empty.focus.others.map((plane, i) => {
    return { ...plane, levels: slide.focus?.others[i]?.levels.map(indexedLevel) ?? [] };
  });
  return { ...empty, levels, focus: { ...empty.focus, others } };
}

/** The index of a slide without any level: to be filled by {@link withConvertedLevels}. */
export function emptyIndex(slide: ParsedSlide, objects: readonly IndexedObject[]): TileIndex {
  const { properties, associated, icc } = slide;
  const none = { levels: [], made: [] };
  const focus = slide.focus && {
    base: slide.focus.base,
    others: slide.focus.others.map(({ offset }) => ({ ...none, ...(offset !== undefined && { offset }) })),
  };
  return { properties, objects, ...none, ...(focus && { focus }), associated, ...(icc && { icc }) };
}

/** One level as byte ranges of the slide's own file. Where no tile is stored, its offset is 0. */
function indexedLevel(level: ParsedLevel, slideLevel: number): IndexedLevel {
  const { size, downsample, image, jpegPrefix } = level;
  if (jpegPrefix === undefined)
    throw new ServiceError(
      'unsupported',
      `slide level ${slideLevel} (${image.where}) can't be served as it is: ${level.notServable ?? 'no JPEG tiles'}`,
    );
  const { segmentSize: tileSize, columns, rows } = image;
  const lengths = Uint32Array.from(image.lengths.subarray(0, columns * rows), (length) => {
    if (length <= maxTileBytes) return length;
    throw new ServiceError('damaged', `${image.where}: a tile of ${length} bytes`);
  });
  const offsets = image.offsets.slice(0, columns * rows).map((offset, i) => (lengths[i] === 0 ? 0 : offset));
  const where = { object: 0, prefix: jpegPrefix, origin: 'scanner' } as const;
  return { size, tileSize, columns, rows, downsample, ...where, offsets, lengths };
}

/**
 * A pyramid together with levels that were made from it.
 *
 * @param base `all`: the {@link emptyIndex} of the slide; else its index with its own levels
 * @returns a new index; the object of the converted levels replaces an earlier one of the same name
 */
export function withConvertedLevels(
  base: TileIndex,
  converted: ConvertedPyramid,
  role: ConvertedRole,
): TileIndex {
  const kept = base.objects.findIndex(({ name }) => name === converted.object.name);
  const object = kept === -1 ? base.objects.length : kept;
  const objects = base.objects.toSpliced(object, 1, converted.object);
  const madeOf = (plane?: number): IndexedLevel[] =>
    converted.levels
      .filter((level) => level.plane === plane)
      .map(({ plane: _plane, ...level }) => ({ ...level, object }));
  const others = base.focus?.others.map((other, i) => {
    return { ...other, ...joined(other, madeOf(numberOfOther(base.focus?.base ?? 0, i)), role) };
  });
  const focus = base.focus && others && { focus: { ...base.focus, others } };
  return { ...base, objects, ...joined(base, madeOf(), role), ...focus };
}

type Levels = Pick<TileIndex, 'levels' | 'made'>;

/** The levels of one focal plane with those that were made for it. */
function joined({ levels }: Levels, made: readonly IndexedLevel[], role: ConvertedRole): Levels {
  if (role === 'all') return { levels: made, made: [] };
  if (role === 'made') return { levels, made };
  return { levels: [...levels, ...made].sort((a, b) => a.downsample - b.downsample), made: [] };
}
