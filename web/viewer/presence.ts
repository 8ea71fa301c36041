import type { LevelArrival } from '../api.ts';

/** Whether tiles of a place are there: all, some, none; `unknown` where nobody keeps account of it. */
export type Presence = 'here' | 'partly' | 'missing' | 'unknown';

/** The longer side of a level's map, cells, at most: the service's own rule. */
const mostCells = 64;

/**
 * Whether the tile of a slide that is still being sent has arrived, as far as the map of arrivals tells: by squares of
 * tiles where a level has many.
 *
 * @param arriving undefined once all has arrived
 * @param level the slide's own level and its size in tiles
 */
export function presenceOf(
  arriving: readonly LevelArrival[] | undefined,
  level: { readonly slideLevel: number | undefined; readonly columns: number; readonly rows: number },
  column: number,
  row: number,
): Presence {
  if (arriving === undefined) return 'here';
  const map = arriving.find((one) => one.level === level.slideLevel);
  if (map === undefined) return 'unknown';
  const side = Math.ceil(Math.max(level.columns, level.rows) / mostCells);
  const cell = map.cells[Math.floor(row / side) * map.columns + Math.floor(column / side)];
  if (cell === '0') return 'missing';
  return cell === 'f' ? 'here' : 'partly';
}
