import { decode, meanDifference } from '../test/pixels.ts';
import type { TilePlace, TileServer } from './peers/peer.ts';
import { fetchBytes } from './service.ts';

/** Most that two encodings of the same pixels may differ, mean of 255 over all tiles. */
const mostDifference = 3;
/**
 * The same for one tile. In crowded tissue quality 80 alone moves pixels by 5 to 6 (measured for libvips and for us
 * against the means they were made from); a picture that is off by one pixel, by 15.
 */
const mostInOneTile = 8;

/**
 * Makes sure that two servers answer the same pixels before anyone asks which is faster.
 *
 * @returns a line for the report
 * @throws when tiles differ by more than 3 of 255 in the mean, one of them by more than 8, or in size
 */
export async function checkSameTiles(
  ours: TileServer,
  peer: TileServer,
  places: readonly TilePlace[],
): Promise<string> {
  let worst = 0;
  let sum = 0;
  for (const place of places) {
    const [a, b] = await Promise.all([ours, peer].map((server) => pixelsOf(server, place)));
    if (a === undefined || b === undefined) throw new Error('two servers give two tiles');
    const difference = meanDifference(a, b);
    worst = Math.max(worst, difference);
    sum += difference;
    const { level, column, row } = place;
    if (difference > mostInOneTile)
      throw new Error(
        `tile ${level}/${column}_${row} of ${ours.name} and ${peer.name} differ by ${difference.toFixed(2)} of 255: ` +
          'a wrong answer is not timed',
      );
  }
  const mean = sum / places.length;
  if (mean > mostDifference)
    throw new Error(`tiles of ${ours.name} and ${peer.name} differ by ${mean.toFixed(2)} of 255 in the mean`);
  return `${ours.name} and ${peer.name}: ${places.length} tiles, ${mean.toFixed(2)} of 255 apart in the mean, ${worst.toFixed(2)} at most`;
}

async function pixelsOf(server: TileServer, place: TilePlace) {
  return await decode(await fetchBytes(server.url + server.path(place)));
}
