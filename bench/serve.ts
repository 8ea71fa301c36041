import { checkSameTiles } from './correct.ts';
import { hold, type Peer, type TileContest } from './contest.ts';
import { Installation } from './installation.ts';
import { latencyLine, oneIn, timesAtRate } from './latency.ts';
import type { BenchOptions } from './options.ts';
import { startBareNode } from './peers/bare-node.ts';
import { iipsrvNeeds, startIipsrv } from './peers/iipsrv.ts';
import { nginxNeeds, startNginxTiles } from './peers/nginx.ts';
import { openslidePythonNeeds, startOpenslidePython } from './peers/openslide-python.ts';
import { startOursLocal, tilesOf } from './peers/ours.ts';
import { missingOf, type TilePlace, type TileServer } from './peers/peer.ts';
import type { Curves, Findings, Row } from './result.ts';
import { fetchBytes } from './service.ts';
import { dzsaveTree, servedSlide, tiffPyramid, tileSizeOf } from './slides.ts';
import { readTraces, replayAll, replayOnce, samplesOf, type Ground } from './traces.ts';
import { runWrk } from './wrk.ts';

type Load = 'warm' | 'cold' | 'rendered';

/** What is asked of each server. */
interface Loads extends Readonly<Record<Load, readonly TilePlace[]>> {
  /** Recorded moves as they are: all of it fits into memory. */
  readonly warm: readonly TilePlace[];
  /** The slide's own tiles, each once in many thousands. */
  readonly cold: readonly TilePlace[];
  /** Tiles of the level of half size, which the scanner did not write. */
  readonly rendered: readonly TilePlace[];
}

/** Memory of our tile cache, MiB: one that holds all that is asked for, and the least there is. */
const cacheMib = { warm: 512, cold: 16 };

/** Tiles a second, ours and the peers': warm, from disk, rendered; latencies at fixed rates. */
export async function benchServe(options: BenchOptions): Promise<Findings> {
  await using opened = new AsyncDisposableStack();
  const started = async (server: Promise<TileServer>) => {
    const running = await server;
    opened.defer(running.stop);
    return running;
  };
  const installation = await Installation.create(options);
  opened.defer(() => installation.stop());
  return await compareServers(options, installation, started);
}

type Started = (server: Promise<TileServer>) => Promise<TileServer>;

async function compareServers(
  options: BenchOptions,
  installation: Installation,
  started: Started,
): Promise<Findings> {
  const slide = await servedSlide(options);
  const ours = await startOurs(options, installation, slide, started);
  const { warm, cold, others } = ours;
  const peers = await startPeers(options, slide, started);
  const loads = await loadsOn(warm);
  const bare =
    options.isShort === true
      ? undefined
      : {
          memory: await started(startBareNode(options.folder, 'memory', warm, loads.warm)),
          file: await started(startBareNode(options.folder, 'file', warm, loads.cold)),
        };
  const checks = [await checkSignedIn(warm)];
  for (const peer of [cold, ...Object.values(others ?? {}), ...Object.values(peers.servers)]) {
    // iipsrv has no levels below the first that is one tile.
    const asked = peer === peers.servers.iipsrv ? loads.cold : loads.warm;
    checks.push(await checkSameTiles(warm, peer, samplesOf([...asked, ...loads.rendered])));
  }
  await warmUp(options, [warm, ...(others ? [others.local, others.warmTwo] : [])], loads.warm);
  await runIn(options, [cold, ...(others ? [others.coldTwo] : [])], loads);
  const rows: Row[] = [];
  const missing = [...peers.missing];
  for (const contest of contestsOf(ours, { ...peers.servers, ...(bare && { bare }) })) {
    const { found, tooSmall } = await hold(options, contest, loads[contest.load]);
    rows.push(...found);
    if (tooSmall !== undefined) missing.push(tooSmall);
  }
  const isShort = options.isShort === true;
  const curves = isShort ? [] : await latencies(options, { warm, cold, ...peers.servers }, loads);
  return { rows, curves, checks, missing, notes: [...notes] };
}

const notes = [
  'Cold means: not in our memory. Files are in the system’s page cache for all contenders alike.',
  'Every request to ours carries a session’s cookie, and whoever holds it is asked about for each; the peers let in everyone.',
  'The slide was sent, prepared and checked before: every uncached tile of ours is compared with its checksum.',
  'node:http alone sends the same bytes and does nothing else: the limit of any service on Node.',
  'What is rendered is rendered in blocks of up to 4 × 4 tiles: the neighbours, asked for next, are in memory then.',
  'iipsrv reads a pyramid that vips tiffsave made of the slide: it stores the 2× levels that we render.',
];

const cache = (mib: number) => ({ TELEPATH_CACHE_MIB: String(mib) });

/** Ours, on one database. */
interface Ours {
  /** One process with room for all, and one with the least there is. */
  readonly warm: TileServer;
  readonly cold: TileServer;
  /** What is measured beside, where there is time. */
  readonly others:
    | { readonly local: TileServer; readonly warmTwo: TileServer; readonly coldTwo: TileServer }
    | undefined;
}

async function startOurs(
  options: BenchOptions,
  installation: Installation,
  slide: string,
  started: Started,
): Promise<Ours> {
  const warm = await installation.serve(cache(cacheMib.warm));
  const id = await installation.add(warm, slide);
  const cold = await installation.serve(cache(cacheMib.cold));
  const two = async (mib: number) =>
    tilesOf(await installation.start(2, cache(mib)), id, 'Telepath, 2 processes');
  const others =
    options.isShort === true
      ? undefined
      : {
          local: await started(startOursLocal(options, slide, cacheMib.warm)),
          warmTwo: await two(cacheMib.warm),
          coldTwo: await two(cacheMib.cold),
        };
  return { warm: tilesOf(warm, id), cold: tilesOf(cold, id), others };
}

/** Without a session there must be nothing to measure. @throws when a tile is given to whoever asks */
async function checkSignedIn(server: TileServer): Promise<string> {
  const { status } = await fetch(server.url + server.path({ level: 0, column: 0, row: 0 }));
  if (status !== 401) throw new Error(`a tile was answered ${status} to somebody who has not signed in`);
  return 'Telepath: a tile is answered 401 without the session’s cookie';
}

/** The peers that are installed. */
interface Peers {
  /** What Node itself costs; where there is time. */
  readonly bare?: { readonly memory: TileServer; readonly file: TileServer };
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
  const xml = (await fetchBytes(ours.url + dzi, ours.headers)).toString();
  const number = (name: string) => Number(new RegExp(`${name}="(\\d+)"`).exec(xml)?.[1]);
  return { size: { width: number('Width'), height: number('Height') }, tileSize: number('TileSize') };
}

/** Asks for everything, in as many connections as are measured: each process has a cache of its own. */
async function warmUp(options: BenchOptions, servers: readonly TileServer[], places: readonly TilePlace[]) {
  const { folder, seconds } = options;
  for (const server of servers) {
    const paths = places.map((place) => server.path(place));
    for (const path of paths) await fetchBytes(server.url + path, server.headers);
    await runWrk(server, { paths, connections: 32, seconds, folder });
  }
}

/**
 * Runs what is new to a process until it is compiled: services run for weeks. The second half of the tiles, so that what
 * was asked for is pushed out again before its turn.
 */
async function runIn({ folder, seconds }: BenchOptions, servers: readonly TileServer[], loads: Loads) {
  for (const server of servers)
    for (const places of [loads.rendered, loads.cold])
      await runWrk(server, {
        paths: places.slice(Math.floor(places.length / 2)).map((place) => server.path(place)),
        connections: 16,
        seconds,
        folder,
      });
}

/** Contests are told apart by their loads. */
interface Contest extends TileContest {
  readonly load: Load;
}

function contestsOf({ warm, cold, others }: Ours, peers: Peers): Contest[] {
  const { bare, nginx, iipsrv, openslide } = peers;
  const contest = (
    load: Load,
    what: string,
    connections: number,
    entries: readonly (readonly [id: string, server: TileServer | undefined, atLeast?: number])[],
    ours = load === 'warm' ? warm : cold,
  ): Contest => ({
    ...(load !== 'warm' && { madeAtOnce: load === 'cold' ? 1 : 16 }),
    load,
    what,
    connections,
    ours,
    peers: entries.flatMap(([id, server, atLeast]): Peer[] => {
      if (server === undefined) return [];
      return [[id, server, atLeast === undefined ? undefined : { of: 'ratio', atLeast }]];
    }),
  });
  return [
    contest('warm', 'warm tiles, recorded moves', 32, [
      ['serve.warm.nginx', nginx, 0.45],
      ['serve.warm.local', others?.local],
      ['serve.warm.bare', bare?.memory],
    ]),
    contest('cold', 'uncached tiles from disk', 16, [
      ['serve.cold.iipsrv', iipsrv, 15],
      ['serve.cold.openslide', openslide, 40],
      ['serve.cold.bare', bare?.file],
    ]),
    ...(others === undefined
      ? []
      : [
          // The gate's small slide fits into the least cache once it is rendered.
          contest('rendered', 'rendered tiles (2× level), uncached', 8, [
            ['serve.rendered.iipsrv', iipsrv, 1],
          ]),
          contest('warm', 'warm tiles, 2 processes', 32, [['serve.warm.two', warm]], others.warmTwo),
          contest('cold', 'uncached tiles, 2 processes', 32, [['serve.cold.two', cold]], others.coldTwo),
        ]),
  ];
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
