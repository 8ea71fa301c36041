import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { indexObject, original, slideKey } from '../src/core/objects.ts';
import { decodeIndex } from '../src/pyramid/tile-index-codec.ts';
import type { IndexedLevel } from '../src/pyramid/tile-index.ts';
import { defaultLimits, s3Client } from '../src/storage/s3-client.ts';
import type { Ceph } from '../test/ceph.ts';
import type { TilePlace } from './peers/peer.ts';

/** Where in the bucket the slides of the benchmark lie. */
export const prefix = 'bench';
/** Requests under way at once, ours and raw. */
export const connections = 16;

/** A client as our store makes it. */
export function clientOf({ endpoint, bucket, accessKeyId, secretAccessKey }: Ceph): S3Client {
  const credentials = { accessKeyId, secretAccessKey };
  const spec = { kind: 's3', bucket, prefix, endpoint, region: 'default', forcePathStyle: true } as const;
  return s3Client({ ...spec, credentials }, defaultLimits);
}

/** Tiles of slide level 0 in the bucket. */
export interface Stored {
  readonly ceph: Ceph;
  readonly id: string;
  readonly level: IndexedLevel;
  readonly places: readonly TilePlace[];
}

/** One range GET. */
export async function rawTile(
  client: S3Client,
  { ceph, id, level }: Stored,
  place: TilePlace,
): Promise<Uint8Array> {
  const at = place.row * level.columns + place.column;
  const [offset = 0, length = 0] = [level.offsets[at], level.lengths[at]];
  const { Body } = await client.send(
    new GetObjectCommand({
      Bucket: ceph.bucket,
      Key: `${prefix}/${slideKey(id, original)}`,
      Range: `bytes=${offset}-${offset + length - 1}`,
    }),
  );
  if (Body === undefined) throw new Error('a range GET gave no body');
  return await Body.transformToByteArray();
}

/** Slide level 0 as the index in the bucket has it. */
export async function finestLevel(client: S3Client, ceph: Ceph, id: string): Promise<IndexedLevel> {
  const Key = `${prefix}/${slideKey(id, indexObject)}`;
  const { Body } = await client.send(new GetObjectCommand({ Bucket: ceph.bucket, Key }));
  if (Body === undefined) throw new Error('the index has no body');
  const { levels, objects } = decodeIndex(Buffer.from(await Body.transformToByteArray()));
  const [level] = levels;
  if (level === undefined || objects[level.object]?.name !== original)
    throw new Error('the slide has no tiles of its own: choose one of JPEG tiles');
  return level;
}

/** Whether a tile is served as it is stored: edge tiles are cropped, missing ones painted. */
export function isWhole(
  { size, tileSize, columns, lengths }: IndexedLevel,
  { column, row }: TilePlace,
): boolean {
  const isInside = (column + 1) * tileSize.width <= size.width && (row + 1) * tileSize.height <= size.height;
  return isInside && (lengths[row * columns + column] ?? 0) > 0;
}

/** Range GETs a second, as many under way as wrk has connections. */
export async function rawRate(client: S3Client, stored: Stored, seconds: number): Promise<number> {
  const started = performance.now();
  let count = 0;
  const reader = async () => {
    while (performance.now() - started < seconds * 1000) {
      const place = stored.places[count++ % stored.places.length];
      if (place !== undefined) await rawTile(client, stored, place);
    }
  };
  await Promise.all(Array.from({ length: connections }, reader));
  return count / ((performance.now() - started) / 1000);
}
