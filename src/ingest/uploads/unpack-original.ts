import { original, slideKey } from '../../core/objects.ts';
import type { SlideId } from '../../core/slide.ts';
import { objectSource } from '../../storage/sources.ts';
import type { Store } from '../../storage/store.ts';
import { writeFileList } from '../file-list.ts';
import { isArchive, openArchive } from './unpack.ts';
import type { UploadRows } from './upload-rows.ts';

/** What unpacking stands on. */
export interface UnpackParts {
  readonly store: Store;
  readonly rows: UploadRows;
  readonly maxUploadBytes: number;
}

/**
 * Replaces an original that is a ZIP archive by what it holds: one slide, or the files of one. Anything else stays.
 * Can be taken again after a crash: the archive is there until all of its files are.
 *
 * @throws {ServiceError} as `openArchive`; then the archive stays
 */
export async function unpackOriginal(parts: UnpackParts, id: SlideId, name: string): Promise<void> {
  const { store, rows, maxUploadBytes } = parts;
  const key = slideKey(id, original);
  const source = await objectSource(store, key, name);
  if (!(await isArchive(source))) return;
  const archive = await openArchive(source, maxUploadBytes);
  const { files } = archive;
  const [first] = files;
  const isSingle = files.length === 1 && first !== undefined;
  if (!isSingle) await writeFileList(store, id, files);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  await store.putStream(key, archive.bytes(), { size });
  await rows.rename(
    id,
    isSingle ? (first.path.split('/').at(-1) ?? name) : name.replace(/\.zip$/i, ''),
    size,
  );
}
