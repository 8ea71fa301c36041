import { LiveLine } from './live-line.ts';
import type { Member, Said, SharedPointer, SharedView, Told } from './live-messages.ts';

/** How things stand with looking together. */
export interface TogetherState {
  readonly status: 'apart' | 'joining' | 'here' | 'interrupted';
  /** Why one is apart, when one did not leave oneself. */
  readonly why?: string;
  /** Id of oneself among the people. */
  readonly self?: string;
  /** Those who came first first. */
  readonly people: readonly Member[];
  /** What slides of the case are called. */
  readonly slides: ReadonlyMap<string, string>;
  /** What others show, by their ids. */
  readonly views: ReadonlyMap<string, SharedView>;
  readonly pointers: ReadonlyMap<string, SharedPointer>;
  /** Whom one follows. */
  readonly following?: string;
  /** Who asks to be followed. */
  readonly caller?: string;
  /** What is read out. */
  readonly said: string;
}

/** How long the page may be out of sight before one leaves by oneself, ms. */
const hiddenMs = 10 * 60_000;
/** How long a room is kept while the page goes from one slide of the case to another, ms. */
const graceMs = 4000;

const apart: TogetherState = {
  status: 'apart',
  people: [],
  slides: new Map(),
  views: new Map(),
  pointers: new Map(),
  said: '',
};

/**
 * Looking at one case together, as this window takes part in it. It outlives the change of slides.
 *
 * Nobody sees anything of this window before `join`, and nothing moves it but `follow`.
 */
export class Together {
  readonly #caseId: string;
  readonly #listeners = new Set<() => void>();
  #state = apart;
  #line: LiveLine | undefined;
  #ownView: SharedView | undefined;
  #users = 0;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(caseId: string) {
    this.#caseId = caseId;
  }

  get state(): TogetherState {
    return this.#state;
  }

  /** Calls `listener` after every change, as long as a viewer of the case is there. @returns stops that */
  use(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#users += 1;
    return () => {
      this.#listeners.delete(listener);
      this.#users -= 1;
      setTimeout(() => {
        if (this.#users === 0) this.leave();
      }, graceMs);
    };
  }

  /** Joins those who look at the case together. */
  join(): void {
    if (this.#line !== undefined) return;
    this.#change({ ...apart, status: 'joining', said: 'Joining' });
    this.#line = new LiveLine(this.#caseId, {
      told: (frame) => this.#take(frame),
      changed: (isOpen) => this.#lineChanged(isOpen),
      ended: (why) => this.#end(why),
    });
    document.addEventListener('visibilitychange', this.#watchHidden);
  }

  /** Leaves: nobody sees anything of this window any more. */
  leave(): void {
    this.#end(undefined);
  }

  /** Follows somebody, or nobody any more. */
  follow(whom: string | undefined): void {
    if (whom === this.#state.following) return;
    const { following: before, caller, ...rest } = this.#state;
    const name = this.#nameOf(whom ?? before);
    const said = whom === undefined ? `No longer following ${name}` : `Following ${name}`;
    const kept = caller !== undefined && caller !== whom ? { caller } : {};
    this.#change({ ...rest, ...kept, ...(whom !== undefined && { following: whom }), said });
    this.#line?.say({ kind: 'follow', whom: whom ?? null });
  }

  /** Asks all others to follow this window; each decides. */
  call(): void {
    this.follow(undefined);
    if (this.#ownView !== undefined) this.#line?.say({ kind: 'view', ...this.#ownView });
    this.#line?.say({ kind: 'call' });
    this.#change({ ...this.#state, said: 'The others are asked to follow you' });
  }

  /** Leaves somebody's call unanswered. */
  decline(): void {
    const { caller: _, ...rest } = this.#state;
    this.#change({ ...rest, said: '' });
  }

  /** Tells the others what is shown here; who follows somebody shows nothing of their own but the slide. */
  show(view: SharedView): void {
    const isOther = view.slideId !== this.#ownView?.slideId;
    this.#ownView = view;
    if (this.#state.following === undefined || isOther) this.#line?.say({ kind: 'view', ...view });
  }

  /** Tells the others where one points; undefined: nowhere. */
  point(pointer: SharedPointer | undefined): void {
    const message: Said = pointer === undefined ? { kind: 'no-pointer' } : { kind: 'pointer', ...pointer };
    this.#line?.say(message);
  }

  readonly #watchHidden = (): void => {
    clearTimeout(this.#hiddenTimer);
    if (!document.hidden) return;
    this.#hiddenTimer = setTimeout(
      () => this.#end('You left because this window was out of sight for ten minutes.'),
      hiddenMs,
    );
  };

  #lineChanged(isOpen: boolean): void {
    if (isOpen && this.#state.following !== undefined)
      this.#line?.say({ kind: 'follow', whom: this.#state.following });
    if (!isOpen)
      this.#change({
        ...this.#state,
        status: 'interrupted',
        pointers: new Map(),
        said: 'The line is interrupted',
      });
  }

  #end(why: string | undefined): void {
    if (this.#line === undefined) return;
    this.#line.close();
    this.#line = undefined;
    clearTimeout(this.#hiddenTimer);
    document.removeEventListener('visibilitychange', this.#watchHidden);
    this.#change({ ...apart, said: why ?? 'You left', ...(why !== undefined && { why }) });
  }

  #take(frame: readonly Told[]): void {
    let next = this.#state;
    for (const told of frame) next = this.#after(next, told);
    if (next !== this.#state) this.#change(next);
  }

  #after(state: TogetherState, told: Told): TogetherState {
    switch (told.kind) {
      case 'slides':
        return { ...state, slides: new Map(told.slides.map(({ id, title }) => [id, title])) };
      case 'room':
        return this.#withPeople(state, told);
      case 'view': {
        const { from, kind: _, ...view } = told;
        return { ...state, views: new Map(state.views).set(from, view) };
      }
      case 'pointer': {
        const { from, kind: _, ...pointer } = told;
        return { ...state, pointers: new Map(state.pointers).set(from, pointer) };
      }
      case 'no-pointer':
        return { ...state, pointers: without(state.pointers, (id) => id === told.from) };
      case 'call':
        if (told.from === state.following) return state;
        return { ...state, caller: told.from, said: `${this.#nameOf(told.from)} asks you to follow them` };
      default:
        return state;
    }
  }

  #withPeople(
    state: TogetherState,
    { self, people }: { readonly self: string; readonly people: readonly Member[] },
  ): TogetherState {
    const isHere = (id: string | undefined) => people.some((one) => one.id === id);
    const come = people.filter(({ id }) => id !== self && !state.people.some((one) => one.id === id));
    const gone = state.people.filter(({ id }) => id !== state.self && !isHere(id));
    // Who has just come does not know yet what is shown here.
    if (come.length > 0 && this.#ownView !== undefined && state.following === undefined)
      this.#line?.say({ kind: 'view', ...this.#ownView });
    const { following, caller, ...rest } = state;
    const said = [
      ...come.map(({ name }) => `${name} is here`),
      ...gone.map(({ name }) => `${name} has left`),
    ].join('. ');
    return {
      ...rest,
      status: 'here',
      self,
      people,
      views: without(state.views, (id) => !isHere(id)),
      pointers: without(state.pointers, (id) => !isHere(id)),
      ...(following !== undefined && isHere(following) && { following }),
      ...(caller !== undefined && isHere(caller) && { caller }),
      said: said === '' ? state.said : said,
    };
  }

  #nameOf(id: string | undefined): string {
    return this.#state.people.find((one) => one.id === id)?.name ?? 'somebody';
  }

  #change(next: TogetherState): void {
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}

function without<T>(map: ReadonlyMap<string, T>, isOut: (id: string) => boolean): ReadonlyMap<string, T> {
  return new Map([...map].filter(([id]) => !isOut(id)));
}

let current: { readonly caseId: string; readonly together: Together } | undefined;

/** Looking together at a case; the same for all slides of it. */
export function togetherOn(caseId: string): Together {
  if (current?.caseId === caseId) return current.together;
  current?.together.leave();
  current = { caseId, together: new Together(caseId) };
  return current.together;
}
