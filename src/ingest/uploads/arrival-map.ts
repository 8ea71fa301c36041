import type { IndexedLevel, TileIndex } from '../../pyramid/tile-index.ts';
import { arrivedRuns, hasArrived, type ArrivedRuns } from './arrived.ts';
import type { UploadSpan } from './upload-record.ts';

/** Cells along one side of a level's map, at most. */
const maxCells = 64;
/** Tiles along one side of a cell that are looked at, at most. */
const maxLooked = 8;

/** How much of a level has arrived, by regions. */
export interface LevelArrival {
  /** Slide level, from 0 = full size. */
  readonly level: number;
  readonly columns: number;
  readonly rows: number;
  /**
   * One digit a cell, row by row: `0` nothing of it is there, `f` all is, between them in sixteenths. A cell is a
   * square of tiles, the same for all of the level.
   */
  readonly cells: string;
}

/** What has arrived of each level of a slide, to be shown: at most 64 × 64 cells a level, of large ones by samples. */
export function arrivalMap(index: TileIndex, spans: readonly UploadSpan[]): readonly LevelArrival[] {
  const runs = arrivedRuns(spans);
  return index.levels.map((level, i) => ({ level: i, ...levelMap(level, runs) }));
}

function levelMap(level: IndexedLevel, runs: ArrivedRuns): Omit<LevelArrival, 'level'> {
  const side = Math.ceil(Math.max(level.columns, level.rows) / maxCells);
  const columns = Math.ceil(level.columns / side);
  const rows = Math.ceil(level.rows / side);
  let cells = '';
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1)
      cells += digit(shareOf(level, runs, { left: column * side, top: row * side, side }));
  return { columns, rows, cells };
}

/** Part of the tiles of a cell that are there, 0–1. */
function shareOf(
  level: IndexedLevel,
  runs: ArrivedRuns,
  { left, top, side }: { readonly left: number; readonly top: number; readonly side: number },
): number {
  const step = Math.ceil(side / maxLooked);
  let looked = 0;
  let there = 0;
  for (let row = top; row < Math.min(top + side, level.rows); row += step)
    for (let column = left; column < Math.min(left + side, level.columns); column += step) {
      const i = row * level.columns + column;
      looked += 1;
      if (hasArrived(runs, level.offsets[i] ?? 0, level.lengths[i] ?? 0)) there += 1;
    }
  return there / looked;
}

function digit(share: number): string {
  return Math.floor(share * 15).toString(16);
}
