import {
  importAnnotations,
  listAnnotations,
  removeAnnotation,
  type Drawn,
  type ImportOutcome,
} from '../api/annotations.ts';
import { apiError, isAborted, type ApiError } from '../api/request.ts';
import { Changes } from './changes.ts';
import { History, type Step } from './history.ts';
import { MarkSet } from './mark-set.ts';
import { Saver, type SaveState, type SaverParts } from './saver.ts';
import type { Mark, Visibility } from './shape.ts';

/** Whether the marks of a slide are here. */
export type LoadState = 'loading' | 'ready' | ApiError;

/** Where marks are kept: on which slide, in which case; and who is there to keep them. */
export interface Keeping extends Pick<SaverParts, 'whoIsThere'> {
  readonly drawn: Drawn;
}

/** The marks on a slide: as they are, what was done to them, and how they are kept. */
export class Marks {
  readonly set = new MarkSet();
  readonly changes = new Changes();
  readonly #history = new History();
  readonly #keeping: Keeping | undefined;
  readonly #saver: Saver | undefined;
  #load: LoadState = 'loading';
  #notice = '';

  /** @param keeping absent: they are kept nowhere, and gone when the slide is left */
  constructor(keeping: Keeping | undefined) {
    this.#keeping = keeping;
    if (keeping === undefined) this.#load = 'ready';
    else
      this.#saver = new Saver({
        ...keeping,
        current: (id) => this.set.get(id),
        adopt: (id, mark, why) => this.#adopt(id, mark, why),
        changed: () => this.changes.tell(),
      });
  }

  get load(): LoadState {
    return this.#load;
  }

  /** Undefined where nothing is kept. */
  get saving(): SaveState | undefined {
    return this.#saver?.state;
  }

  get drawn(): Drawn | undefined {
    return this.#keeping?.drawn;
  }

  /** What a person has to be told. */
  get notice(): string {
    return this.#notice;
  }

  get canUndo(): boolean {
    return this.#history.canUndo;
  }

  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  /** Fetches what is drawn on the slide; what has changes that are not kept yet stays as it is. */
  async fetch(signal: AbortSignal): Promise<void> {
    if (this.#keeping === undefined) return;
    try {
      for await (const page of listAnnotations(this.#keeping.drawn, signal)) {
        for (const annotation of page) {
          if (this.#saver?.isOpen(annotation.id) === true) continue;
          this.#saver?.noteKept(annotation);
          const { version: _version, ...mark } = annotation;
          this.set.put(mark);
        }
        this.changes.tell();
      }
      this.#load = 'ready';
    } catch (error) {
      if (isAborted(error)) return;
      this.#load = apiError(error);
    }
    this.changes.tell();
  }

  /** Does something that can be undone, and has it kept. */
  act(steps: readonly Step[]): void {
    if (steps.length === 0) return;
    this.#history.note(steps);
    this.#apply(steps);
  }

  /** Takes the last act back. @returns what it was about; undefined when there is none */
  undo(): readonly Step[] | undefined {
    const steps = this.#history.undo();
    if (steps !== undefined) this.#apply(steps);
    return steps;
  }

  /** Does again what was taken back last. */
  redo(): readonly Step[] | undefined {
    const steps = this.#history.redo();
    if (steps !== undefined) this.#apply(steps);
    return steps;
  }

  /** Tells a person something, once. */
  say(notice: string): void {
    this.#notice = notice;
    this.changes.tell();
  }

  /** Resolves when all is kept. */
  async saved(): Promise<void> {
    await this.#saver?.idle();
  }

  /** Has what is open sent now. */
  hurry(): void {
    this.#saver?.hurry();
  }

  /** Deletes somebody else's, as administrators may; cannot be undone. @throws {ApiError} */
  async removeOthers(id: string): Promise<void> {
    if (this.#keeping === undefined) return;
    await removeAnnotation(this.#keeping.drawn, id);
    this.set.delete(id);
    this.changes.tell();
  }

  /** Adds what a GeoJSON file holds, as one act. @throws {ApiError} */
  async takeIn(file: unknown, visibility: Visibility, signal: AbortSignal): Promise<ImportOutcome> {
    if (this.#keeping === undefined) throw new Error('nothing is kept here');
    await this.saved();
    const outcome = await importAnnotations(this.#keeping.drawn, visibility, file);
    await this.fetch(signal);
    const steps = outcome.added.map((id) => ({ id, before: undefined, after: this.set.get(id) }));
    if (steps.length > 0) this.#history.note(steps);
    this.changes.tell();
    return outcome;
  }

  #apply(steps: readonly Step[]): void {
    for (const { id, after } of steps) {
      if (after === undefined) this.set.delete(id);
      else this.set.put(after);
    }
    this.#saver?.add(steps.map(({ id }) => id));
    this.changes.tell();
  }

  #adopt(id: string, mark: Mark | undefined, why: string): void {
    if (mark === undefined) this.set.delete(id);
    else this.set.put(mark);
    this.say(why);
  }
}
