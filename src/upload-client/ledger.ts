import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ServiceError } from '../core/errors.ts';
import { errorCode, syncFolder, toFolderError } from '../storage/folder-paths.ts';

const Entry = z.object({
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  /** From the watched folder, with slashes. */
  path: z.string(),
  size: z.int().min(0),
  /** Of its last change, ns, in decimal digits. */
  mtimeNs: z.string(),
  /** Absent for what is no slide. */
  sha256: z.string().optional(),
  /** `sent` · `there` the service had it · `refused` it is no slide that can be taken. */
  fate: z.enum(['sent', 'there', 'refused']),
  slideId: z.string().optional(),
  reason: z.string().optional(),
});

/** What became of a file. */
export type LedgerEntry = z.infer<typeof Entry>;

/** A file as the ledger knows it by. */
export type LedgerKey = Pick<LedgerEntry, 'path' | 'size' | 'mtimeNs'>;

/**
 * What was done with each file, in a file of JSON lines that is only added to. A line is on disk before the next thing
 * is done; one that a crash cut off counts as not written.
 */
export class Ledger implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #byKey = new Map<string, LedgerEntry>();
  readonly #byHash = new Map<string, LedgerEntry>();
  /** Lines are written one after another. */
  #last: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens or makes it, with its folder. @throws {ServiceError} `unavailable` when it can't be written */
  static async open(path: string): Promise<Ledger> {
    try {
      await mkdir(dirname(path), { recursive: true });
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return '';
        throw error;
      });
      const ledger = new Ledger(await open(path, 'a', 0o600));
      await syncFolder(dirname(path));
      for (const line of text.split('\n')) ledger.#read(line);
      // What a crash cut off is ended, so that the next line stands by itself.
      if (text !== '' && !text.endsWith('\n')) await ledger.#write('\n');
      return ledger;
    } catch (error) {
      const known = toFolderError(error, path);
      if (!(known instanceof ServiceError)) throw known;
      throw new ServiceError('unavailable', `${known.message}; name another place with --ledger FILE`, {
        cause: error,
      });
    }
  }

  /** What became of a file that is as it is now; undefined for one that is new or was changed. */
  find(key: LedgerKey): LedgerEntry | undefined {
    return this.#byKey.get(keyOf(key));
  }

  /** What became of the same bytes under another name, when the service has them. */
  findContent(sha256: string): LedgerEntry | undefined {
    return this.#byHash.get(sha256);
  }

  /** Notes what became of a file; when this resolves it is on disk. @throws {ServiceError} `unavailable` */
  async add(entry: LedgerEntry): Promise<void> {
    const line = `${JSON.stringify(entry)}\n`;
    const written = this.#last.then(() => this.#write(line));
    this.#last = written.catch(() => {}); // its own caller is told
    try {
      await written;
    } catch (error) {
      throw toFolderError(error, 'the ledger');
    }
    this.#take(entry);
  }

  /** Closes it when the last line is written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  async #write(text: string): Promise<void> {
    await this.#file.appendFile(text);
    await this.#file.sync();
  }

  #read(line: string): void {
    try {
      const entry = Entry.safeParse(JSON.parse(line));
      if (entry.success) this.#take(entry.data);
    } catch {
      // Cut off by a crash: what it told of is done again, and the service says that it has it.
    }
  }

  #take(entry: LedgerEntry): void {
    this.#byKey.set(keyOf(entry), entry);
    if (entry.sha256 !== undefined && entry.fate !== 'refused') this.#byHash.set(entry.sha256, entry);
  }
}

function keyOf({ path, size, mtimeNs }: LedgerKey): string {
  return `${size} ${mtimeNs} ${path}`;
}
