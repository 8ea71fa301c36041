/** Tells who listens that something has changed. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  /** Calls `listener` after each change. @returns stops that */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Something has changed. */
  tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
