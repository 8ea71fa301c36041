import { setTimeout as sleep } from 'node:timers/promises';
import { stepMs } from '../src/operation/sample.ts';
import type { BenchOptions } from './options.ts';
import type { TilePlace, TileServer } from './peers/peer.ts';
import type { Row, Target } from './result.ts';
import { inTurn, spreadOf } from './runs.ts';
import { fetchBytes } from './service.ts';
import { runWrk, type LoadResult } from './wrk.ts';

/** Who is compared with ours, the row that comes of it, and what it is to show. */
export type Peer = readonly [id: string, server: TileServer, target: Target | undefined];

/** One kind of load and its contenders. */
export interface TileContest {
  readonly what: string;
  readonly connections: number;
  /**
   * Where tiles must come from outside of our memory: how many are made at once at most, the one asked for included.
   * Absent: they come from memory.
   */
  readonly madeAtOnce?: number;
  readonly ours: TileServer;
  readonly peers: readonly Peer[];
}

/** What a contest gave. */
export interface ContestFindings {
  readonly found: readonly Row[];
  /** Why there is nothing: the slide fits into the least memory there is. */
  readonly tooSmall?: string;
}

/** Lets the contenders of one contest take turns with the same tiles. */
export async function hold(
  options: BenchOptions,
  contest: TileContest,
  places: readonly TilePlace[],
): Promise<ContestFindings> {
  const { what, madeAtOnce, ours, peers } = contest;
  process.stdout.write(`  ${what}\n`);
  const before = madeAtOnce !== undefined ? await cacheMisses(ours) : 0;
  const contenders = {
    ours: runsOf(options, contest, ours, places),
    ...Object.fromEntries(peers.map(([id, server]) => [id, runsOf(options, contest, server, places)])),
  };
  const results: Record<string, LoadResult[]> = await inTurn(options.rounds, contenders);
  // One contender may be ours, too.
  const asked = [['ours', ours] as const, ...peers].filter(([, { headers }]) => headers === ours.headers);
  const answers = asked.flatMap(([id]) => results[id] ?? []).reduce((sum, one) => sum + one.answers, 0);
  if (madeAtOnce !== undefined && (await cacheMisses(ours)) - before < (answers / madeAtOnce) * 0.98)
    return {
      found: [],
      tooSmall: `${what}: not measured, the slide is so small that its tiles stay in memory`,
    };
  return { found: peers.flatMap((peer) => rowsOf(contest, peer, results)) };
}

/** Runs of one contender, each going on where the one before ended: else the cache would still hold its first tiles. */
function runsOf(
  { folder, seconds }: BenchOptions,
  { connections }: TileContest,
  server: TileServer,
  places: readonly TilePlace[],
): () => Promise<LoadResult> {
  const paths = places.map((place) => server.path(place));
  let next = 0;
  return async () => {
    const turned = [...paths.slice(next), ...paths.slice(0, next)];
    const result = await runWrk(server, { paths: turned, connections, seconds, folder });
    next = (next + result.answers) % paths.length;
    return result;
  };
}

function rowsOf(
  { what, ours }: TileContest,
  [id, server, target]: Peer,
  results: Readonly<Record<string, readonly LoadResult[]>>,
): Row[] {
  const measured = ({ name }: TileServer, key: string, of: keyof LoadResult) => ({
    name,
    spread: spreadOf((results[key] ?? []).map((result) => result[of])),
  });
  const pair = (of: keyof LoadResult) => ({
    ours: measured(ours, 'ours', of),
    peer: measured(server, id, of),
  });
  return [
    { id, what, unit: 'tiles/s', ...pair('perSecond'), ...(target && { target }) },
    { id: `${id}.cpu`, what: `${what}: CPU per tile`, unit: 'µs', ...pair('cpuMicros') },
    { id: `${id}.p99`, what: `${what}: 99 % within, at full load`, unit: 'ms', ...pair('p99') },
  ];
}

/** Tiles that caches of ours did not have so far; waits until every process has reported. */
async function cacheMisses({ url, headers }: TileServer): Promise<number> {
  await sleep(stepMs + 1000);
  const text = (await fetchBytes(`${url}/metrics`, headers)).toString();
  const misses = /^telepath_tile_cache_total\{outcome="miss"\} (\d+)$/m.exec(text)?.[1];
  if (misses === undefined) throw new Error('/metrics says nothing of tiles that were not in memory');
  return Number(misses);
}
