import type { Box } from './shape.ts';

/** Boxes of one node. */
const fanOut = 16;

/**
 * Finds which of many boxes touch a box, without looking at all: an R-tree, packed once in strips of equal numbers
 * along x, each sorted along y. For 10,000 boxes it takes some milliseconds to make and 32 bytes a box.
 */
export class BoxTree {
  /** left, top, right, bottom of each entry, level by level from the boxes up to the root. */
  readonly #sides: Float64Array;
  /** Of a box its place in what was given; of a node its first child. */
  readonly #refs: Uint32Array;
  /** Where each level ends, in entries. */
  readonly #ends: readonly number[];

  constructor(boxes: readonly Box[]) {
    this.#ends = levelEnds(boxes.length);
    const total = this.#ends.at(-1) ?? 0;
    this.#sides = new Float64Array(total * 4);
    this.#refs = new Uint32Array(total);
    packed(boxes).forEach((ref, at) => {
      const { left, top, right, bottom } = boxes[ref]!; // packed() gives places in boxes
      this.#sides.set([left, top, right, bottom], at * 4);
      this.#refs[at] = ref;
    });
    for (let level = 1; level < this.#ends.length; level++) this.#makeLevel(level);
  }

  /** Places, in what was given, of the boxes that touch `box`; in no order. */
  search({ left, top, right, bottom }: Box): number[] {
    const found: number[] = [];
    const sides = this.#sides;
    const waiting: (readonly [level: number, first: number, end: number])[] = [];
    const root = this.#ends.length - 1;
    if (root >= 0) waiting.push([root, this.#start(root), this.#ends[root]!]); // root is a level
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [level, first, end] = next;
      for (let at = first; at < end; at++) {
        const side = at * 4;
        if (sides[side]! > right || sides[side + 2]! < left) continue; // at < total
        if (sides[side + 1]! > bottom || sides[side + 3]! < top) continue;
        const ref = this.#refs[at]!;
        if (level === 0) found.push(ref);
        else waiting.push([level - 1, ref, Math.min(ref + fanOut, this.#ends[level - 1]!)]);
      }
    }
    return found;
  }

  #start(level: number): number {
    return level === 0 ? 0 : this.#ends[level - 1]!;
  }

  #makeLevel(level: number): void {
    let at = this.#start(level);
    for (let child = this.#start(level - 1); child < this.#ends[level - 1]!; child += fanOut) {
      const around = [Infinity, Infinity, -Infinity, -Infinity];
      const end = Math.min(child + fanOut, this.#ends[level - 1]!);
      for (let side = child * 4; side < end * 4; side += 4) {
        around[0] = Math.min(around[0]!, this.#sides[side]!);
        around[1] = Math.min(around[1]!, this.#sides[side + 1]!);
        around[2] = Math.max(around[2]!, this.#sides[side + 2]!);
        around[3] = Math.max(around[3]!, this.#sides[side + 3]!);
      }
      this.#sides.set(around, at * 4);
      this.#refs[at] = child;
      at += 1;
    }
  }
}

/** Where each level ends: the boxes, then nodes of nodes until there is one. */
function levelEnds(count: number): readonly number[] {
  if (count === 0) return [];
  const ends = [count];
  for (let size = count; size > 1;) {
    size = Math.ceil(size / fanOut);
    ends.push((ends.at(-1) ?? 0) + size);
  }
  return ends;
}

/** Places of boxes in an order in which neighbours lie together. */
function packed(boxes: readonly Box[]): readonly number[] {
  const byX = boxes.map((_, i) => i).sort((a, b) => across(boxes[a]!) - across(boxes[b]!));
  const strip = fanOut * Math.max(1, Math.ceil(Math.sqrt(boxes.length / fanOut)));
  const order: number[] = [];
  for (let at = 0; at < byX.length; at += strip)
    order.push(...byX.slice(at, at + strip).sort((a, b) => down(boxes[a]!) - down(boxes[b]!)));
  return order;
}

/** Twice where a box's middle is from left to right. */
function across({ left, right }: Box): number {
  return left + right;
}

/** Twice where a box's middle is from top to bottom. */
function down({ top, bottom }: Box): number {
  return top + bottom;
}
