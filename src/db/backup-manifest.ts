import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { ServiceError } from '../core/errors.ts';
import { errorCode } from '../storage/folder-paths.ts';

const manifestFile = 'manifest.json';
const count = z.int().nonnegative();
/** Names that can be file names, and need no quoting in SQL. */
const name = z.string().regex(/^[a-z_][a-z0-9_]*$/);

/** One file of a backup. `lines` are rows or objects. */
const file = z.strictObject({
  path: z.string().regex(/^(rows\/)?[a-z_][a-z0-9_]*\.jsonl$/),
  lines: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifest = z.strictObject({
  format: z.literal('telepath-backup'),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  /** The newest step of the schema the rows have. */
  schemaVersion: z.string(),
  /** In the order in which they can be filled: what is referred to comes first. */
  tables: z.array(z.strictObject({ name, file })),
  sequences: z.array(z.strictObject({ name, value: z.int() })),
  /** Null when only the rows were copied, because the objects are in a bucket. */
  objects: z.strictObject({ file, bytes: count }).nullable(),
});

/** One file of a backup: JSON lines, their number and hash. */
export type BackupFile = z.infer<typeof file>;
/** What a backup holds. Written last: a folder without it is no backup. */
export type BackupManifest = z.infer<typeof manifest>;

/** Writes lines to a file, durably. @param path from the folder of the backup, with slashes */
export async function writeLines(
  folder: string,
  path: string,
  lines: AsyncIterable<string>,
): Promise<BackupFile> {
  const hash = createHash('sha256');
  let count = 0;
  const counted = async function* () {
    for await (const line of lines) {
      const text = `${line}\n`;
      hash.update(text);
      count += 1;
      yield text;
    }
  };
  await writeFile(join(folder, path), counted(), { mode: 0o600, flag: 'wx', flush: true });
  return { path, lines: count, sha256: hash.digest('hex') };
}

/** Writes the manifest, which makes a folder a backup. */
export async function writeManifest(folder: string, content: BackupManifest): Promise<void> {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  await writeFile(join(folder, manifestFile), text, { mode: 0o600, flag: 'wx', flush: true });
}

/**
 * Reads a backup's manifest, and checks the files it names.
 *
 * @throws {ServiceError} `not-found` when the folder holds no backup, `damaged` when it is not as it was written
 */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch((cause: unknown) => {
    throw new ServiceError('not-found', `${folder}: no backup here (no ${manifestFile})`, { cause });
  });
  const parsed = manifest.safeParse(parseJson(text));
  if (!parsed.success)
    throw new ServiceError('damaged', `${folder}/${manifestFile}: ${z.prettifyError(parsed.error)}`);
  const { tables, objects } = parsed.data;
  for (const one of [...tables.map((table) => table.file), ...(objects ? [objects.file] : [])])
    await checkFile(folder, one);
  return parsed.data;
}

async function checkFile(folder: string, { path, sha256 }: BackupFile): Promise<void> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(join(folder, path)), hash);
  } catch (cause) {
    const reason = errorCode(cause) === 'ENOENT' ? 'is missing' : 'cannot be read';
    throw new ServiceError('damaged', `${folder}: ${path} ${reason}`, { cause });
  }
  if (hash.digest('hex') !== sha256)
    throw new ServiceError('damaged', `${folder}: ${path} is not as it was written`);
}

/** @returns undefined for what is no JSON */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
