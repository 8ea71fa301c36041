import { z } from 'zod';
import { ServiceError } from '../core/errors.ts';
import { filesObject, original, slideKey } from '../core/objects.ts';
import type { SlideId } from '../core/slide.ts';
import type { Store } from '../storage/store.ts';

/** Files that one slide may consist of. */
export const maxFiles = 2000;

/** A path within a slide's own folder: relative, with slashes, never upwards. */
export const FilePath = z
  .string()
  .min(1)
  .max(1024)
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused
  .refine((path) => !/[\\\u0000-\u001f\u007f]/.test(path), 'has characters that no path may have')
  .refine(
    (path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'must be a relative path, which does not lead upwards',
  );

const FileList = z.strictObject({
  version: z.literal(1),
  files: z
    .array(z.strictObject({ path: FilePath, size: z.int().min(0) }))
    .min(1)
    .max(maxFiles),
});

/** A file of a slide that consists of several; they stand in `original/0`, one behind the other, in this order. */
export interface SlideFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Notes which files a slide consists of. */
export async function writeFileList(store: Store, id: SlideId, files: readonly SlideFile[]): Promise<void> {
  const list = { version: 1, files: files.map(({ path, size }) => ({ path, size })) };
  await store.put(slideKey(id, filesObject), Buffer.from(JSON.stringify(list)));
}

/** Files of a slide that consists of several; undefined for one that is a single file. @throws {ServiceError} `damaged` */
export async function readFileList(store: Store, id: SlideId): Promise<readonly SlideFile[] | undefined> {
  const key = slideKey(id, filesObject);
  const head = await store.head(key);
  if (head === undefined) return undefined;
  const bytes = await store.read(key, 0, head.size);
  try {
    return FileList.parse(JSON.parse(bytes.toString())).files;
  } catch (cause) {
    throw new ServiceError('damaged', `${key}: no list of files; upload the slide again`, { cause });
  }
}

/**
 * Refuses a slide of several files: they are kept, and no reader here puts them together.
 *
 * @throws {ServiceError} `unsupported`, with what it seems to be
 */
export async function refuseSeveral(store: Store, id: SlideId): Promise<void> {
  const files = await readFileList(store, id);
  if (files === undefined) return;
  throw new ServiceError(
    'unsupported',
    `${await kindOf(store, id, files)} is received and kept, all of its ${files.length} files; this release cannot show it yet`,
  );
}

async function kindOf(store: Store, id: SlideId, files: readonly SlideFile[]): Promise<string> {
  if (files.some(({ path }) => /\.mrxs$/i.test(path))) return '3DHISTECH MIRAX (MRXS)';
  const [first] = files;
  const marked = first !== undefined && first.size >= 132;
  const head = marked ? await store.read(slideKey(id, original), 128, 4) : Buffer.alloc(0);
  return head.toString('latin1') === 'DICM' ? 'A DICOM series' : 'A folder of no kind known here';
}
