import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the shared test slides; the tests fail without it, they never skip. */
export const slidesFolder: string = resolve(
  process.env['TEST_SLIDES'] ?? fileURLToPath(new URL('../../shared/slides', import.meta.url)),
);
if (!existsSync(join(slidesFolder, 'MANIFEST.md')))
  throw new Error(`no test slides in ${slidesFolder}; set TEST_SLIDES to the folder that holds MANIFEST.md`);

/** Path of one shared slide. */
export function slidePath(name: string): string {
  return join(slidesFolder, name);
}

/** All files below some of its folders, relative to it, sorted. */
export async function slidesIn(...folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const entries = await readdir(slidePath(folder), { recursive: true, withFileTypes: true });
    for (const entry of entries)
      if (entry.isFile()) found.push(relative(slidesFolder, join(entry.parentPath, entry.name)));
  }
  return found.sort();
}
