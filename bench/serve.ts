import { checkSameTiles } from './correct.ts';
import { latencyLine, oneIn, timesAtRate } from './latency.ts';
import type { BenchOptions } from './options.ts';
import { iipsrvNeeds, startIipsrv } from './peers/iipsrv.ts';
import { nginxNeeds, startNginxTiles } from './peers/nginx.ts';
import { openslidePythonNeeds, startOpenslidePython } from './peers/openslide-python.ts';
import { startOurs } from './peers/ours.ts';
import { missingOf, type TilePlace, type TileServer } from './peers/peer.ts';
import type { Curves, Findings, Row, Target } from './result.ts';
import { inTurn, spreadOf } from './runs.ts';
import { fetchBytes } from './service.ts';
import { dzsaveTree, servedSlide, tiffPyramid, tileSizeOf } from './slides.ts';
import { readTraces, replayAll, replayOnce, samplesOf, type Ground } from './traces.ts';
import { runWrk, type LoadResult } from './wrk.ts';

/** What is asked of each server. */
interface Loads {
  /** Recorded moves as they are: all of it fits into memory. */
  readonly warm: readonly TilePlace[];
  /** The slide's own tiles, each once in many thousands. */
  readonly cold: readonly TilePlace[];
  /** Tiles of the level of half size, which the scanner did not write. */
  readonly rendered: readonly TilePlace[];
}

/** A kind of load, its contenders, and the rows that come of it. */
interface Contest {
  readonly load: keyof Loads;
  readonly what: string;
  readonly connections: number;
  readonly ours: TileServer;
  readonly peers: readonly (readonly [id: string, server: TileServer, target: Target])[];
}

/** Memory of our tile cache, MiB: one that holds all that is asked for, and the least there is. */
const cacheMib = { warm: 512, cold: 16 };

/** Tiles a second, ours and the peers': warm, from disk, rendered; latencies at fixed rates. */
export async function benchServe(options: BenchOptions): Promise<Findings> {
  const servers: TileServer[] = [];
  const started = async (server: Promise<TileServer>) => {
    const running = await server;
    servers.push(running);
    return running;
  };
  try {
    return await compareServers(options, started);
  } finally {
    for (const server of servers) await server.stop();
  }
}

type Started = (server: Promise<TileServer>) => Promise<TileServer>;

async function compareServers(options: BenchOptions, started: Started): Promise<Findings> {
  const slide = await servedSlide(options);
  const warm = await started(startOurs(options, slide, cacheMib.warm));
  const cold = await started(startOurs(options, slide, cacheMib.cold));
  const peers = await startPeers(options, slide, started);
  const loads = await loadsOn(warm);
  const checks: string[] = [];
  for (const peer of [cold, ...Object.values(peers.servers)]) {
    // iipsrv has no levels below the first that is one tile.
    const asked = peer === peers.servers.iipsrv ? loads.cold : loads.warm;
    checks.push(await checkSameTiles(warm, peer, samplesOf([...asked, ...loads.rendered])));
  }
  await warmUp(warm, loads.warm);
  const rows: Row[] = [];
  for (const contest of contestsOf(warm, cold, peers.servers))
    rows.push(...(await hold(options, contest, loads[contest.load])));
  const curves = await latencies(options, { warm, cold, ...peers.servers }, loads);
  return { rows, curves, checks, missing: peers.missing, notes: [...notes] };
}

const notes = [
  'Cold means: not in our memory. Files are in the system’s page cache for all contenders alike.',
  'There are no accounts in this version, so no request is authorised; the hot path will carry that cost later.',
  'One process serves. Several processes that share the port are not built yet, so 2 processes are not measured.',
  'iipsrv reads a pyramid that vips tiffsave made of the slide: it stores the 2× levels that we render.',
];

/** The peers that are installed. */
interface Peers {
  readonly nginx?: TileServer;
  readonly iipsrv?: TileServer;
  readonly openslide?: TileServer;
}

async function startPeers(options: BenchOptions, slide: string, started: Started) {
  const lacks = {
    nginx: missingOf('nginx', nginxNeeds),
    iipsrv: missingOf('iipsrv', iipsrvNeeds),
    openslide: missingOf('openslide-python', openslidePythonNeeds),
  };
  const { folder } = options;
  const servers: Peers = {
    ...(lacks.nginx.length === 0 && {
      nginx: await started(startNginxTiles(folder, await dzsaveTree(options, slide))),
    }),
    ...(lacks.iipsrv.length === 0 && {
      iipsrv: await started(startIipsrv(folder, await tiffPyramid(options, slide))),
    }),
    ...(lacks.openslide.length === 0 && {
      openslide: await started(startOpenslidePython(slide, await tileSizeOf(slide))),
    }),
  };
  return { servers, missing: Object.values(lacks).flat() };
}

/** The recorded traces on the slide that our server shows. */
async function loadsOn(ours: TileServer): Promise<Loads> {
  const ground = await groundOf(ours);
  const traces = await readTraces();
  return {
    warm: replayAll(traces, ground),
    cold: replayOnce(traces, ground, { depth: 0, most: 20_000 }),
    rendered: replayOnce(traces, ground, { depth: 1, most: 20_000 }),
  };
}

async function groundOf(ours: TileServer): Promise<Ground> {
  const dzi = ours.path({ level: 0, column: 0, row: 0 }).replace('_files/0/0_0.jpg', '.dzi');
  const xml = (await fetchBytes(ours.url + dzi)).toString();
  const number = (name: string) => Number(new RegExp(`${name}="(\\d+)"`).exec(xml)?.[1]);
  return { size: { width: number('Width'), height: number('Height') }, tileSize: number('TileSize') };
}

async function warmUp(server: TileServer, places: readonly TilePlace[]): Promise<void> {
  for (const place of places) await fetchBytes(server.url + server.path(place));
}

function contestsOf(warm: TileServer, cold: TileServer, peers: Peers): Contest[] {
  const { nginx, iipsrv, openslide } = peers;
  const contest = (
    load: keyof Loads,
    what: string,
    connections: number,
    entries: readonly (readonly [id: string, server: TileServer | undefined, atLeast: number])[],
  ): Contest => ({
    load,
    what,
    connections,
    ours: load === 'warm' ? warm : cold,
    peers: entries.flatMap(([id, server, atLeast]) =>
      server === undefined ? [] : [[id, server, { of: 'ratio', atLeast } as const] as const],
    ),
  });
  return [
    contest('warm', 'warm tiles, recorded moves', 32, [['serve.warm.nginx', nginx, 0.45]]),
    contest('cold', 'uncached tiles from disk', 16, [
      ['serve.cold.iipsrv', iipsrv, 15],
      ['serve.cold.openslide', openslide, 40],
    ]),
    contest('rendered', 'rendered tiles (2× level), uncached', 8, [['serve.rendered.iipsrv', iipsrv, 1]]),
  ];
}

/** Runs one contest in turns. */
async function hold(options: BenchOptions, contest: Contest, places: readonly TilePlace[]): Promise<Row[]> {
  const { load, what, connections, ours, peers } = contest;
  const run = (server: TileServer) => {
    const paths = places.map((place) => server.path(place));
    let next = 0;
    return async () => {
      const misses = load === 'warm' || server !== ours ? undefined : await cacheMisses(server);
      const { folder, seconds } = options;
      // A run goes on where the one before ended, or the cache would still hold its first tiles.
      const turned = [...paths.slice(next), ...paths.slice(0, next)];
      const result = await runWrk(server, { paths: turned, connections, seconds, folder });
      if (misses !== undefined) checkIsCold((await cacheMisses(server)) - misses, result.answers);
      next = (next + result.answers) % paths.length;
      return result;
    };
  };
  process.stdout.write(`  ${what}\n`);
  const contenders = {
    ours: run(ours),
    ...Object.fromEntries(peers.map(([id, server]) => [id, run(server)])),
  };
  const found: Record<string, LoadResult[]> = await inTurn(options.rounds, contenders);
  const measured = (server: TileServer, key: string, of: keyof LoadResult) => ({
    name: server.name,
    spread: spreadOf((found[key] ?? []).map((result) => result[of])),
  });
  return peers.flatMap(([id, server, target]): Row[] => {
    const pair = (of: keyof LoadResult) => ({
      ours: measured(ours, 'ours', of),
      peer: measured(server, id, of),
    });
    return [
      { id, what, unit: 'tiles/s', ...pair('perSecond'), target },
      { id: `${id}.cpu`, what: `${what}: CPU per tile`, unit: 'µs', ...pair('cpuMicros') },
      { id: `${id}.p99`, what: `${what}: 99 % within, at full load`, unit: 'ms', ...pair('p99') },
    ];
  });
}

/** Tiles that our cache did not have so far. */
async function cacheMisses(server: TileServer): Promise<number> {
  const text = (await fetchBytes(`${server.url}/metrics`)).toString();
  return Number(/^telepath_tile_cache_total\{outcome="miss"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** @throws when the cache answered more than one request in fifty */
function checkIsCold(misses: number, answers: number): void {
  if (misses < answers * 0.98)
    throw new Error(
      `${answers - misses} of ${answers} tiles were in memory: the slide is too small for a cold run`,
    );
}

/** Latency percentiles at rates that the slower contender still bears. */
async function latencies(
  options: BenchOptions,
  servers: Peers & { readonly warm: TileServer; readonly cold: TileServer },
  loads: Loads,
): Promise<Curves[]> {
  const { warm, cold, nginx, iipsrv, openslide } = servers;
  const plots = [
    { title: 'Warm tiles at 1,000 a second', rate: 1000, load: loads.warm, among: [warm, nginx] },
    {
      title: 'Uncached tiles at 200 a second',
      rate: 200,
      load: loads.cold,
      among: [cold, iipsrv, openslide],
    },
  ];
  const curves: Curves[] = [];
  for (const { title, rate, load, among } of plots) {
    process.stdout.write(`  ${title}\n`);
    const lines = [];
    for (const server of among) {
      if (server === undefined) continue;
      const paths = load.map((place) => server.path(place));
      const times = await timesAtRate(server, { paths, rate, connections: 16, seconds: options.seconds });
      lines.push(latencyLine(server.name, times));
    }
    curves.push({ title, x: oneIn, y: 'ms', log: ['x', 'y'], lines });
  }
  return curves;
}
