import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import { slideKey } from '../core/objects.ts';
import type { SlideId } from '../core/slide.ts';
import { errorCode, syncFolder } from '../storage/folder-paths.ts';
import type { StoreSpec } from '../storage/byte-source.ts';
import { partialFolder } from '../storage/keys.ts';
import type { Store } from '../storage/store.ts';
import { readManifest, writeManifest } from './backup-manifest.ts';
import {
  backupObjects,
  objectsFolder,
  readObjectsList,
  restoreObjects,
  writeObjectsList,
  type CopiedObject,
} from './backup-objects.ts';
import { backupRows, checkEmpty, restoreRows } from './backup-rows.ts';
import type { SlideRecord } from './catalogue.ts';
import type { Database } from './database.ts';
import { appliedSteps, migrate } from './migrate.ts';

/** What is copied from, or to. */
export interface BackupParts {
  /** Opened with `migrates: false`: a backup changes nothing, and a restore begins with the backup's own schema. */
  readonly database: Database;
  readonly store: Store;
  readonly storeSpec: StoreSpec;
}

/**
 * Objects that a slide needs to be shown or converted, with their sizes where they are known.
 *
 * @param read an object as it was copied; undefined when it was not
 */
export type NeededObjects = (
  slide: SlideRecord,
  read: (key: string) => Promise<Buffer | undefined>,
) => Promise<readonly { readonly key: string; readonly size?: number }[]>;

/** What was copied or put back. */
export interface BackupSummary {
  readonly rows: number;
  /** Absent when only rows were copied, because the objects are in a bucket. */
  readonly objects?: { readonly count: number; readonly bytes: number };
}

/**
 * Copies the service's rows as of one moment, and of a folder store the objects they name, while the service runs.
 *
 * @param target a folder that is absent or empty; it appears when the backup is complete and on disk
 * @param needs tells what must be there for a slide; a backup without it fails
 * @throws {ServiceError} `conflict` when the folder is not empty, or a slide changed meanwhile: run it again
 */
export async function backup(
  parts: BackupParts,
  target: string,
  needs: NeededObjects,
): Promise<BackupSummary> {
  const folder = resolve(target);
  await checkAbsentOrEmpty(folder);
  const partial = join(dirname(folder), `.${basename(folder)}.${randomBytes(8).toString('hex')}`);
  try {
    await mkdir(join(partial, 'rows'), { recursive: true, mode: 0o700 });
    await mkdir(join(partial, objectsFolder), { mode: 0o700 });
    const summary = await writeBackup(parts, partial, needs);
    for (const one of ['rows', objectsFolder, '.']) await syncFolder(join(partial, one));
    await rmdir(folder).catch(ifAbsent);
    await rename(partial, folder);
    await syncFolder(dirname(folder));
    return summary;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function writeBackup(
  { database, store, storeSpec }: BackupParts,
  folder: string,
  needs: NeededObjects,
): Promise<BackupSummary> {
  const isUnused = await database.run(async (db) => (await appliedSteps(db)).length === 0);
  if (isUnused) await database.run((db) => migrate(db));
  const { slides, elsewhere, ...rows } = await backupRows(database, folder);
  const ids = new Set(slides.map(({ id }) => id));
  const copied =
    storeSpec.kind === 'folder' ? await backupObjects(store, storeSpec.root, folder, ids) : undefined;
  if (copied !== undefined) await checkNeeds({ slides, elsewhere }, copied, needs, folder);
  const objects = copied === undefined ? null : await writeObjectsList(folder, copied);
  const createdAt = new Date().toISOString();
  await writeManifest(folder, { format: 'telepath-backup', version: 1, createdAt, ...rows, objects });
  return summaryOf(rows.tables, copied);
}

/** @throws {ServiceError} `conflict` */
async function checkNeeds(
  {
    slides,
    elsewhere,
  }: { readonly slides: readonly SlideRecord[]; readonly elsewhere: ReadonlySet<SlideId> },
  copied: readonly CopiedObject[],
  needs: NeededObjects,
  folder: string,
): Promise<void> {
  const sizes = new Map(copied.map(({ key, size }) => [key, size]));
  const read = async (key: string) =>
    sizes.has(key) ? await readFile(join(folder, objectsFolder, key)) : undefined;
  for (const slide of slides)
    for (const { key, size } of await needs(slide, read)) {
      if (elsewhere.has(slide.id) && key.startsWith(slideKey(slide.id, 'original/'))) continue;
      const found = sizes.get(key);
      if (found === undefined || (size !== undefined && found !== size))
        throw new ServiceError(
          'conflict',
          `slide ${slide.id} changed while it was copied, or is incomplete (${key}: ${found ?? 'no'} bytes, ${size ?? 'some'} needed): run the backup again, and look at the slide if that does not help`,
        );
    }
}

/**
 * Puts a backup into an empty database and an empty store: wholly or not at all. The rows come last, in one
 * transaction, so that nothing is visible before everything is there. What was cut off can be run again.
 *
 * @throws {ServiceError} `conflict` when database or store are not empty; `damaged` when the backup is
 */
export async function restore(
  { database, store, storeSpec }: BackupParts,
  source: string,
): Promise<BackupSummary> {
  const folder = resolve(source);
  const manifest = await readManifest(folder);
  const objects = manifest.objects === null ? undefined : await readObjectsList(folder);
  await database.run((db) => checkEmpty(db, manifest.schemaVersion));
  const linkFolder = storeSpec.kind === 'folder' ? join(storeSpec.root, partialFolder) : dirname(folder);
  const takeBack = objects && (await restoreObjects(store, folder, objects, linkFolder));
  try {
    await restoreRows(database, folder, manifest);
  } catch (error) {
    await takeBack?.();
    throw error;
  }
  return summaryOf(manifest.tables, objects);
}

function summaryOf(
  tables: readonly { readonly file: { readonly lines: number } }[],
  copied: readonly CopiedObject[] | undefined,
): BackupSummary {
  const rows = tables.reduce((sum, { file }) => sum + file.lines, 0);
  if (copied === undefined) return { rows };
  return { rows, objects: { count: copied.length, bytes: copied.reduce((sum, { size }) => sum + size, 0) } };
}

/** @throws {ServiceError} `conflict` */
async function checkAbsentOrEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw new ServiceError('conflict', `${folder}: not a folder that can be written`, { cause: error });
  });
  if (entries.length > 0)
    throw new ServiceError('conflict', `${folder} is not empty: name a new folder for each backup`);
}

function ifAbsent(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}
