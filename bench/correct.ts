import { decode, meanDifference, type Pixels } from '../test/pixels.ts';
import type { TilePlace, TileServer } from './peers/peer.ts';
import { fetchBytes } from './service.ts';

/** Side below which a tile says nothing, px: in a thumbnail of a dozen pixels each one is an edge. */
const leastSide = 64;
/**
 * Most that two encodings of the same pixels may differ, mean of 255: over all tiles, in one of them, and on a screen
 * that shows the most crowded place. In such tissue our quality alone moves pixels by 5 to 6.5 (measured for libvips
 * and for us against the means they were made from); a picture that is off by one pixel, by 15.
 */
export const mostDifference = { all: 5, one: 9, screen: 8 } as const;

/**
 * Makes sure that two servers answer the same pixels before anyone asks which is faster.
 *
 * @returns a line for the report
 * @throws when tiles differ by more than {@link mostDifference}, or in size by more than a pixel
 */
export async function checkSameTiles(
  ours: TileServer,
  peer: TileServer,
  places: readonly TilePlace[],
): Promise<string> {
  let compared = 0;
  let worst = 0;
  let sum = 0;
  for (const place of new Map(places.map((one) => [Object.values(one).join(), one])).values()) {
    const [a, b] = await Promise.all([ours, peer].map((server) => pixelsOf(server, place)));
    if (a === undefined || b === undefined) throw new Error('two servers give two tiles');
    if (Math.min(a.width, a.height) < leastSide) continue;
    const difference = meanDifference(...sameSize(a, b));
    compared += 1;
    worst = Math.max(worst, difference);
    sum += difference;
    const { level, column, row } = place;
    if (difference > mostDifference.one)
      throw new Error(
        `tile ${level}/${column}_${row} of ${ours.name} and ${peer.name} differ by ${difference.toFixed(2)} of 255: ` +
          'a wrong answer is not timed',
      );
  }
  const mean = sum / compared;
  if (!(mean <= mostDifference.all))
    throw new Error(`tiles of ${ours.name} and ${peer.name} differ by ${mean.toFixed(2)} of 255 in the mean`);
  return `${ours.name} and ${peer.name}: ${compared} tiles, ${mean.toFixed(2)} of 255 apart in the mean, ${worst.toFixed(2)} at most`;
}

/** Both without the one row or column that a peer's rounding may have cost a tile at the edge (openslide-python). */
function sameSize(a: Pixels, b: Pixels): [Pixels, Pixels] {
  const width = Math.min(a.width, b.width);
  const height = Math.min(a.height, b.height);
  const cut = (one: Pixels): Pixels => {
    if (one.width - width > 1 || one.height - height > 1) return one;
    const rows = Array.from({ length: height }, (_, y) =>
      one.rgb.subarray(3 * y * one.width, 3 * (y * one.width + width)),
    );
    return { width, height, rgb: Buffer.concat(rows) };
  };
  return [cut(a), cut(b)];
}

async function pixelsOf(server: TileServer, place: TilePlace) {
  return await decode(await fetchBytes(server.url + server.path(place), server.headers));
}
