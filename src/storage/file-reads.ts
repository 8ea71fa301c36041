import { read, readSync } from 'node:fs';

/** Longest range that is read without leaving the thread, bytes: larger ones cost more to copy than to hand over. */
const maxAtOnceBytes = 256 * 1024;
/** A read that takes longer did not come from the system's memory, ms. */
const slowMs = 1;
/** How long reads are handed over once the disk is slow, ms. Then it is tried again: slow disks cost 2 % at worst. */
const cautiousMs = 1000;
/** Among so many reads some slow ones mean a slow disk; fewer are a busy processor, which took the time for itself. */
const withinReads = 16;
/** So many, where the system did read from a disk meanwhile. */
const slowFromDisk = 2;
/** So many, where it cannot tell, as for folders of other machines. */
const slowFromAnywhere = 5;

/**
 * Reads of the files of one disk.
 *
 * A tile that the system holds in memory is there in 3 µs, while handing the read to another thread and back takes
 * some 20 µs (bench, serve). So reads are made on the spot until the disk turns out to be slow; from then on, for a
 * second, they are handed over, and nobody waits for somebody else's.
 */
export class FileReads {
  readonly #blocksRead: () => number;
  #blocks = 0;
  #cautiousUntil = 0;
  #reads = 0;
  /** Numbers of the last slow reads, the newest first. */
  #slow: readonly number[] = [];

  /** @param blocksRead what the system has read from disks for this process so far, in whatever unit */
  constructor(blocksRead: () => number = () => process.resourceUsage().fsRead) {
    this.#blocksRead = blocksRead;
  }

  /** Bytes of an open file from `offset`; undefined when it ends before the range does. */
  async exactly(fd: number, offset: number, length: number): Promise<Buffer | undefined> {
    if (this.isAtOnce(length)) return this.atOnce(fd, offset, length);
    return await readLater(fd, Buffer.allocUnsafeSlow(length), offset);
  }

  /** Whether a range of this length is read on the spot now. */
  isAtOnce(length: number): boolean {
    return length <= maxAtOnceBytes && performance.now() >= this.#cautiousUntil;
  }

  /** As {@link exactly}, on the spot, whatever the disk. @param lead bytes left free before those read */
  atOnce(fd: number, offset: number, length: number, lead = 0): Buffer | undefined {
    const bytes = Buffer.allocUnsafeSlow(lead + length);
    const started = performance.now();
    const isWhole = readNow(fd, bytes, lead, offset);
    const ended = performance.now();
    this.#reads += 1;
    if (ended - started > slowMs) this.#noteSlow(ended);
    return isWhole ? bytes : undefined;
  }

  #noteSlow(now: number): void {
    const blocks = this.#blocksRead();
    const isFromDisk = blocks > this.#blocks;
    this.#blocks = blocks;
    this.#slow = [this.#reads, ...this.#slow.slice(0, slowFromAnywhere - 1)];
    const first = this.#slow[(isFromDisk ? slowFromDisk : slowFromAnywhere) - 1];
    if (first !== undefined && this.#reads - first < withinReads) this.#cautiousUntil = now + cautiousMs;
  }
}

/** Fills a buffer from `lead` on. @returns whether the file has that many bytes */
function readNow(fd: number, bytes: Buffer, lead: number, offset: number): boolean {
  for (let at = lead; at < bytes.length;) {
    const count = readSync(fd, bytes, at, bytes.length - at, offset + at - lead);
    if (count === 0) return false;
    at += count;
  }
  return true;
}

/** By callback, because a FileHandle's promises cost a tile half as much again. */
function readLater(fd: number, bytes: Buffer, offset: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const readFrom = (done: number): void => {
      if (done === bytes.length) return resolve(bytes);
      read(fd, bytes, done, bytes.length - done, offset + done, (error, count) => {
        if (error !== null) reject(error);
        else if (count === 0) resolve(undefined);
        else readFrom(done + count);
      });
    };
    readFrom(0);
  });
}
