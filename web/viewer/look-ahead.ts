import type OpenSeadragon from 'openseadragon';
import { withToken } from '../api/request.ts';
import { tilesAhead, tilesIn, type TilePlace } from './ahead-plan.ts';
import { keptTiles } from './kept-tiles.ts';
import { lineSpeed } from './line-speed.ts';
import type { DrawnLevel } from './tile-geometry.ts';

/** Fetches what may be looked at next, while nothing else is to be done. */
export interface LookAhead {
  /**
   * Fetches these too, whenever all around the view is here: those of the next slide, for example.
   *
   * @param urls addresses of tiles, asked for anew each time the view has settled
   */
  fetchAfterwards(urls: () => readonly string[]): void;
  /** Begins anew: call it when another focal plane is looked at. */
  again(): void;
}

/** What is looked at, and what may be asked for. */
export interface Looked {
  readonly osd: OpenSeadragon.Viewer;
  /** The levels that are looked at, and those of the focal planes that may be next, the likeliest first. */
  readonly planes: () => readonly (readonly DrawnLevel[])[];
  /** The image that is looked at. */
  readonly seen: () => OpenSeadragon.TiledImage | undefined;
  /** Position of the level that belongs on the screen now. */
  readonly wanted: () => number;
  readonly isSettled: () => boolean;
  /** Whether a tile is known not to have arrived from the lab. */
  readonly isMissing: (level: number, column: number, row: number) => boolean;
}

/** How long the view has to be still and sharp before anything is fetched ahead, ms. */
const stillMs = 120;
/** Few enough that a visible tile never waits long behind them. */
const sideBySide = 3;
/** As many as a browser sends at once without HTTP/2. */
const sideBySideFast = 6;

/**
 * Looks ahead while the view is still and every tile in it sharp; stops at once when it moves. Nothing is fetched
 * where the browser was told to save data, and never more in a minute than the line's allowance.
 */
export function lookAhead(looked: Looked): LookAhead {
  const { osd, isSettled } = looked;
  const drawn = new Set<string>();
  let afterwards: (() => readonly string[]) | undefined;
  let running: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let before: OpenSeadragon.Point | undefined;
  let way = { x: 0, y: 0 };

  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
    running?.abort();
    running = undefined;
  };
  const begin = async () => {
    timer = undefined;
    if (!isSettled()) return;
    const controller = (running = new AbortController());
    const fetchThese = (urls: readonly string[]) =>
      fetchAll(
        urls.filter((url) => !drawn.has(url)),
        controller.signal,
      );
    await fetchThese(urlsAround(looked, way));
    if (!controller.signal.aborted) await fetchThese(afterwards?.() ?? []);
  };
  const soon = () => {
    if (running !== undefined || timer !== undefined || savesData()) return;
    timer = setTimeout(() => void begin(), stillMs);
  };
  osd.addHandler('animation-start', stop);
  osd.addHandler('animation-finish', () => {
    const now = osd.viewport.getCenter(false);
    if (before !== undefined && now.distanceTo(before) > 1e-9)
      way = { x: now.x - before.x, y: now.y - before.y };
    before = now;
    soon();
  });
  osd.addHandler('tile-loaded', ({ tile }) => {
    drawn.add(tile.getUrl());
    soon();
  });
  osd.addHandler('tile-unloaded', ({ tile }) => void drawn.delete(tile.getUrl()));
  // A tile is drawn after it was loaded: only then can all be sharp.
  osd.addHandler('update-viewport', soon);
  osd.addHandler('destroy', stop);
  return {
    fetchAfterwards(urls) {
      afterwards = urls;
      stop();
      soon();
    },
    again() {
      stop();
      soon();
    },
  };
}

/** Addresses of the tiles around the view, the likeliest first. */
function urlsAround({ planes, seen, wanted, isMissing }: Looked, way: { x: number; y: number }): string[] {
  const item = seen();
  const area = item?.getDrawArea() ?? false;
  const [levels, ...others] = planes();
  if (item === undefined || area === false || levels === undefined) return [];
  const { x, y, width, height } = area.getBoundingBox();
  const size = item.getContentSize();
  const box = { left: x, top: y, width, height };
  const aspect = size.y / size.x;
  const isThere = ({ level, column, row }: TilePlace) => !isMissing(level, column, row);
  // Who has a stack before them focuses up and down more often than they move.
  const through = others.flatMap((other) =>
    tilesIn(other, aspect, wanted(), box)
      .filter(isThere)
      .map((tile) => tileUrl(other, tile)),
  );
  const around = tilesAhead(levels, aspect, { box, level: wanted(), way }).filter(isThere);
  return [...through, ...around.map((tile) => tileUrl(levels, tile))];
}

/** Where a tile is fetched from. @param levels coarse to fine */
export function tileUrl(levels: readonly DrawnLevel[], { level, column, row }: TilePlace): string {
  const drawn = levels[level];
  if (drawn === undefined) throw new RangeError(`no level ${level} of ${levels.length}`);
  return withToken(`${drawn.path}/${column}_${row}.jpg`);
}

/**
 * Fetches tiles that are not here yet, some side by side, as long as the allowance lasts; never rejects.
 *
 * On a fast line what is under way when the view moves comes to its end: it costs a few milliseconds, and is likely to
 * be what is wanted now, while breaking it off costs its connection.
 */
async function fetchAll(urls: readonly string[], signal: AbortSignal): Promise<void> {
  const waiting = urls.filter((url) => !keptTiles.has(url)).values();
  const isFast = lineSpeed.isFast === true;
  const one = async () => {
    for (const url of waiting) {
      if (signal.aborted || lineSpeed.allowance() === 0) return;
      if (!(await fetchAhead(url, isFast ? undefined : signal))) return;
    }
  };
  await Promise.all(Array.from({ length: isFast ? sideBySideFast : sideBySide }, one));
}

/** @returns false when there is no point in going on: the line broke, or the service has enough to do */
async function fetchAhead(url: string, signal: AbortSignal | undefined): Promise<boolean> {
  const ended = lineSpeed.begin();
  let bytes = 0;
  try {
    const answer = await fetch(url, { ...(signal && { signal }), priority: 'low' });
    if (!answer.ok) return answer.status < 500 && answer.status !== 401;
    const file = await answer.blob();
    bytes = file.size;
    keptTiles.keep(url, file);
    lineSpeed.noteAhead(bytes);
    return true;
  } catch {
    // Moved on, or no answer: the viewer itself asks when the tile is needed, and says what is wrong then.
    return false;
  } finally {
    ended(bytes);
  }
}

/** Whether the person asked their browser to load no more than needed. */
function savesData(): boolean {
  // Not in every browser, so not in the types.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- asked for with care
  const { connection } = navigator as { connection?: { readonly saveData?: boolean } };
  return connection?.saveData === true;
}
