import { openAsBlob } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { startCeph, type Ceph } from '../test/ceph.ts';
import { countingProxy } from './counting-proxy.ts';
import type { BenchOptions } from './options.ts';
import { missingOf, type TilePlace, type TileServer } from './peers/peer.ts';
import {
  clientOf,
  connections,
  finestLevel,
  isWhole,
  prefix,
  rawRate,
  rawTile,
  type Stored,
} from './raw-tiles.ts';
import type { Findings, Row } from './result.ts';
import { inTurn, spreadOf } from './runs.ts';
import { fetchBytes, serveFiles, slideJson, type OurService } from './service.ts';
import { servedSlide } from './slides.ts';
import { readTraces, replayAll, replayOnce } from './traces.ts';
import { runWrk } from './wrk.ts';

/** Tiles out of a real S3 service: requests each costs, and rate against range GETs of the same SDK. */
export async function benchStore(options: BenchOptions): Promise<Findings> {
  const needs = ['radosgw', 'ceph-mon', 'ceph-osd'].map((name) => ({
    program: `/usr/bin/${name}`,
    package: name,
  }));
  const missing = missingOf('S3', needs);
  if (missing.length > 0) return { rows: [], curves: [], checks: [], notes: [], missing };
  const ceph = await startCeph();
  try {
    return await compareStores(options, ceph);
  } finally {
    await ceph.stop();
  }
}

async function compareStores(options: BenchOptions, ceph: Ceph): Promise<Findings> {
  const slide = await servedSlide(options);
  const cold = await serveFiles(options, [], environment(ceph, ceph.endpoint, 16));
  const raw = clientOf(ceph);
  try {
    const id = await upload(cold, slide);
    const level = await finestLevel(raw, ceph, id);
    const { size, deepZoom } = await slideJson(cold.url, id);
    const ground = { size, tileSize: deepZoom.tileSize };
    const traces = await readTraces();
    const places = replayOnce(traces, ground, { depth: 0, most: 20_000 }).filter((place) =>
      isWhole(level, place),
    );
    const server = serverOf(cold, id);
    const checks = [await checkBytes(server, raw, { ceph, id, level, places: places.slice(0, 12) })];
    const perTile = await requestsPerTile(options, ceph, id, places.slice(0, 500));
    process.stdout.write('  cold tiles and raw range GETs\n');
    let next = 0;
    const found = await inTurn(options.rounds, {
      ours: async () => {
        const paths = [...places.slice(next), ...places.slice(0, next)].map((place) => server.path(place));
        const { folder, seconds } = options;
        const result = await runWrk(server, { paths, connections, seconds, folder });
        next = (next + result.answers) % places.length;
        return result.perSecond;
      },
      raw: () => rawRate(raw, { ceph, id, level, places }, options.seconds),
    });
    const rows: Row[] = [
      {
        id: 'store.requests',
        what: 'S3 requests per cold tile',
        unit: 'requests',
        ours: {
          name: 'Telepath',
          spread: spreadOf([perTile]),
        },
        target: {
          of: 'value',
          atMost: 1,
        },
      },
      {
        id: 'store.cold',
        what: 'cold tiles from S3',
        unit: 'tiles/s',
        ours: {
          name: 'Telepath',
          spread: spreadOf(found.ours),
        },
        peer: {
          name: 'raw range GETs',
          spread: spreadOf(found.raw),
        },
        target: {
          of: 'ratio',
          atLeast: 0.9,
        },
      },
      await warmRow(options, ceph, id, replayAll(traces, ground)),
    ];
    return { rows, curves: [], checks, missing: [], notes: [...notes] };
  } finally {
    raw.destroy();
    await cold.stop();
  }
}

const notes = [
  'Ceph keeps its objects in memory here and shares the machine’s cores with all contenders.',
  'The raw reader is a bare loop in one process; ours also answers HTTP to wrk, which takes CPU of its own.',
];

function environment(ceph: Ceph, endpoint: string, cacheMib: number): Record<string, string> {
  return {
    TELEPATH_STORE: `s3://${ceph.bucket}/${prefix}`,
    TELEPATH_S3_ENDPOINT: endpoint,
    TELEPATH_S3_REGION: 'default',
    AWS_ACCESS_KEY_ID: ceph.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey,
    TELEPATH_RENDER_AHEAD: 'false',
    TELEPATH_CACHE_MIB: String(cacheMib),
  };
}

/** Uploads the slide and waits until it can be viewed. @returns its id */
async function upload({ url }: OurService, slide: string): Promise<string> {
  const body = await openAsBlob(slide);
  const answer = await fetch(`${url}/slides?name=bench.svs`, { method: 'POST', body });
  const { id } = (await answer.json()) as { id: string };
  for (;;) {
    const { state } = await slideJson(url, id);
    if (state.kind === 'viewable') return id;
    if (state.kind === 'failed') throw new Error(`${slide}: ${state.reason}`);
    await sleep(200);
  }
}

function serverOf(service: OurService, id: string): TileServer {
  return {
    name: 'Telepath',
    url: service.url,
    pids: [service.daemon.pid],
    path: ({ level, column, row }) => `/slides/${id}_files/${level}/${column}_${row}.jpg`,
    stop: service.stop,
  };
}

/** What we serve is the stored bytes behind the level's prefix. @throws when any tile is not */
async function checkBytes(server: TileServer, client: S3Client, stored: Stored): Promise<string> {
  for (const place of stored.places) {
    const raw = await rawTile(client, stored, place);
    const wanted = Buffer.concat([stored.level.prefix, raw.subarray(2)]);
    const got = await fetchBytes(server.url + server.path(place));
    if (!wanted.equals(got))
      throw new Error(`tile ${place.column}_${place.row} is not what the bucket holds`);
  }
  return `${stored.places.length} tiles byte for byte what the bucket holds`;
}

/** Requests that reach S3 for each tile, once the slide is open. */
async function requestsPerTile(
  options: BenchOptions,
  ceph: Ceph,
  id: string,
  [first, ...places]: readonly TilePlace[],
): Promise<number> {
  const proxy = await countingProxy(ceph.endpoint);
  const service = await serveFiles(options, [], environment(ceph, proxy.endpoint, 16));
  try {
    const server = serverOf(service, id);
    if (first !== undefined) await fetchBytes(server.url + server.path(first));
    const before = proxy.requests();
    for (const place of places) await fetchBytes(server.url + server.path(place));
    return (proxy.requests() - before) / places.length;
  } finally {
    await service.stop();
    await proxy.close();
  }
}

/** Warm tiles: the store makes no difference any more. */
async function warmRow(
  options: BenchOptions,
  ceph: Ceph,
  id: string,
  places: readonly TilePlace[],
): Promise<Row> {
  const service = await serveFiles(options, [], environment(ceph, ceph.endpoint, 512));
  try {
    const server = serverOf(service, id);
    const paths = places.map((place) => server.path(place));
    for (const path of paths) await fetchBytes(server.url + path);
    const rates: number[] = [];
    const { folder, seconds, rounds } = options;
    for (let round = 0; round < rounds; round += 1)
      rates.push((await runWrk(server, { paths, connections: 32, seconds, folder })).perSecond);
    const ours = { name: 'Telepath', spread: spreadOf(rates) };
    return { id: 'store.warm', what: 'warm tiles, slide in S3', unit: 'tiles/s', ours };
  } finally {
    await service.stop();
  }
}
