import type { Dirent } from 'node:fs';
import { readdir, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { etagOf, isAbsence, realPathWithin } from './folder-paths.ts';
import { isKey } from './keys.ts';
import type { ListedObject } from './store.ts';

/** Files looked at side by side. */
const batch = 32;

/**
 * The files below a folder whose path starts with `prefix`, in the order of their keys as bytes. Symbolic links
 * and names that are no keys are passed over.
 *
 * @param root real path of the folder
 */
export async function* listFiles(
  root: string,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ListedObject> {
  const base = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (await isPlainFolder(root, base)) yield* walk({ root, prefix, signal }, base);
}

/** Whether the folder is there, and no link is on the way to it. */
async function isPlainFolder(root: string, base: string): Promise<boolean> {
  const path = join(root, base.slice(0, -1));
  try {
    return (await realPathWithin(root, path)) === path;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

interface Walk {
  readonly root: string;
  readonly prefix: string;
  readonly signal: AbortSignal | undefined;
}

/** @param base path of the folder from the root, empty or with a slash at its end */
async function* walk(on: Walk, base: string): AsyncGenerator<ListedObject> {
  on.signal?.throwIfAborted();
  const entries = (await entriesOf(join(on.root, base)))
    .filter((entry) => isKey(base + entry.name))
    .map((entry) => ({ path: base + entry.name + (entry.isDirectory() ? '/' : ''), isFile: entry.isFile() }))
    .filter(({ path, isFile }) => path.startsWith(on.prefix) || (!isFile && on.prefix.startsWith(path)))
    // A folder sorts as its keys do: `a-b` < `a/b` < `a0`.
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  let files: string[] = [];
  for (const { path, isFile } of entries) {
    if (isFile) files.push(path);
    if (files.length === batch || !isFile) {
      yield* await look(on, files);
      files = [];
    }
    if (path.endsWith('/')) yield* walk(on, path);
  }
  yield* await look(on, files);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

async function look(on: Walk, paths: readonly string[]): Promise<ListedObject[]> {
  on.signal?.throwIfAborted();
  const found = await Promise.all(
    paths.map(async (key) => {
      try {
        const stats = await lstat(join(on.root, key), { bigint: true });
        return { key, size: Number(stats.size), etag: etagOf(stats) };
      } catch (error) {
        // Deleted meanwhile.
        if (isAbsence(error)) return undefined;
        throw error;
      }
    }),
  );
  return found.filter((object) => object !== undefined);
}
