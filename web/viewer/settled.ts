import OpenSeadragon from 'openseadragon';
import { placeOf, tileAt, type DrawnLevel } from './tile-geometry.ts';

/**
 * A question to ask at any time: is every tile in view, at the level that belongs on the screen, drawn?
 *
 * @param levels coarse to fine
 * @param wanted position of the level that belongs on the screen now
 */
export function settledQuestion(
  viewer: OpenSeadragon.Viewer,
  levels: readonly DrawnLevel[],
  wanted: () => number,
): () => boolean {
  let drawn = new Set<string>();
  let isGliding = false;
  viewer.addHandler('animation-start', () => {
    isGliding = true;
  });
  viewer.addHandler('animation-finish', () => {
    isGliding = false;
  });
  viewer.addHandler('tiled-image-drawn', ({ tiles }) => {
    drawn = new Set(tiles.filter(isOpaque).map(({ level, x, y }) => `${level}/${x}_${y}`));
  });
  return () => {
    if (viewer.world.getItemCount() === 0 || isGliding || isAboutToGlide(viewer)) return false;
    const number = wanted();
    const level = levels[number];
    if (level === undefined) return false;
    return tilesInView(viewer, level).every(([column, row]) => drawn.has(`${number}/${column}_${row}`));
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
function tilesInView(viewer: OpenSeadragon.Viewer, level: DrawnLevel): (readonly [number, number])[] {
  const item = viewer.world.getItemAt(0);
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
