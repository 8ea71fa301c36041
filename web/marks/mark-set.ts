import { BoxTree } from './box-tree.ts';
import { missOf } from './hit.ts';
import { boxOf, type Box, type Mark, type Position } from './shape.ts';

/** All marks of a slide, found by id and by place. */
export class MarkSet {
  readonly #marks = new Map<string, Mark>();
  #placed: { readonly tree: BoxTree; readonly marks: readonly Mark[] } | undefined;
  #listed: readonly Mark[] | undefined;

  get size(): number {
    return this.#marks.size;
  }

  get(id: string): Mark | undefined {
    return this.#marks.get(id);
  }

  /** Puts a mark in, or in the place of the one with its id. */
  put(mark: Mark): void {
    this.#marks.set(mark.id, mark);
    this.#forget();
  }

  delete(id: string): void {
    if (this.#marks.delete(id)) this.#forget();
  }

  /** All, the newest first. The same list until something changes. */
  list(): readonly Mark[] {
    this.#listed ??= [...this.#marks.values()].sort(
      (a, b) => b.addedAt.localeCompare(a.addedAt) || a.id.localeCompare(b.id),
    );
    return this.#listed;
  }

  /** Those whose boxes touch `box`, the largest first: small ones are drawn over large ones. */
  within(box: Box): readonly Mark[] {
    const { tree, marks } = this.#place();
    // Marks are placed by their size, so places are in that order.
    return tree
      .search(box)
      .sort((a, b) => a - b)
      .map((place) => marks[place]!); // search() gives places in marks
  }

  /** The mark that is meant by a place: the nearest line within reach; else the smallest that it lies in. */
  at(place: Position, reach: number): Mark | undefined {
    const [x, y] = place;
    const around = { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach };
    let best: { readonly mark: Mark; readonly miss: number } | undefined;
    for (const mark of this.within(around).toReversed()) {
      const miss = missOf(mark, place, reach);
      if (miss !== undefined && (best === undefined || miss < best.miss)) best = { mark, miss };
    }
    return best?.mark;
  }

  #place() {
    if (this.#placed !== undefined) return this.#placed;
    const marks = [...this.#marks.values()].sort((a, b) => sizeOf(b) - sizeOf(a));
    this.#placed = { marks, tree: new BoxTree(marks.map(({ geometry }) => boxOf(geometry))) };
    return this.#placed;
  }

  #forget(): void {
    this.#placed = undefined;
    this.#listed = undefined;
  }
}

function sizeOf({ geometry }: Mark): number {
  const { left, top, right, bottom } = boxOf(geometry);
  return (right - left) * (bottom - top);
}
