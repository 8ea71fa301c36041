import { getDraft, saveDraft, type Draft, type DraftContent } from '../api/opinions.ts';
import { apiError } from '../api/request.ts';
import { mergeDrafts } from './merge.ts';

/** How a draft stands: `waiting` will be saved in a moment · `offline` is tried again by itself. */
export type DraftState = 'loading' | 'saved' | 'waiting' | 'saving' | 'offline' | 'failed';

/** What is known of a draft now. */
export interface DraftView {
  readonly state: DraftState;
  readonly content: DraftContent | undefined;
  readonly version: number;
  readonly proof: Draft['proof'] | undefined;
  /** ISO 8601. */
  readonly savedAt: string | undefined;
  /** What is wrong, for a person. */
  readonly problem: string | undefined;
}

/** Without a key for so long, what was typed is saved, ms. */
const calmMs = 900;
/** Waits before a try that failed for the line is made again, ms; the last for ever. */
const waitsMs = [2000, 5000, 10_000, 20_000] as const;

/** One's draft about a case: kept here while it is typed, saved by itself, merged with what other windows saved. */
export class DraftStore {
  readonly #caseId: string;
  readonly #listeners = new Set<() => void>();
  #view: DraftView = {
    state: 'loading',
    content: undefined,
    version: 0,
    proof: undefined,
    savedAt: undefined,
    problem: undefined,
  };
  /** As the service has it. */
  #base: DraftContent | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> | undefined;
  #failures = 0;

  constructor(caseId: string) {
    this.#caseId = caseId;
  }

  /** What is known now; another object after each change. */
  get view(): DraftView {
    return this.#view;
  }

  /** Whether something is not saved yet. */
  get isDirty(): boolean {
    return this.#view.content !== undefined && this.#view.content !== this.#base;
  }

  /** Whether anything shows it. */
  get isShown(): boolean {
    return this.#listeners.size > 0;
  }

  /** Calls `listener` after each change. @returns stops that */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Asks the service what it has: at first, and when this window is returned to. */
  async refresh(): Promise<void> {
    try {
      const found = await getDraft(this.#caseId);
      if (found.version !== this.#view.version || this.#base === undefined) this.#takeIn(found);
      else this.#set({ proof: found.proof });
      if (!this.isDirty) this.#set({ state: 'saved', problem: undefined });
    } catch (error) {
      if (this.#base === undefined) this.#fail(error);
    }
  }

  /** Changes what is written, and saves it in a moment. */
  edit(change: (content: DraftContent) => DraftContent): void {
    if (this.#view.content === undefined) return;
    this.#set({ content: change(this.#view.content), state: 'waiting' });
    this.#later(calmMs);
  }

  /** Saves now what is not saved. @returns whether all is saved */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    await this.#saving;
    for (let tries = 0; this.isDirty && tries < 3; tries++) {
      await this.#save();
      if (this.#view.state === 'offline' || this.#view.state === 'failed') return false;
    }
    return !this.isDirty;
  }

  #later(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(), waitMs);
  }

  async #save(): Promise<void> {
    if (this.#saving !== undefined) return await this.#saving;
    this.#saving = this.#send().finally(() => (this.#saving = undefined));
    await this.#saving;
  }

  async #send(): Promise<void> {
    const { content, version } = this.#view;
    if (content === undefined || !this.isDirty) return;
    this.#set({ state: 'saving' });
    try {
      const saved = await saveDraft(this.#caseId, version, content);
      this.#failures = 0;
      this.#base = content;
      this.#set({ version: saved.version, savedAt: saved.changedAt, proof: saved.proof, problem: undefined });
      if (this.isDirty) this.#later(calmMs);
      else this.#set({ state: 'saved' });
    } catch (error) {
      if (apiError(error).status === 409 && (await this.#merged())) return;
      this.#fail(error);
    }
  }

  /** Takes in what another window saved. @returns whether that was why saving failed */
  async #merged(): Promise<boolean> {
    try {
      const found = await getDraft(this.#caseId);
      if (found.version === this.#view.version) return false;
      this.#takeIn(found);
      this.#later(0);
      return true;
    } catch (error) {
      this.#fail(error);
      return true;
    }
  }

  #takeIn(found: Draft): void {
    const { content: here } = this.#view;
    const isDirty = this.isDirty && here !== undefined && this.#base !== undefined;
    const content = isDirty ? mergeDrafts(this.#base ?? found.content, here, found.content) : found.content;
    this.#base = found.content;
    this.#set({ content, version: found.version, proof: found.proof, savedAt: found.changedAt });
  }

  #fail(error: unknown): void {
    const { status, message } = apiError(error);
    const isLine = status === 0 || status === 429 || status >= 500;
    this.#set({ state: isLine ? 'offline' : 'failed', problem: message });
    if (!isLine) return;
    this.#later(waitsMs[Math.min(this.#failures, waitsMs.length - 1)] ?? calmMs);
    this.#failures += 1;
  }

  #set(change: Partial<DraftView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

const stores = new Map<string, DraftStore>();

/** The one draft of a case in this window, whoever shows it; forgotten when nobody does any more. */
export function draftOf(caseId: string): DraftStore {
  let store = stores.get(caseId);
  if (store === undefined) {
    store = new DraftStore(caseId);
    stores.set(caseId, store);
  }
  return store;
}

/** Forgets a draft that nothing shows any more: who comes next is somebody else, perhaps. */
export function forgetDraft(caseId: string): void {
  if (stores.get(caseId)?.isShown === false) stores.delete(caseId);
}
