import OpenSeadragon from 'openseadragon';
import { placeOf, tileAt, type DrawnLevel } from './tile-geometry.ts';

/**
 * A question to ask at any time: is the picture still, and all of it sharp?
 *
 * @param isSharp see {@link sharpQuestion}
 * @param seen the image that is looked at; undefined while another one is waited for
 */
export function settledQuestion(
  viewer: OpenSeadragon.Viewer,
  isSharp: (item: OpenSeadragon.TiledImage) => boolean,
  seen: () => OpenSeadragon.TiledImage | undefined,
): () => boolean {
  let isGliding = false;
  viewer.addHandler('animation-start', () => {
    isGliding = true;
  });
  viewer.addHandler('animation-finish', () => {
    isGliding = false;
  });
  return () => {
    const item = seen();
    return item !== undefined && !isGliding && !isAboutToGlide(viewer) && isSharp(item);
  };
}

/**
 * A question to ask at any time: is every tile of an image that is in view, at the level that belongs on the screen,
 * drawn?
 *
 * @param levels coarse to fine
 * @param wanted position of the level that belongs on the screen now
 */
export function sharpQuestion(
  viewer: OpenSeadragon.Viewer,
  levels: readonly DrawnLevel[],
  wanted: () => number,
): (item: OpenSeadragon.TiledImage) => boolean {
  const drawn = new WeakMap<OpenSeadragon.TiledImage, ReadonlySet<string>>();
  viewer.addHandler('tiled-image-drawn', ({ tiledImage, tiles }) => {
    drawn.set(tiledImage, new Set(tiles.filter(isOpaque).map(({ level, x, y }) => `${level}/${x}_${y}`)));
  });
  return (item) => {
    const number = wanted();
    const level = levels[number];
    const here = drawn.get(item);
    if (level === undefined || here === undefined) return false;
    return tilesInView(item, level).every(([column, row]) => here.has(`${number}/${column}_${row}`));
  };
}

/** Whether a movement was asked for whose first frame is still to come. */
function isAboutToGlide({ viewport }: OpenSeadragon.Viewer): boolean {
  const zoom = viewport.getZoom(true) / viewport.getZoom(false);
  const way = viewport.deltaPixelsFromPoints(viewport.getCenter(true).minus(viewport.getCenter(false)), true);
  const turn = viewport.getRotation(true) - viewport.getRotation(false);
  return Math.abs(zoom - 1) > 1e-4 || Math.hypot(way.x, way.y) > 0.5 || Math.abs(turn) > 0.05;
}

function isOpaque(tile: OpenSeadragon.Tile): boolean {
  return tile.loaded && tile.opacity === 1;
}

/** Column and row of each tile of `level` that the screen, turned or not, shows a part of. */
function tilesInView(item: OpenSeadragon.TiledImage, level: DrawnLevel): (readonly [number, number])[] {
  const area = item.getDrawArea();
  if (area === false) return [];
  const aspect = item.getContentSize().y / item.getContentSize().x;
  const box = area.getBoundingBox();
  const first = tileAt(level, aspect, box.x, box.y);
  const last = tileAt(level, aspect, box.x + box.width, box.y + box.height);
  const tiles: (readonly [number, number])[] = [];
  for (let row = first.row; row <= last.row; row++) {
    for (let column = first.column; column <= last.column; column++) {
      const place = placeOf(level, aspect, column, row);
      const bounds = new OpenSeadragon.Rect(place.left, place.top, place.width, place.height);
      if (area.intersection(bounds) !== null) tiles.push([column, row]);
    }
  }
  return tiles;
}
