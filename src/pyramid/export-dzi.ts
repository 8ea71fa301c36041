import { Readable } from 'node:stream';
import type { ReportProgress } from '../core/progress.ts';
import type { SlideProperties } from '../core/slide.ts';
import type { AssociatedImage } from '../formats/format.ts';
import type { Store } from '../storage/store.ts';
import { dziXml, tilePath, type DeepZoom } from './deep-zoom.ts';

/** A slide as something that gives every tile of its Deep Zoom pyramid. */
export interface DeepZoomTiles {
  readonly geometry: DeepZoom;
  readonly properties: SlideProperties;
  /** Pictures beside the slide; which of them may leave, the exporter decides. */
  readonly associated: readonly AssociatedImage['name'][];
  /** A tile as a JPEG file, cropped to its level. Called many times at once. */
  tile(level: number, column: number, row: number, signal?: AbortSignal): Promise<Buffer>;
  /** An associated image as a JPEG file. */
  picture(name: AssociatedImage['name'], signal?: AbortSignal): Promise<Buffer>;
}

/** What to export, and where to. */
export interface DeepZoomExport {
  readonly tiles: DeepZoomTiles;
  readonly store: Store;
  /** What to call it; see {@link fileSafeName}. */
  readonly name: string;
  /** Key prefix, with its closing slash; empty for the top of the store. */
  readonly prefix?: string;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/** What a stream's own functions hand to their callback: aborted as soon as another call failed. */
export interface StopSignal {
  readonly signal?: AbortSignal | undefined;
}

/** Tiles in the making at once, so that a store far away and a decoder both have enough to do. */
export const tilesAtOnce = 8;

/**
 * Writes a Deep Zoom pyramid as loose files, for any static web server: `NAME.dzi` beside `NAME_files/L/C_R.jpg`.
 *
 * The `.dzi` is written last: where there is one, all its tiles are there.
 *
 * @throws whatever a tile or the store failed with; tiles written until then stay
 */
export async function exportDzi(options: DeepZoomExport): Promise<void> {
  const { tiles, store, name, prefix = '', onProgress, signal } = options;
  const base = `${prefix}${fileSafeName(name)}`;
  const total = countTiles(tiles.geometry);
  let done = 0;
  signal?.throwIfAborted();
  await store.delete(`${base}.dzi`, signal);
  const write = async ({ level, column, row }: TilePlace, { signal: stop }: StopSignal = {}) => {
    const jpeg = await tiles.tile(level, column, row, stop);
    await store.put(`${base}_files/${tilePath(level, column, row)}`, jpeg, {
      contentType: 'image/jpeg',
      ...(stop && { signal: stop }),
    });
    done += 1;
    onProgress?.(done, total);
  };
  try {
    await Readable.from(tilePlaces(tiles.geometry)).forEach(write, {
      concurrency: tilesAtOnce,
      ...(signal && { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  await store.put(`${base}.dzi`, Buffer.from(dziXml(tiles.geometry)), { contentType: 'application/xml' });
}

/** Where a tile of a Deep Zoom pyramid lies. */
export interface TilePlace {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/**
 * All tiles of a Deep Zoom pyramid, the finest level first, each level row by row: what is made from finer tiles
 * comes when those were just made.
 */
export function* tilePlaces(geometry: DeepZoom): Generator<TilePlace> {
  for (let level = geometry.maxLevel; level >= 0; level -= 1) {
    const { columns, rows } = geometry.grid(level);
    for (let row = 0; row < rows; row += 1)
      for (let column = 0; column < columns; column += 1) yield { level, column, row };
  }
}

/** Number of tiles of a Deep Zoom pyramid. */
export function countTiles(geometry: DeepZoom): number {
  let total = 0;
  for (let level = 0; level <= geometry.maxLevel; level += 1) {
    const { columns, rows } = geometry.grid(level);
    total += columns * rows;
  }
  return total;
}

/**
 * A name that is safe as an object key, in a URL, in XML and on every file system: letters, digits, dots, dashes
 * and underscores, beginning with a letter or digit, at most 100 characters.
 */
export function fileSafeName(name: string): string {
  const safe = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/\.{2,}/g, '.')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100)
    .replace(/[._-]+$/, '');
  return safe === '' ? 'slide' : safe;
}
