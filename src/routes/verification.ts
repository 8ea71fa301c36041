import type { z } from 'zod';
import { tileRect } from '../core/geometry.ts';
import type { DamagedTile } from '../pyramid/checksums.ts';
import { levelPlaces, type LevelPlace } from '../pyramid/focal-stack.ts';
import type { OpenSlide } from '../tiles/library.ts';
import type { ViewableSlide } from './schemas.ts';

type Described = z.infer<typeof ViewableSlide>['verification'];
type DescribedDamage = Extract<Described, { state: 'whole' | 'damaged' }>['damaged'][number];

/** What a check of all tiles found, for people and programs; undefined where none is made (slides viewed in place). */
export function describeVerification({ index, verification }: OpenSlide): Described {
  if (verification.state === 'none') return undefined;
  if (verification.state !== 'checked') return { state: 'pending' };
  const { verifiedAt, checked, damagedTotal, damaged } = verification.report;
  const levels = levelPlaces(index);
  return {
    state: damagedTotal > 0 ? 'damaged' : 'whole',
    verifiedAt,
    checked,
    damagedTotal,
    damaged: damaged.map((tile) => describeDamage(levels, tile)),
  };
}

/** A damaged tile and where it lies, in px of slide level 0. */
function describeDamage(
  levels: readonly LevelPlace[],
  { level: at, column, row, reason }: DamagedTile,
): DescribedDamage {
  const place = levels[at];
  if (place === undefined) throw new Error(`no level ${at}`);
  const { plane, level, indexed } = place;
  const rect = tileRect(indexed.size, indexed.tileSize, column, row);
  const { downsample } = indexed;
  const atFullSize = (px: number) => Math.round(px * downsample);
  return {
    level,
    ...(plane !== undefined && { plane }),
    column,
    row,
    reason,
    downsample,
    left: atFullSize(rect.left),
    top: atFullSize(rect.top),
    width: atFullSize(rect.width),
    height: atFullSize(rect.height),
  };
}
