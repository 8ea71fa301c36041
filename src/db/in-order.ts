/** Runs what concerns the same thing one after the other, in the order of the calls; other things meanwhile. */
export class InOrder {
  /** The last work of each key that is not done yet. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** @returns what the work gives, once all work given before for this key has ended */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    // What failed before was told to its own caller.
    const mine = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
