import OpenSeadragon from 'openseadragon';
import type { Slide } from '../api.ts';
import { withToken } from '../api/request.ts';
import { keptTiles } from './kept-tiles.ts';
import { lineSpeed } from './line-speed.ts';
import { fetchTile, stillArriving } from './tile-fetch.ts';
import { placeOf, tileAt, usedPixels, type DrawnLevel } from './tile-geometry.ts';

/**
 * OpenSeadragon's view of a slide: level 0 is its coarsest, the last one the slide's own level 0.
 *
 * Levels need not be powers of two apart, and padded edge tiles are drawn without their padding.
 *
 * @param levels coarse to fine, see `drawnLevels`
 * @param isMissing whether a tile is known not to have arrived: it is not asked for then
 */
export function tileSourceOf(
  slide: Pick<Slide, 'size'>,
  levels: readonly DrawnLevel[],
  isMissing: (level: number, column: number, row: number) => boolean,
): OpenSeadragon.TileSource {
  const { width, height } = slide.size;
  const aspect = height / width;
  const source = new OpenSeadragon.TileSource({ width, height, minLevel: 0, maxLevel: levels.length - 1 });
  const at = (level: number): DrawnLevel => {
    const found = levels[level];
    if (found === undefined) throw new RangeError(`no level ${level} of ${levels.length}`);
    return found;
  };
  return Object.assign(source, {
    getLevelScale: (level: number) => at(level).width / width,
    getTileWidth: (level: number) => at(level).tileWidth,
    getTileHeight: (level: number) => at(level).tileHeight,
    getNumTiles: (level: number) => new OpenSeadragon.Point(at(level).columns, at(level).rows),
    getTileUrl: (level: number, column: number, row: number) =>
      withToken(`${at(level).path}/${column}_${row}.jpg`),
    hasTransparency: () => false,
    getTileAtPoint(level: number, point: OpenSeadragon.Point) {
      const { column, row } = tileAt(at(level), aspect, point.x, point.y);
      return new OpenSeadragon.Point(column, row);
    },
    getTileBounds(level: number, column: number, row: number, isSource?: boolean) {
      const drawn = at(level);
      const box = isSource === true ? usedPixels(drawn, column, row) : placeOf(drawn, aspect, column, row);
      return new OpenSeadragon.Rect(box.left, box.top, box.width, box.height);
    },
    ...downloads(isMissing),
  });
}

/** How tiles are downloaded: with retries, decoded off the main thread, and stopped when OpenSeadragon gives up. */
function downloads(isMissing: (level: number, column: number, row: number) => boolean) {
  const running = new WeakMap<OpenSeadragon.ImageJob, AbortController>();
  return {
    downloadTileStart(job: OpenSeadragon.ImageJob): void {
      const { level, x, y } = job.tile;
      if (isMissing(level, x, y)) return job.fail(stillArriving, null);
      const controller = new AbortController();
      running.set(job, controller);
      pictureOf(job.src, controller.signal).then(
        (picture) => job.finish(picture, null, 'context2d'),
        (error: unknown) => job.fail(error instanceof Error ? error.message : String(error), null),
      );
    },
    downloadTileAbort(job: OpenSeadragon.ImageJob): void {
      running.get(job)?.abort();
    },
  };
}

/** A tile's picture: of what was fetched ahead, or else from the service. */
async function pictureOf(url: string, signal: AbortSignal): Promise<CanvasRenderingContext2D> {
  const kept = keptTiles.find(url);
  if (kept !== undefined) {
    try {
      return await decodeTile(kept);
    } catch (error) {
      console.warn('a tile that was fetched ahead is no picture: it is asked for again', error);
    }
  }
  const ended = lineSpeed.begin();
  let bytes = 0;
  try {
    return await fetchTile(
      url,
      (file) => {
        bytes = file.size;
        return decodeTile(file);
      },
      signal,
    );
  } finally {
    ended(bytes);
  }
}

/** Decodes a tile into the form that both drawers take as it is. */
async function decodeTile(file: Blob): Promise<CanvasRenderingContext2D> {
  const bitmap = await createImageBitmap(file);
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no memory for a tile');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context;
}
