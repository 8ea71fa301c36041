import { read, readSync } from 'node:fs';

/** Longest range that is read without leaving the thread, bytes: larger ones cost more to copy than to hand over. */
const maxAtOnceBytes = 256 * 1024;
/** A read that takes longer did not come from the system's memory, ms. */
const slowMs = 1;
/** How long reads are handed over once the disk is slow, ms. Then it is tried again: slow disks cost 2 % at worst. */
const cautiousMs = 1000;
/** A slow read that follows a slow one within so many reads means a slow disk; one alone, a busy processor. */
const withinReads = 16;

/**
 * Reads of the files of one disk.
 *
 * A tile that the system holds in memory is there in 3 µs, while handing the read to another thread and back takes
 * some 20 µs (bench, serve). So reads are made on the spot until the disk turns out to be slow; from then on, for a
 * second, they are handed over, and nobody waits for somebody else's.
 */
export class FileReads {
  #cautiousUntil = 0;
  #readsSinceSlow = withinReads;

  /** Bytes of an open file from `offset`; undefined when it ends before the range does. */
  async exactly(fd: number, offset: number, length: number): Promise<Buffer | undefined> {
    if (this.isAtOnce(length)) return this.atOnce(fd, offset, length);
    return await readLater(fd, Buffer.allocUnsafeSlow(length), offset);
  }

  /** Whether a range of this length is read on the spot now. */
  isAtOnce(length: number): boolean {
    return length <= maxAtOnceBytes && performance.now() >= this.#cautiousUntil;
  }

  /** As {@link exactly}, on the spot, whatever the disk. */
  atOnce(fd: number, offset: number, length: number): Buffer | undefined {
    const bytes = Buffer.allocUnsafeSlow(length);
    const started = performance.now();
    const isWhole = readNow(fd, bytes, offset);
    const ended = performance.now();
    if (ended - started > slowMs) this.#noteSlow(ended);
    else this.#readsSinceSlow += 1;
    return isWhole ? bytes : undefined;
  }

  #noteSlow(now: number): void {
    if (this.#readsSinceSlow < withinReads) this.#cautiousUntil = now + cautiousMs;
    this.#readsSinceSlow = 0;
  }
}

/** @returns whether the file has that many bytes */
function readNow(fd: number, bytes: Buffer, offset: number): boolean {
  for (let done = 0; done < bytes.length;) {
    const count = readSync(fd, bytes, done, bytes.length - done, offset + done);
    if (count === 0) return false;
    done += count;
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
