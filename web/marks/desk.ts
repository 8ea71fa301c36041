import { Changes } from './changes.ts';
import { geometryOf, isComplete, pointsOf, simplified, withPoint, type Draft } from './draft.ts';
import type { Marks } from './marks.ts';
import {
  colours,
  kindWords,
  newMarkId,
  type Geometry,
  type Kind,
  type Mark,
  type Position,
} from './shape.ts';
import type { Visibility } from './shape.ts';

/** What somebody may do here. */
export interface Abilities {
  /** As the author of what they draw. */
  readonly name: string;
  readonly draws: boolean;
  /** Whether the slide says how large its pixels are. */
  readonly measures: boolean;
  /** Whether they say who sees what they draw: guests of a case draw for all who see it. */
  readonly choosesVisibility: boolean;
  /** Deletes what others drew. */
  readonly removes: boolean;
  /** The case in which the slide is looked at, whose people see what is drawn unless it is said otherwise. */
  readonly caseId: string | undefined;
}

/** A mark that is being changed: how it looks meanwhile. */
export interface Moving {
  readonly mark: Mark;
  readonly geometry: Geometry;
}

/** What is being done: the tool in hand, what is drawn with it, what is selected. */
export class Desk {
  readonly marks: Marks;
  readonly abilities: Abilities;
  readonly changes = new Changes();
  #isOpen = false;
  #tool: Kind | undefined;
  #draft: Draft | undefined;
  #selectedId: string | undefined;
  #moving: Moving | undefined;
  #cross: Position | undefined;
  #handle: number | undefined;
  #colour = colours[0]![0]; // there are colours
  #visibility: Visibility;

  constructor(marks: Marks, abilities: Abilities) {
    this.marks = marks;
    this.abilities = abilities;
    this.#visibility = abilities.caseId === undefined ? 'organisation' : 'case';
  }

  /** Whether the tools are shown. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get tool(): Kind | undefined {
    return this.#tool;
  }

  get draft(): Draft | undefined {
    return this.#draft;
  }

  get moving(): Moving | undefined {
    return this.#moving;
  }

  /** Where the keyboard's cross is. */
  get cross(): Position | undefined {
    return this.#cross;
  }

  /** Which point of the selected mark the keyboard moves. */
  get handle(): number | undefined {
    return this.#handle;
  }

  get colour(): string {
    return this.#colour;
  }

  get visibility(): Visibility {
    return this.#visibility;
  }

  get selected(): Mark | undefined {
    return this.#selectedId === undefined ? undefined : this.marks.set.get(this.#selectedId);
  }

  /** Whether the selected mark can be changed by who is there. */
  get canChange(): boolean {
    return this.selected !== undefined && this.selected.author.isMe && this.abilities.draws;
  }

  /** Whether a tool is of use here: where nothing is kept only what measures, where nobody draws nothing. */
  offers(kind: Kind): boolean {
    const { draws, measures } = this.abilities;
    if (this.marks.drawn !== undefined) return draws;
    return measures && kind !== 'arrow' && kind !== 'point' && kind !== 'text';
  }

  /** Shows the tools, or puts them away. */
  open(isOpen: boolean): void {
    this.#isOpen = isOpen;
    if (!isOpen) this.#letGo();
    this.changes.tell();
  }

  /** Takes a tool, or lays it down. */
  pick(tool: Kind | undefined): void {
    this.#letGo();
    this.#tool = tool;
    if (tool !== undefined) {
      this.#selectedId = undefined;
      this.#handle = undefined;
      this.#isOpen = true;
    }
    this.changes.tell();
  }

  select(id: string | undefined): void {
    if (this.#selectedId === id) return;
    this.#selectedId = id;
    this.#handle = undefined;
    this.#moving = undefined;
    this.changes.tell();
  }

  /** Colour of what is drawn from now on. */
  take(colour: string): void {
    this.#colour = colour;
    this.changes.tell();
  }

  /** For whom what is drawn from now on is. */
  drawFor(visibility: Visibility): void {
    this.#visibility = visibility;
    this.changes.tell();
  }

  /** Sets a point of what is drawn; finishes it where no more are wanted. */
  setPoint(place: Position): void {
    if (this.#tool === undefined) return;
    const draft = withPoint(this.#draft ?? { kind: this.#tool, points: [], next: undefined }, place);
    this.#draft = draft;
    if (isComplete(draft)) this.finish();
    else this.changes.tell();
  }

  /** The pointer is there. */
  hover(place: Position | undefined): void {
    if (this.#draft === undefined) return;
    this.#draft = { ...this.#draft, next: place };
    this.changes.tell();
  }

  /** Takes the last point back. @returns whether there was one */
  stepBack(): boolean {
    if (this.#draft === undefined) return false;
    const points = this.#draft.points.slice(0, -1);
    this.#draft = points.length === 0 ? undefined : { ...this.#draft, points };
    this.changes.tell();
    return true;
  }

  /** What was drawn becomes a mark, if it is one. @param tolerance points nearer than this to a line are left out, slide px */
  finish(tolerance = 0): void {
    const draft = this.#draft;
    if (draft === undefined) return;
    const { kind } = draft;
    const points = kind === 'freehand' ? simplified(draft.points, tolerance) : draft.points;
    const geometry = geometryOf({ kind, points, next: undefined });
    this.#draft = undefined;
    if (geometry === undefined) {
      this.marks.say(pointsOf(kind) === 'many' ? 'An area needs three points' : 'That was too short');
      this.changes.tell();
      return;
    }
    this.#add(kind, geometry);
  }

  /** Gives up what is being drawn. @returns whether anything was */
  cancel(): boolean {
    const was = this.#draft !== undefined || this.#moving !== undefined;
    this.#draft = undefined;
    this.#moving = undefined;
    if (was) this.changes.tell();
    return was;
  }

  /** Shows a mark elsewhere while it is moved. */
  move(mark: Mark, geometry: Geometry): void {
    this.#moving = { mark, geometry };
    this.changes.tell();
  }

  /** The mark that was moved stays there. */
  drop(): void {
    const moving = this.#moving;
    this.#moving = undefined;
    if (moving !== undefined && moving.geometry !== moving.mark.geometry)
      this.change(moving.mark, { geometry: moving.geometry });
    this.changes.tell();
  }

  /** Changes a mark, so that it can be undone. */
  change(mark: Mark, changes: Partial<Mark>): void {
    const after = { ...mark, ...changes };
    this.marks.act([{ id: mark.id, before: mark, after }]);
    this.changes.tell();
  }

  /** Deletes a mark of one's own, so that it can be undone. */
  remove(mark: Mark): void {
    this.marks.act([{ id: mark.id, before: mark, after: undefined }]);
    this.marks.say(`${kindWords[mark.kind]} deleted`);
    this.select(undefined);
  }

  /** Puts the keyboard's cross somewhere. */
  setCross(place: Position | undefined): void {
    this.#cross = place;
    if (this.#draft === undefined) this.changes.tell();
    else this.hover(place);
  }

  /** Takes a point of the selected mark by the keyboard, or lets it go. */
  takeHandle(at: number | undefined): void {
    this.#handle = at;
    this.changes.tell();
  }

  #letGo(): void {
    this.#tool = undefined;
    this.#draft = undefined;
    this.#cross = undefined;
  }

  #add(kind: Kind, geometry: Geometry): void {
    const { name } = this.abilities;
    const mark: Mark = {
      id: newMarkId(),
      kind,
      geometry,
      label: '',
      colour: this.#colour,
      visibility: this.#visibility,
      author: { name, isMe: true },
      addedAt: new Date().toISOString(),
    };
    this.marks.act([{ id: mark.id, before: undefined, after: mark }]);
    this.#selectedId = mark.id;
    // Words are typed next.
    if (kind === 'text') this.#letGo();
    this.changes.tell();
  }
}
