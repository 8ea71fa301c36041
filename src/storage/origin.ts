import { stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { sep } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import type { Origin, StoreSpec } from './byte-source.ts';

/** Where origins may lie, as its store is described: a folder or a part of a bucket. */
export type OriginRoot = StoreSpec;

/** Origin of a file in a bucket. */
export type BucketOrigin = Extract<Origin, { kind: 's3' }>;
/** Origin of a local file. */
export type FileOrigin = Extract<Origin, { kind: 'file' }>;
/** A part of a bucket in which origins may lie. */
export type BucketRoot = Extract<OriginRoot, { kind: 's3' }>;

/** Which version of a file this is. */
export function fileVersion({ size, mtimeNs }: Pick<BigIntStats, 'size' | 'mtimeNs'>): string {
  return `${mtimeNs.toString(36)}-${size.toString(36)}`;
}

/** Where an origin lies, spelled in one way: a path, or `s3://bucket/key`. It may name a patient: not for logs. */
export function placeOf(origin: Origin): string {
  return origin.kind === 'file' ? origin.path : `s3://${origin.bucket}/${origin.key}`;
}

/** What a person calls it: the last part of its place. */
export function originName(origin: Origin): string {
  const path = origin.kind === 'file' ? origin.path : origin.key;
  return path.split('/').at(-1) ?? path;
}

/** How a root is written in the configuration. */
export function rootName(root: OriginRoot): string {
  if (root.kind === 'folder') return root.root;
  return `s3://${root.bucket}${root.prefix === '' ? '' : `/${root.prefix}`}`;
}

/** Whether a path is a folder or lies in it; both real. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Whether a key is a prefix or lies below it. */
export function isBelow(prefix: string, key: string): boolean {
  return prefix === '' || key === prefix || key.startsWith(`${prefix}/`);
}

/** What is said of an origin that is not what it was. */
export function changedError(name: string): ServiceError {
  return new ServiceError(
    'damaged',
    `${name}: the file was changed where it lies since it was imported; import it again`,
  );
}

/** What is said of an origin that is not there any more; a share may be mounted again. */
export function goneError(name: string, cause?: unknown): ServiceError {
  return new ServiceError(
    'unavailable',
    `${name}: the file is not where it was imported from; put it back, or connect its share again`,
    { cause },
  );
}

/** What a local file is as an origin. @throws the system's error */
export async function fileOrigin(path: string): Promise<FileOrigin | undefined> {
  const stats = await stat(path, { bigint: true });
  if (!stats.isFile()) return undefined;
  return { kind: 'file', path, size: Number(stats.size), version: fileVersion(stats) };
}
