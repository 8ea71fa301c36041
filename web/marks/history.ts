import type { Mark } from './shape.ts';

/** What a mark was and what it became; absent: there was none, or there is none any more. */
export interface Step {
  readonly id: string;
  readonly before: Mark | undefined;
  readonly after: Mark | undefined;
}

/** Most acts that can be undone. */
const longest = 200;

/** What was done, act by act, to be undone and done again. */
export class History {
  #done: (readonly Step[])[] = [];
  #undone: (readonly Step[])[] = [];

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** Notes an act; what was undone before is given up. */
  note(steps: readonly Step[]): void {
    this.#done = [...this.#done.slice(1 - longest), steps];
    this.#undone = [];
  }

  /** The last act, turned round; undefined when there is none. */
  undo(): readonly Step[] | undefined {
    const steps = this.#done.at(-1);
    if (steps === undefined) return undefined;
    this.#done = this.#done.slice(0, -1);
    this.#undone = [...this.#undone, steps];
    return steps.map(({ id, before, after }) => ({ id, before: after, after: before })).toReversed();
  }

  /** What was undone last, to be done again. */
  redo(): readonly Step[] | undefined {
    const steps = this.#undone.at(-1);
    if (steps === undefined) return undefined;
    this.#undone = this.#undone.slice(0, -1);
    this.#done = [...this.#done, steps];
    return steps;
  }
}
