import autocannon from 'autocannon';
import type { Line } from './result.ts';
import { percentile } from './runs.ts';
import type { TileServer } from './peers/peer.ts';

/** A steady stream of requests. */
export interface SteadyLoad {
  readonly paths: readonly string[];
  /** Requests a second, whatever the server makes of them. */
  readonly rate: number;
  readonly connections: number;
  readonly seconds: number;
}

/** At first, connections are made and the rate is not yet even. */
const settlingMs = 500;

/** Percentiles that are shown. */
const percents = [10, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9];

/**
 * Times to answer at a fixed rate, ms.
 *
 * Each answer's own time is taken: autocannon's own table knows whole milliseconds only.
 *
 * @throws when any answer was not a tile
 */
export async function timesAtRate(server: TileServer, load: SteadyLoad): Promise<number[]> {
  const times: number[] = [];
  const shares = sharesOf(load);
  let next = 0;
  await new Promise<void>((resolve, reject) => {
    const run = autocannon(
      {
        url: server.url,
        ...(server.headers && { headers: { ...server.headers } }),
        setupClient: (client) => client.setRequests(shares[next++ % shares.length] ?? []),
        connections: load.connections,
        overallRate: load.rate,
        duration: load.seconds,
      },
      (error, result) => {
        if (error) return reject(error instanceof Error ? error : new Error(String(error)));
        const failed = result.non2xx + result.errors + result.timeouts;
        if (failed > 0)
          return reject(new Error(`${server.name}: ${failed} answers failed at ${load.rate}/s`));
        resolve();
      },
    );
    const started = performance.now();
    run.on('response', (_client, _status, _bytes, ms) => {
      if (performance.now() - started > settlingMs) times.push(ms);
    });
  });
  return times;
}

/** What each connection asks for: paths of its own, because each goes through all it is given. */
function sharesOf({ paths, rate, connections, seconds }: SteadyLoad): { path: string }[][] {
  const needed = paths.slice(0, rate * (seconds + 1));
  return Array.from({ length: connections }, (_, i) =>
    needed.filter((_path, at) => at % connections === i).map((path) => ({ path })),
  );
}

/** Along which a latency curve runs: 2 is the median, 100 the 99th percentile. */
export const oneIn = 'one answer in so many is slower';

/** A latency curve: ms by how rare an answer is that takes longer. */
export function latencyLine(name: string, times: readonly number[]): Line {
  const point = (percent: number) => [100 / (100 - percent), percentile(times, percent)] as const;
  return { name, points: percents.map(point) };
}
