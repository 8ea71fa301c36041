import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Size } from '../src/core/geometry.ts';
import { deepZoomOf } from '../src/pyramid/deep-zoom.ts';
import type { TilePlace } from './peers/peer.ts';

/** Folder of the recorded traces. */
export const tracesFolder: string = fileURLToPath(new URL('traces', import.meta.url));

const count = z.int().nonnegative();

/** What a viewer asked for while a person's moves were made in it; places are Deep Zoom's. */
const Trace = z.strictObject({
  name: z.string(),
  /** The moves in words. */
  about: z.string(),
  /** Window, CSS px. */
  viewport: z.strictObject({ width: count, height: count }),
  slide: z.strictObject({ width: count, height: count, tileSize: count }),
  moves: z.array(
    z.strictObject({
      move: z.string(),
      /** Level, column, row, in the order of the requests. */
      tiles: z.array(z.tuple([count, count, count])),
    }),
  ),
});

/** A recorded trace. */
export type Trace = z.infer<typeof Trace>;

/** All traces that are shipped, by name. */
export async function readTraces(): Promise<Trace[]> {
  const names = (await readdir(tracesFolder)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(`${tracesFolder}/${name}`, 'utf8')));
  return texts.map((text) => Trace.parse(JSON.parse(text)));
}

/** What traces are replayed on. */
export interface Ground {
  readonly size: Size;
  readonly tileSize: number;
}

/**
 * The requests of a trace on another slide: levels are counted from the finest, and what lies beyond the slide's
 * edge comes in again at the other side.
 *
 * @param shift tiles by which the trace is moved at the finest level, and half as far at each coarser one
 */
export function replay(trace: Trace, ground: Ground, shift = { columns: 0, rows: 0 }): TilePlace[] {
  const recorded = deepZoomOf(trace.slide, trace.slide.tileSize);
  const geometry = deepZoomOf(ground.size, ground.tileSize);
  return trace.moves.flatMap(({ tiles }) =>
    tiles.map(([recordedLevel, column, row]) => {
      const depth = recorded.maxLevel - recordedLevel;
      const level = Math.max(0, geometry.maxLevel - depth);
      const grid = geometry.grid(level);
      return {
        level,
        column: (column + Math.floor(shift.columns / 2 ** depth)) % grid.columns,
        row: (row + Math.floor(shift.rows / 2 ** depth)) % grid.rows,
      };
    }),
  );
}

/** The requests of all traces, one after another. */
export function replayAll(traces: readonly Trace[], ground: Ground): TilePlace[] {
  return traces.flatMap((trace) => replay(trace, ground));
}

/**
 * Requests that no cache can answer: the traces moved over the slide again and again, each tile asked for once.
 *
 * @param depth levels above the finest from which tiles are taken: 0 the slide's own pixels
 * @param most tiles at most
 */
export function replayOnce(
  traces: readonly Trace[],
  ground: Ground,
  { depth, most }: { readonly depth: number; readonly most: number },
): TilePlace[] {
  const geometry = deepZoomOf(ground.size, ground.tileSize);
  const level = geometry.maxLevel - depth;
  const grid = geometry.grid(level);
  const found = new Map<string, TilePlace>();
  // Steps prime to nearly any grid: the moves of a person, over all of the slide.
  for (let turn = 0; turn < 4000 && found.size < Math.min(most, grid.columns * grid.rows); turn += 1) {
    const shift = { columns: turn * 37 * 2 ** depth, rows: turn * 23 * 2 ** depth };
    for (const place of traces.flatMap((trace) => finest(trace, ground, shift, level)))
      found.set(`${place.column}_${place.row}`, place);
  }
  return [...found.values()].slice(0, most);
}

/** The part of a trace that asked for the finest pixels, moved to `level`. */
function finest(
  trace: Trace,
  ground: Ground,
  shift: { readonly columns: number; readonly rows: number },
  level: number,
): TilePlace[] {
  const geometry = deepZoomOf(ground.size, ground.tileSize);
  const grid = geometry.grid(level);
  const scale = 2 ** (geometry.maxLevel - level);
  return replay(trace, ground)
    .filter((place) => place.level === geometry.maxLevel)
    .map(({ column, row }) => ({
      level,
      column: (column + shift.columns / scale) % grid.columns,
      row: (row + shift.rows / scale) % grid.rows,
    }));
}

/** A few tiles of each level that is asked for, to be looked at before anything is timed. */
export function samplesOf(places: readonly TilePlace[], perLevel = 4): TilePlace[] {
  const byLevel = Map.groupBy(places, ({ level }) => level);
  return [...byLevel.values()].flatMap((all) => {
    const step = Math.max(1, Math.floor(all.length / perLevel));
    return all.filter((_, i) => i % step === 0).slice(0, perLevel);
  });
}
