import type { FileHandle } from 'node:fs/promises';

/** A file kept open, and which version of it this is. */
export interface OpenFile {
  readonly handle: FileHandle;
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
}

interface Slot extends OpenFile {
  users: number;
  isForgotten: boolean;
  checkedAt: number;
}

/** What {@link OpenFiles} asks of the file system. */
export interface FileOpener {
  open(key: string): Promise<OpenFile>;
  /** The etag of what has that key now; undefined when nothing has. */
  etagNow(key: string): Promise<string | undefined>;
}

/** How long a file is used without looking whether another process replaced it, ms. */
const trustMs = 1000;

/**
 * The files read last, kept open: reading a tile is then one pread, without open or stat.
 *
 * A file is closed when the last call that uses it has ended. Another process's overwrite or delete is noticed
 * within a second, this process's at once ({@link OpenFiles.forget}).
 */
export class OpenFiles {
  readonly #opener: FileOpener;
  readonly #max: number;
  /** Least recently used first. */
  readonly #slots = new Map<string, Promise<Slot>>();
  /** Those of them that are open. */
  readonly #opened = new Map<string, Slot>();

  /** @param max descriptors kept open while nobody uses them */
  constructor(opener: FileOpener, max: number) {
    this.#opener = opener;
    this.#max = max;
  }

  /** Runs `work` on the open file, which stays open that long. */
  async use<T>(key: string, work: (file: OpenFile) => Promise<T>): Promise<T> {
    const slot = await this.#take(key);
    try {
      return await work(slot);
    } finally {
      slot.users -= 1;
      await closeIfDone(slot);
    }
  }

  /**
   * The file when it is open, and was looked at a moment ago: to be used at once, before anything else runs, because
   * nothing keeps it open.
   */
  atHand(key: string): OpenFile | undefined {
    const slot = this.#opened.get(key);
    return slot !== undefined && Date.now() - slot.checkedAt < trustMs ? slot : undefined;
  }

  /** Closes what is open under a key; the next use opens it anew. */
  forget(key: string): void {
    const pending = this.#slots.get(key);
    if (pending === undefined) return;
    this.#drop(key);
    void retireSoon(pending);
  }

  /** As {@link OpenFiles.forget}, unless the version that is open is this one. */
  async forgetUnless(key: string, etag: string | undefined): Promise<void> {
    const slot = await this.#slots.get(key)?.catch(() => undefined);
    if (slot !== undefined && slot.etag !== etag) this.forget(key);
  }

  /** Closes all that nobody uses, and the rest when its use ends. */
  async close(): Promise<void> {
    const pending = [...this.#slots.values()];
    this.#slots.clear();
    this.#opened.clear();
    await Promise.all(pending.map(retireSoon));
  }

  async #take(key: string): Promise<Slot> {
    for (;;) {
      const pending = this.#slots.get(key) ?? this.#open(key);
      this.#slots.delete(key);
      this.#slots.set(key, pending);
      const slot = await pending;
      if (slot.isForgotten) continue;
      slot.users += 1;
      if (Date.now() - slot.checkedAt < trustMs || (await this.#isCurrent(key, slot))) return slot;
      slot.users -= 1;
      if (this.#slots.get(key) === pending) this.#drop(key);
      await retire(slot);
    }
  }

  #open(key: string): Promise<Slot> {
    const pending = this.#opener
      .open(key)
      .then((file) => ({ ...file, users: 0, isForgotten: false, checkedAt: Date.now() }));
    this.#slots.set(key, pending);
    void this.#note(key, pending);
    if (this.#slots.size > this.#max) {
      const [oldest] = this.#slots.keys();
      if (oldest !== undefined) this.forget(oldest);
    }
    return pending;
  }

  /** Has a file at hand once it is open; one that failed to open is tried anew. */
  async #note(key: string, pending: Promise<Slot>): Promise<void> {
    const slot = await pending.catch(() => undefined);
    if (this.#slots.get(key) !== pending) return;
    if (slot === undefined) this.#drop(key);
    else this.#opened.set(key, slot);
  }

  #drop(key: string): void {
    this.#slots.delete(key);
    this.#opened.delete(key);
  }

  async #isCurrent(key: string, slot: Slot): Promise<boolean> {
    slot.checkedAt = Date.now();
    try {
      return (await this.#opener.etagNow(key)) === slot.etag;
    } catch {
      // Whatever keeps it from being looked at, opening it anew will say.
      return false;
    }
  }
}

/** Closes a file once it is open. One that failed to open has nothing to close, and told its callers why. */
async function retireSoon(pending: Promise<Slot>): Promise<void> {
  const slot = await pending.catch(() => undefined);
  if (slot !== undefined) await retire(slot);
}

async function retire(slot: Slot): Promise<void> {
  slot.isForgotten = true;
  await closeIfDone(slot);
}

async function closeIfDone(slot: Slot): Promise<void> {
  if (!slot.isForgotten || slot.users > 0) return;
  // Marked as used, so that it is closed once.
  slot.users = Number.POSITIVE_INFINITY;
  await slot.handle.close();
}
