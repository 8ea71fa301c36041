/**
 * Tiles fetched before they were needed, as they came, by their address. The least recently used go when there is
 * no room; whoever takes one has it decoded and kept by the viewer.
 */
export class KeptTiles {
  readonly #files = new Map<string, Blob>();
  readonly #maxBytes: number;
  #bytes = 0;

  /** @param maxBytes of all tiles together, as they came */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  has(url: string): boolean {
    return this.#files.has(url);
  }

  keep(url: string, file: Blob): void {
    this.#forget(url);
    this.#files.set(url, file);
    this.#bytes += file.size;
    for (const oldest of this.#files.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#forget(oldest);
    }
  }

  /** The tile, if it is here, which counts as used. */
  find(url: string): Blob | undefined {
    const file = this.#files.get(url);
    if (file === undefined) return undefined;
    this.#files.delete(url);
    this.#files.set(url, file);
    return file;
  }

  clear(): void {
    this.#files.clear();
    this.#bytes = 0;
  }

  #forget(url: string): void {
    this.#bytes -= this.#files.get(url)?.size ?? 0;
    this.#files.delete(url);
  }
}

/** What this page has fetched ahead, of whatever slides; the viewer's page clears it when it goes. */
export const keptTiles = new KeptTiles(48 * 2 ** 20);
