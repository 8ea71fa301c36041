import { randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { ServiceError } from '../core/errors.ts';
import { exportsFolder } from '../core/objects.ts';
import type { SlideId } from '../core/slide.ts';
import { errorCode, syncFolder } from '../storage/folder-paths.ts';
import { checkKey, uploadsFolder } from '../storage/keys.ts';
import type { Store } from '../storage/store.ts';
import { writeLines, type BackupManifest } from './backup-manifest.ts';

/** Folder of the objects in a backup; objects have the paths there that they have in the store. */
export const objectsFolder = 'objects';
const objectsList = 'objects.jsonl';

const copied = z.strictObject({ key: z.string(), size: z.int().nonnegative() });
/** An object in a backup. */
export type CopiedObject = z.infer<typeof copied>;

/**
 * Puts the objects of a folder store into a backup: as hard links, which cost no room and no time, or as copies on
 * another disk. A store never writes into an object that is there, so neither changes the other.
 *
 * Tile indexes go first, because what they refer to is in the store before they are.
 *
 * @param root folder of the store
 * @param folder of the backup
 * @param ids slides of the rows in the backup; what belongs to others is left out
 */
export async function backupObjects(
  store: Store,
  root: string,
  folder: string,
  ids: ReadonlySet<SlideId>,
): Promise<readonly CopiedObject[]> {
  const target = join(folder, objectsFolder);
  const made = new Map<string, CopiedObject>();
  for (const takes of [(key: string) => key.endsWith('/index'), () => true])
    for await (const { key } of store.list('')) {
      if (made.has(key) || !takes(key) || !isWanted(key, ids)) continue;
      const path = join(target, key);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      if (await linkOrCopy(join(root, key), path)) made.set(key, { key, size: (await stat(path)).size });
    }
  const folders = new Set([...made.keys()].map((key) => dirname(join(target, key))));
  for (const one of folders) await syncFolder(one);
  return [...made.values()];
}

/** Writes the list of a backup's objects. */
export async function writeObjectsList(
  folder: string,
  objects: readonly CopiedObject[],
): Promise<NonNullable<BackupManifest['objects']>> {
  const lines = async function* () {
    for (const object of objects) yield JSON.stringify(object);
  };
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  return { file: await writeLines(folder, objectsList, lines()), bytes };
}

/**
 * The objects of a backup, all there and of the right size.
 *
 * @throws {ServiceError} `damaged`
 */
export async function readObjectsList(folder: string): Promise<readonly CopiedObject[]> {
  const objects: CopiedObject[] = [];
  for await (const line of createInterface({ input: createReadStream(join(folder, objectsList)) })) {
    const object = copied.parse(JSON.parse(line));
    const found = await stat(join(folder, objectsFolder, checkKey(object.key))).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found?.size !== object.size)
      throw new ServiceError(
        'damaged',
        `${folder}: object ${object.key} ${found === undefined ? 'is missing' : `has ${found.size} bytes instead of ${object.size}`}`,
      );
    objects.push(object);
  }
  return objects;
}

/**
 * Puts the objects of a backup into a store that has none but those, from a restore that was cut off.
 *
 * @param linkFolder on the disk of a folder store, for hard links
 * @returns takes back what was put
 * @throws {ServiceError} `conflict` when the store has others; then, and when a put fails, nothing is left there
 */
export async function restoreObjects(
  store: Store,
  folder: string,
  objects: readonly CopiedObject[],
  linkFolder: string,
): Promise<() => Promise<void>> {
  const sizes = new Map(objects.map(({ key, size }) => [key, size]));
  for await (const { key, size } of store.list(''))
    if (sizes.get(key) !== size)
      throw new ServiceError(
        'conflict',
        `${store.name} is not empty (there is ${key}): restore into an empty one, so that nothing is overwritten`,
      );
  const put: string[] = [];
  const takeBack = async () => {
    for (const key of put) await store.delete(key);
  };
  try {
    for (const { key } of objects) {
      put.push(key);
      const between = join(linkFolder, `restore-${randomBytes(8).toString('hex')}`);
      try {
        await linkOrCopy(join(folder, objectsFolder, key), between);
        await store.putFile(key, between, { move: true });
      } finally {
        await rm(between, { force: true });
      }
    }
  } catch (error) {
    await takeBack();
    throw error;
  }
  return takeBack;
}

/** Slides that the rows name; the first release's catalogue is rows by now. */
function isWanted(key: string, ids: ReadonlySet<SlideId>): boolean {
  const [kind, id = ''] = key.split('/');
  // An upload's file is still written to: its sender starts anew after a restore. Exports can be made again.
  return kind === 'slides' ? ids.has(id) : !['catalogue', uploadsFolder, exportsFolder].includes(kind ?? '');
}

/** @returns false when the file is gone */
async function linkOrCopy(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP'].includes(errorCode(error) ?? '')) throw error;
  }
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const file = await open(to, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}
