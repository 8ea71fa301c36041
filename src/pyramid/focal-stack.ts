import { ServiceError } from '../core/errors.ts';
import type { IndexedLevel, IndexedPlane, TileIndex } from './tile-index.ts';

/** Where a stored level belongs. */
export interface LevelPlace {
  readonly indexed: IndexedLevel;
  /** Number of the focal plane; absent for the base plane. */
  readonly plane?: number;
  /** Number within its plane: slide levels first, then those made for Deep Zoom. */
  readonly level: number;
}

/**
 * All levels of an index in their fixed order: the slide's own, those made for Deep Zoom, then the same of each other
 * focal plane.
 */
export function levelPlaces({ levels, made, focus }: TileIndex): readonly LevelPlace[] {
  const base = [...levels, ...made].map((indexed, level) => ({ indexed, level }));
  const others = focus?.others.flatMap((other, i) =>
    [...other.levels, ...other.made].map((indexed, level) => {
      return { indexed, level, plane: numberOfOther(focus.base, i) };
    }),
  );
  return [...base, ...(others ?? [])];
}

/** Number of a focal plane by its place among the planes beside the base. */
export function numberOfOther(base: number, place: number): number {
  return place < base ? place : place + 1;
}

/** µm from the base plane of each focal plane of a stack, by number; undefined where the file does not say. */
export function planeOffsets({ focus }: Pick<TileIndex, 'focus'>): readonly (number | undefined)[] {
  if (focus === undefined) return [];
  const others = focus.others.map(({ offset }) => offset);
  const isMeasured = others.some((offset) => offset !== undefined);
  return others.toSpliced(focus.base, 0, isMeasured ? 0 : undefined);
}

/**
 * The index of one focal plane alone, as if the slide had no other.
 *
 * @throws {ServiceError} `not-found`
 */
export function planeIndex({ focus, ...index }: TileIndex, plane: number): TileIndex {
  if (plane === (focus?.base ?? 0)) return index;
  return { ...index, ...otherPlane(focus, plane) };
}

function otherPlane(focus: TileIndex['focus'], plane: number): Pick<IndexedPlane, 'levels' | 'made'> {
  const found = focus?.others[plane < focus.base ? plane : plane - 1];
  if (found === undefined)
    throw new ServiceError(
      'not-found',
      `no focal plane ${plane}: the slide has ${focus === undefined ? 'one, 0' : `0–${focus.others.length}`}`,
    );
  return { levels: found.levels, made: found.made };
}
