const smallest = 256 * 1024;
const largest = 16 * 1024 * 1024;
/** What a request should take, ms: what a broken line costs at most. */
const wantedMs = { least: 1000, most: 4000 } as const;

/**
 * How many bytes to send with one request. All of a request counts or nothing, so on a line that breaks often small
 * ones get through, and on a good one large ones cost least.
 */
export class ChunkLength {
  #bytes = 2 * 1024 * 1024;

  /** Bytes, 256 KiB to 16 MiB. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Notes what a request took, ms. */
  sent(ms: number): void {
    if (ms < wantedMs.least) this.#bytes = Math.min(largest, this.#bytes * 2);
    if (ms > wantedMs.most) this.#bytes = Math.max(smallest, this.#bytes / 2);
  }

  /** Notes that a request did not get through. */
  failed(): void {
    this.#bytes = Math.max(smallest, this.#bytes / 4);
  }
}
