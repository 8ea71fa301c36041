import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../core/errors.ts';
import { toFolderError } from '../storage/folder-paths.ts';
import { localFile, type LocalFile } from './local-file.ts';

/** Ends of names that programs give to what they have not written to its end. */
const unfinished = /\.(tmp|temp|part|partial|filepart|crdownload|download|lock)$/i;

/** How complete files are told from others. */
export interface CompletenessOptions {
  readonly folder: string;
  /** How long a file must have been the same, ms. */
  readonly settleMs: number;
  /** End of the name of the empty file that is put beside a complete one; then nothing else counts. */
  readonly marker?: string | undefined;
  /** Told of a folder or file that can't be read, once until it can. */
  readonly onUnreadable: (path: string, reason: string) => void;
}

interface Seen {
  readonly file: LocalFile;
  /** When it was first seen as it is, ms of a clock that only goes forward. */
  readonly since: number;
}

/**
 * Files of a folder that somebody else writes into, told when nobody writes to them any more. Shares do not tell of
 * changes, and the clocks of two machines differ, so it looks again and again, and compares what it sees with itself.
 */
export class CompleteFiles {
  readonly #options: CompletenessOptions;
  #seen = new Map<string, Seen>();
  #unreadable = new Set<string>();

  constructor(options: CompletenessOptions) {
    this.#options = options;
  }

  /**
   * Looks once.
   *
   * @returns files that have not changed for long enough, in the order of their names
   * @throws {ServiceError} `unavailable` when the folder itself can't be read
   */
  async look(): Promise<readonly LocalFile[]> {
    const { folder, settleMs, marker } = this.#options;
    const names = await this.#walk(folder);
    const all = new Set(names);
    const now = performance.now();
    const seen = new Map<string, Seen>();
    for (const path of names) {
      if (unfinished.test(path) || (marker !== undefined && path.endsWith(marker))) continue;
      const file = await this.#fileAt(path);
      if (file === undefined || file.size === 0) continue;
      const before = this.#seen.get(path);
      const isSame = before?.file.size === file.size && before.file.mtimeNs === file.mtimeNs;
      seen.set(path, isSame ? before : { file, since: now });
    }
    this.#seen = seen;
    const isComplete = (path: string, { since }: Seen) =>
      marker === undefined ? now - since >= settleMs : all.has(path + marker);
    return [...seen].filter(([path, one]) => isComplete(path, one)).map(([, { file }]) => file);
  }

  async #walk(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      const known = toFolderError(error, folder);
      if (folder === this.#options.folder || !(known instanceof ServiceError)) throw known;
      this.#tell(folder, known);
      return undefined;
    });
    if (entries === undefined) return [];
    this.#unreadable.delete(folder);
    const paths: string[] = [];
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) paths.push(...(await this.#walk(path)));
      if (entry.isFile()) paths.push(path);
    }
    return paths;
  }

  /** @returns undefined when it vanished or can't be looked at */
  async #fileAt(path: string): Promise<LocalFile | undefined> {
    try {
      const file = await localFile(path);
      this.#unreadable.delete(path);
      return file;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (error.kind !== 'not-found') this.#tell(path, error);
      return undefined;
    }
  }

  #tell(path: string, { kind, message }: ServiceError): void {
    if (kind === 'not-found' || this.#unreadable.has(path)) return;
    this.#unreadable.add(path);
    this.#options.onUnreadable(path, message);
  }
}
