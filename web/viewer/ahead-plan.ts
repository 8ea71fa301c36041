import { placeOf, tileAt, type Box, type DrawnLevel } from './tile-geometry.ts';

/** A tile of the drawn levels. */
export interface TilePlace {
  /** Position in the drawn levels, coarse to fine. */
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** Where somebody looks, and where they came from. */
export interface Field {
  /** What is on the screen, in parts of the slide's width. */
  readonly box: Box;
  /** Position of the level that is on the screen. */
  readonly level: number;
  /** Way that the last movement went, in the slide's own directions; 0, 0 when it was none. */
  readonly way: { readonly x: number; readonly y: number };
}

/** Most tiles that one plan names. */
const longestPlan = 160;

/**
 * The tiles that may be looked at next, the likeliest first: those of the next field in the direction of the last
 * movement, then the fields at both sides of it, where who goes to and fro turns, then the next finer level around the
 * centre, then all around.
 *
 * @param levels coarse to fine
 * @param aspect height of the slide divided by its width
 */
export function tilesAhead(levels: readonly DrawnLevel[], aspect: number, field: Field): TilePlace[] {
  const { box, level, way } = field;
  const far = Math.hypot(way.x, way.y);
  const [right, down] = far === 0 ? [0, 0] : [way.x / far, way.y / far];
  const fields =
    far === 0 ? [] : [shifted(box, right, down), shifted(box, -down, right), shifted(box, down, -right)];
  const around: Box = {
    left: box.left - box.width / 2,
    top: box.top - box.height / 2,
    width: box.width * 2,
    height: box.height * 2,
  };
  const middle: Box = {
    left: box.left + box.width / 4,
    top: box.top + box.height / 4,
    width: box.width / 2,
    height: box.height / 2,
  };
  const areas = [
    ...fields.map((area) => ({ area, at: level })),
    { area: middle, at: level + 1 },
    { area: around, at: level },
  ];
  const seen = new Set(tilesIn(levels, aspect, level, box).map(nameOf));
  const plan: TilePlace[] = [];
  for (const { area, at } of areas) {
    const tiles = tilesIn(levels, aspect, at, area).filter((tile) => !seen.has(nameOf(tile)));
    for (const tile of nearestFirst(tiles, levels, aspect, box)) {
      if (plan.length >= longestPlan) return plan;
      seen.add(nameOf(tile));
      plan.push(tile);
    }
  }
  return plan;
}

/** The tiles of a level that show a part of an area of the slide. */
export function tilesIn(
  levels: readonly DrawnLevel[],
  aspect: number,
  number: number,
  area: Box,
): TilePlace[] {
  const level = levels[number];
  const right = Math.min(area.left + area.width, 1);
  const bottom = Math.min(area.top + area.height, aspect);
  if (level === undefined || right <= 0 || bottom <= 0 || area.left >= 1 || area.top >= aspect) return [];
  const first = tileAt(level, aspect, area.left, area.top);
  const last = tileAt(level, aspect, right - 1e-9, bottom - 1e-9);
  const tiles: TilePlace[] = [];
  for (let row = first.row; row <= last.row; row++)
    for (let column = first.column; column <= last.column; column++)
      tiles.push({ level: number, column, row });
  return tiles;
}

/** A box moved by its own size in a direction of length 1: what a page further shows. */
function shifted(box: Box, right: number, down: number): Box {
  return { ...box, left: box.left + right * box.width, top: box.top + down * box.height };
}

function nearestFirst(
  tiles: readonly TilePlace[],
  levels: readonly DrawnLevel[],
  aspect: number,
  box: Box,
): TilePlace[] {
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const away = ({ level, column, row }: TilePlace) => {
    const drawn = levels[level];
    if (drawn === undefined) return Infinity;
    const place = placeOf(drawn, aspect, column, row);
    return Math.hypot(place.left + place.width / 2 - x, place.top + place.height / 2 - y);
  };
  return tiles
    .map((tile) => ({ tile, far: away(tile) }))
    .toSorted((a, b) => a.far - b.far)
    .map(({ tile }) => tile);
}

function nameOf({ level, column, row }: TilePlace): string {
  return `${level}/${column}_${row}`;
}
