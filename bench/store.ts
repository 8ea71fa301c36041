import { readFile, stat } from 'node:fs/promises';
import { CopyObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { startCeph, type Ceph } from '../test/ceph.ts';
import { countingProxy } from './counting-proxy.ts';
import { Installation } from './installation.ts';
import type { BenchOptions } from './options.ts';
import { tilesOf } from './peers/ours.ts';
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
import type { Findings, Row, Target } from './result.ts';
import { inTurn, spreadOf } from './runs.ts';
import { fetchBytes, slideJson } from './service.ts';
import { sampleSlide, servedSlide } from './slides.ts';
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
  const installation = await Installation.create(options, environment(ceph));
  const raw = clientOf(ceph);
  try {
    const cold = await installation.serve({ TELEPATH_CACHE_MIB: '16' });
    const id = await installation.add(cold, slide);
    const level = await finestLevel(raw, ceph, id);
    const { size, deepZoom } = await slideJson(cold.url, id, cold.headers);
    const ground = { size, tileSize: deepZoom.tileSize };
    const traces = await readTraces();
    const places = replayOnce(traces, ground, { depth: 0, most: 20_000 }).filter((place) =>
      isWhole(level, place),
    );
    const server = tilesOf(cold, id);
    const checks = [await checkBytes(server, raw, { ceph, id, level, places: places.slice(0, 12) })];
    const perTile = await requestsPerTile(installation, ceph, id, places.slice(0, 500));
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
      await warmRow(options, installation, id, replayAll(traces, ground)),
      await importRow(options, ceph, raw),
    ];
    return { rows, curves: [], checks, missing: [], notes: [...notes] };
  } finally {
    raw.destroy();
    await installation.stop();
  }
}

const notes = [
  'Ceph keeps its objects in memory here and shares the machine’s cores with all contenders.',
  'The raw reader is a bare loop in one process; ours also answers HTTP to wrk, which takes CPU of its own.',
];

function environment(ceph: Ceph): Record<string, string> {
  return {
    TELEPATH_STORE: `s3://${ceph.bucket}/${prefix}`,
    TELEPATH_S3_ENDPOINT: ceph.endpoint,
    TELEPATH_S3_REGION: 'default',
    AWS_ACCESS_KEY_ID: ceph.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey,
  };
}

/** What we serve is the stored bytes behind the level's prefix. @throws when any tile is not */
async function checkBytes(server: TileServer, client: S3Client, stored: Stored): Promise<string> {
  for (const place of stored.places) {
    const raw = await rawTile(client, stored, place);
    const wanted = Buffer.concat([stored.level.prefix, raw.subarray(2)]);
    const got = await fetchBytes(server.url + server.path(place), server.headers);
    if (!wanted.equals(got))
      throw new Error(`tile ${place.column}_${place.row} is not what the bucket holds`);
  }
  return `${stored.places.length} tiles byte for byte what the bucket holds`;
}

/** Requests that reach S3 for each tile, once the slide is open. */
async function requestsPerTile(
  installation: Installation,
  ceph: Ceph,
  id: string,
  [first, ...places]: readonly TilePlace[],
): Promise<number> {
  const proxy = await countingProxy(ceph.endpoint);
  const service = await installation.serve({
    TELEPATH_S3_ENDPOINT: proxy.endpoint,
    TELEPATH_CACHE_MIB: '16',
  });
  try {
    const server = tilesOf(service, id);
    if (first !== undefined) await fetchBytes(server.url + server.path(first), server.headers);
    const before = proxy.requests();
    for (const place of places) await fetchBytes(server.url + server.path(place), server.headers);
    return (proxy.requests() - before) / places.length;
  } finally {
    await service.stop();
    await proxy.close();
  }
}

/** Warm tiles: the store makes no difference any more. */
async function warmRow(
  options: BenchOptions,
  installation: Installation,
  id: string,
  places: readonly TilePlace[],
): Promise<Row> {
  const service = await installation.serve({ TELEPATH_CACHE_MIB: '512' });
  try {
    const server = tilesOf(service, id);
    const paths = places.map((place) => server.path(place));
    for (const path of paths) await fetchBytes(server.url + path, server.headers);
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

const keyOf = (i: number) => `scans/${i}.svs`;

/** Slides a second that `telepath import s3://…` makes viewable, as it says itself; small ones, for Ceph's memory. */
async function importRow(options: BenchOptions, ceph: Ceph, raw: S3Client): Promise<Row> {
  const count = options.isQuick ? 50 : 300;
  const slide = await sampleSlide(options, 'svs', { width: 4096, height: 3072 });
  const { bucket: Bucket } = ceph;
  await raw.send(new PutObjectCommand({ Bucket, Key: keyOf(0), Body: await readFile(slide) }));
  const CopySource = `${Bucket}/${keyOf(0)}`;
  for (let i = 1; i < count; i += 1)
    await raw.send(new CopyObjectCommand({ Bucket, Key: keyOf(i), CopySource }));
  const from = `s3://${Bucket}/scans`;
  const rates: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const installation = await Installation.create(options, {
      ...environment(ceph),
      TELEPATH_IMPORT_FROM: from,
    });
    try {
      await installation.import(from, true); // makes the database
      rates.push((await installation.import(from)).perSecond);
    } finally {
      await installation.stop();
    }
  }
  const target: Target = { of: 'value', atLeast: 10 };
  const ours = { name: 'Telepath', spread: spreadOf(rates) };
  const note = `${count} slides of ${((await stat(slide)).size / 2 ** 20).toFixed(1)} MiB`;
  return { id: 'store.import', what: 'import in place, from S3', unit: 'slides/s', ours, target, note };
}
