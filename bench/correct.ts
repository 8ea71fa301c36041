import { decode, meanDifference } from '../test/pixels.ts';
import type { TilePlace, TileServer } from './peers/peer.ts';
import { fetchBytes } from './service.ts';

/** Most that two encodings of the same pixels in quality 80 may differ, mean of 255. */
const mostDifference = 3;

/**
 * Makes sure that two servers answer the same pixels before anyone asks which is faster.
 *
 * @returns a line for the report
 * @throws when any tile differs by more than 3 of 255 in the mean, or in size
 */
export async function checkSameTiles(
  ours: TileServer,
  peer: TileServer,
  places: readonly TilePlace[],
): Promise<string> {
  let worst = 0;
  for (const place of places) {
    const [a, b] = await Promise.all([ours, peer].map((server) => pixelsOf(server, place)));
    if (a === undefined || b === undefined) throw new Error('two servers give two tiles');
    const difference = meanDifference(a, b);
    worst = Math.max(worst, difference);
    const { level, column, row } = place;
    if (difference > mostDifference)
      throw new Error(
        `tile ${level}/${column}_${row} of ${ours.name} and ${peer.name} differ by ${difference.toFixed(2)} of 255: ` +
          'a wrong answer is not timed',
      );
  }
  return `${ours.name} and ${peer.name}: ${places.length} tiles alike, at most ${worst.toFixed(2)} of 255 apart in the mean`;
}

async function pixelsOf(server: TileServer, place: TilePlace) {
  return await decode(await fetchBytes(server.url + server.path(place)));
}
