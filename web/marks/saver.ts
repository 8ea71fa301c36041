import { changeAnnotations, type Annotation, type AnnotationChange, type Drawn } from '../api/annotations.ts';
import { apiError, type ApiError } from '../api/request.ts';
import { pause, waitBefore } from '../uploads/back-off.ts';
import { verticesOf } from './draft.ts';
import type { Mark } from './shape.ts';

/** Whether all is kept: `saved` · `saving` · `waiting`: the service cannot be reached, and is asked again. */
export type SaveState = 'saved' | 'saving' | 'waiting';

/** What the saver is told and tells. */
export interface SaverParts {
  readonly drawn: Drawn;
  /** The mark as it is now; undefined: deleted. */
  readonly current: (id: string) => Mark | undefined;
  /** Something else is kept than what is shown: shows it. @param why in words for a person */
  readonly adopt: (id: string, mark: Mark | undefined, why: string) => void;
  readonly changed: () => void;
  /** Who is signed in now: who drew, nobody, or somebody else, for whom nothing of it is sent. @throws {ApiError} */
  readonly whoIsThere: () => Promise<'author' | 'nobody' | 'other'>;
}

/** Changes are collected for so long, ms. */
const quietMs = 700;
/** Of one request. */
const mostChanges = 500;
const mostVertices = 60_000;

interface Kept {
  readonly version: number;
  readonly mark: Mark | undefined;
}

/**
 * Sends changes to the service, in batches, until they are kept: again and again while it cannot be reached, and on
 * after the viewer was left.
 */
export class Saver {
  readonly #parts: SaverParts;
  /** What the service has, as far as is known. */
  readonly #kept = new Map<string, Kept>();
  /** What was sent last, while it is not known whether it arrived. */
  readonly #sent = new Map<string, Mark | undefined>();
  readonly #open = new Set<string>();
  #isRunning = false;
  #isWaiting = false;
  #wake: (() => void) | undefined;

  constructor(parts: SaverParts) {
    this.#parts = parts;
  }

  get state(): SaveState {
    if (this.#open.size === 0) return 'saved';
    return this.#isWaiting ? 'waiting' : 'saving';
  }

  /** Takes note of what the service has. */
  noteKept({ version, ...mark }: Annotation): void {
    this.#kept.set(mark.id, { version, mark });
  }

  /** Whether a mark has changes that are not kept yet. */
  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** Has a change kept. */
  add(ids: Iterable<string>): void {
    for (const id of ids) this.#open.add(id);
    if (!this.#isRunning) void this.#run();
    this.#parts.changed();
  }

  /** Sends what is open without waiting for more. */
  hurry(): void {
    this.#wake?.();
  }

  /** Resolves when all is kept. */
  async idle(): Promise<void> {
    while (this.#isRunning) {
      this.hurry();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    let failures = 0;
    while (this.#open.size > 0) {
      await this.#rest(failures === 0 ? quietMs : waitBefore(failures, undefined, Math.random()));
      try {
        if (failures > 0 && !(await this.#mayGoOn())) continue;
        await this.#sendBatch();
        failures = 0;
        this.#isWaiting = false;
      } catch (thrown) {
        const error = apiError(thrown);
        if (isFinal(error)) await this.#sendSingly(error);
        else {
          failures += 1;
          this.#isWaiting = true;
        }
      }
      this.#parts.changed();
    }
    this.#isRunning = false;
    this.#parts.changed();
  }

  /** After a failure: whether who drew is still signed in. What they left is never kept as somebody else's. */
  async #mayGoOn(): Promise<boolean> {
    const who = await this.#parts.whoIsThere();
    if (who === 'other') this.#open.clear();
    return who === 'author';
  }

  async #rest(ms: number): Promise<void> {
    const hurried = new AbortController();
    this.#wake = () => hurried.abort();
    await pause(ms, hurried.signal).catch(() => undefined);
    this.#wake = undefined;
  }

  async #sendBatch(): Promise<void> {
    const changes: AnnotationChange[] = [];
    let vertices = 0;
    for (const id of this.#open) {
      const change = this.#changeOf(id);
      if (change === undefined) {
        this.#open.delete(id);
        continue;
      }
      const more = change.op === 'put' ? verticesOf(change.geometry) : 0;
      if (changes.length > 0 && (changes.length === mostChanges || vertices + more > mostVertices)) break;
      vertices += more;
      changes.push(change);
    }
    await this.#send(changes);
  }

  /** After a batch was refused: all of it one by one, so that what is wrong is found and the rest is kept. */
  async #sendSingly(refusal: ApiError): Promise<void> {
    for (const id of [...this.#open].slice(0, mostChanges)) {
      const change = this.#changeOf(id);
      try {
        await this.#send(change === undefined ? [] : [change]);
      } catch (thrown) {
        const error = apiError(thrown);
        if (!isFinal(error)) return;
        this.#open.delete(id);
        this.#sent.delete(id);
        this.#parts.adopt(id, this.#kept.get(id)?.mark, `Not kept: ${error.message || refusal.message}`);
      }
    }
  }

  async #send(changes: readonly AnnotationChange[]): Promise<void> {
    if (changes.length === 0) return;
    const sent = new Map(changes.map(({ id }) => [id, this.#parts.current(id)]));
    for (const [id, mark] of sent) this.#sent.set(id, mark);
    const outcomes = await changeAnnotations(this.#parts.drawn, changes);
    for (const { id, outcome, version, current } of outcomes) {
      if (outcome === 'done' && version !== undefined) this.#noteDone(id, { version, mark: sent.get(id) });
      else if (outcome === 'conflict' && version !== undefined) this.#noteConflict(id, version, current);
      else this.#noteLost(id, outcome === 'forbidden');
    }
  }

  /** What has to be done so that the service has what is shown; undefined when it has it. */
  #changeOf(id: string): AnnotationChange | undefined {
    const mark = this.#parts.current(id);
    const kept = this.#kept.get(id);
    if (isSame(mark, kept?.mark)) return undefined;
    if (mark === undefined) return kept && { op: 'delete', id, version: kept.version };
    const { kind, geometry, label, colour, visibility } = mark;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ours can only be read, theirs is the same
    const sendable = geometry as Annotation['geometry'];
    const shape = { id, kind, geometry: sendable, label, colour, visibility };
    return { op: 'put', version: kept?.version ?? 0, ...shape };
  }

  #noteDone(id: string, kept: Kept): void {
    this.#kept.set(id, kept);
    this.#sent.delete(id);
    if (isSame(this.#parts.current(id), kept.mark)) this.#open.delete(id);
  }

  /** It has another version there: by our own request whose answer was lost, or from elsewhere. */
  #noteConflict(id: string, version: number, current: Annotation | undefined): void {
    const there = current === undefined ? undefined : markOf(current);
    const before = this.#kept.get(id);
    const isOurs = this.#sent.has(id) && isSame(there, this.#sent.get(id));
    this.#kept.set(id, { version, mark: there });
    if (isOurs && before?.version !== version) {
      if (isSame(there, this.#parts.current(id))) this.#open.delete(id);
      return;
    }
    this.#open.delete(id);
    this.#sent.delete(id);
    const why = there === undefined ? 'It was deleted elsewhere' : 'It was changed elsewhere';
    this.#parts.adopt(id, there, why);
  }

  #noteLost(id: string, isOthers: boolean): void {
    this.#open.delete(id);
    this.#sent.delete(id);
    this.#kept.delete(id);
    if (this.#parts.current(id) !== undefined)
      this.#parts.adopt(id, undefined, isOthers ? 'It is somebody else’s' : 'It is not there any more');
  }
}

/** Whether asking again would be answered the same. */
function isFinal({ status }: ApiError): boolean {
  return status >= 400 && status < 500 && status !== 401 && status !== 408 && status !== 429;
}

function markOf({ version: _version, ...mark }: Annotation): Mark {
  return mark;
}

/** Whether two marks are kept alike. */
function isSame(a: Mark | undefined, b: Mark | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a === b ||
    (a.label === b.label &&
      a.colour === b.colour &&
      a.visibility === b.visibility &&
      a.kind === b.kind &&
      (a.geometry === b.geometry || JSON.stringify(a.geometry) === JSON.stringify(b.geometry)))
  );
}
